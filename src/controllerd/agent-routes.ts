/** What agents and guards ask: see controller/agent-protocol.ts. */
import { z } from 'zod';
import type { App } from '../api/http-app.ts';
import { longestWaitMs } from '../controller/agent-protocol.ts';
import { type ControllerContext, forbidden, Refused } from './context.ts';
import { maySpeakFor } from './grants.ts';
import { objectName, reportSchema } from './resource-schemas.ts';

const params = z.object({ gateway: objectName });
const number = z.coerce.number().int().min(0);

export function addAgentRoutes(app: App, { reconciler, grantOf }: ControllerContext): void {
  app.post(
    '/v1/agents/:gateway/report',
    { bodyLimit: 4 * 1024 * 1024, schema: { params, body: reportSchema } },
    async (request) => {
      const { gateway } = request.params;
      if (!maySpeakFor(grantOf(request), gateway)) throw forbidden(`to speak for ${gateway}`);
      if (request.body.gateway !== gateway)
        throw new Refused(400, 'OtherGateway', `the report is of ${request.body.gateway}`);
      const outcome = await reconciler.report(request.body);
      if (outcome.type === 'answer') return outcome.answer;
      if (outcome.type === 'fenced') throw new Refused(503, 'Fenced', 'another controller has the store');
      if (outcome.type === 'stale') throw new Refused(409, 'StaleReport', 'a later report has arrived');
      throw new Refused(404, 'NotFound', `nobody registered a gateway ${gateway}`);
    },
  );
  app.get(
    '/v1/agents/:gateway/changes',
    { schema: { params, querystring: z.object({ term: number, after: number, wait: number }) } },
    (request) => {
      const { gateway } = request.params;
      if (!maySpeakFor(grantOf(request), gateway)) throw forbidden(`to speak for ${gateway}`);
      const { term, after, wait } = request.query;
      return reconciler.changes({ term, revision: after }, Math.min(wait, longestWaitMs));
    },
  );
}
