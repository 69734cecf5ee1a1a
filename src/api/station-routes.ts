/** Handler over the monitoring stations of one instance: who is there, what each was told, and why one is not there. */
import { z } from 'zod';
import { chooseInstance } from './choose-instance.ts';
import type { ApiContext } from './context.ts';
import type { App } from './http-app.ts';
import { problemSchema, tenantQuerySchema } from './schemas.ts';

const count = z.int();

export const stationSchema = z.object({
  name: z.string(),
  address: z.string(),
  port: count,
  monitor: z.array(z.string()).readonly(),
  state: z.enum(['connecting', 'connected', 'waiting', 'stopped']),
  since: z.number().describe('Host milliseconds'),
  retryAt: z.number().optional().describe('Host milliseconds of the next try'),
  lastError: z.string().optional(),
  connections: count.describe('How often it was connected'),
  synchronised: z.boolean().describe('It was told all that there is'),
  owed: count.describe('Routes that wait for it to read'),
  counters: z
    .object({ messages: count, octets: count, announced: count, withdrawn: count })
    .describe('Of the present or last connection'),
});

const stationsSchema = z.object({
  now: z.number().describe('Host milliseconds'),
  stations: z.array(stationSchema).readonly(),
});

export function addStationRoutes(app: App, { instances }: ApiContext): void {
  app.get(
    '/v1/bmp',
    {
      config: { perTenant: true },
      schema: { querystring: tenantQuerySchema, response: { 200: stationsSchema, '4xx': problemSchema } },
    },
    (request) => {
      const port = chooseInstance(instances, request, request.query.tenant);
      return { now: instances.now(), stations: port.stations?.() ?? [] };
    },
  );
}
