/** The whole file: which keys there are and what kind of value each takes. Rules across keys are `check.ts`. */
import { z } from 'zod';
import { controllerSchema } from './controller-schema.ts';
import { defaultLogLevel, defaultSocket, tokenDefaults } from './defaults.ts';
import { listKeys, routerSchema, tenantSchema } from './instance-schema.ts';
import { filePath, listenAddress, oneOf, shown, tenantKey } from './scalars.ts';

const tokenSchema = z.strictObject({
  file: filePath().meta({ description: 'File that holds the bearer token.' }),
  tenant: tenantKey().optional().meta({
    description: 'Good for this tenant only: NAME for all its slots, NAME/SLOT for one. Default: all.',
  }),
  access: oneOf(['read', 'read-write'])
    .optional()
    .meta({ description: 'What may be done with it.', default: tokenDefaults.access }),
});

const apiSchema = z.strictObject({
  socket: filePath().optional().meta({
    description: 'Unix socket of the management API, mode 0600.',
    default: defaultSocket,
    tokenDefaults,
  }),
  tcp: z
    .strictObject({
      listen: listenAddress(undefined).meta({
        description: 'Address and port, for example "127.0.0.1:8179".',
      }),
      tokenFile: filePath()
        .optional()
        .meta({ description: 'File that holds the bearer token for everything. Required without tokens.' }),
      tokens: z
        .array(tokenSchema)
        .optional()
        .meta({ description: 'More tokens, each with what it is good for.' }),
    })
    .optional()
    .meta({ description: 'The management API over TCP too. Default: it is not.' }),
});

export const fileSchema = z.strictObject({
  version: z
    .literal(1, { error: ({ input }) => `this heliod reads version 1, not ${shown(input)}` })
    .meta({ description: 'Version of the file format.' }),
  router: routerSchema.optional().meta({
    description:
      'The speaker itself: the default instance. Required where there are neither tenants nor a controller.',
  }),
  api: apiSchema.optional().meta({ description: 'The management API.' }),
  ...listKeys,
  log: z
    .strictObject({
      level: oneOf(['trace', 'debug', 'info', 'warn', 'error'])
        .optional()
        .meta({ description: 'The least important messages that are logged.', default: defaultLogLevel }),
    })
    .optional()
    .meta({ description: 'Logging.' }),
  controller: controllerSchema.optional().meta({
    description:
      'Serve the tenants that a network controller gives to this gateway, beside those of the file. Linux, as root.',
  }),
  tenants: z.array(tenantSchema).optional().meta({
    description: 'More routing instances, each with its own sockets, tables, policies and limits.',
  }),
});

/** A file with no mistakes, as written: no defaults filled in, groups not merged. */
export type ConfigFile = z.output<typeof fileSchema>;
