/** The whole file: which keys there are and what kind of value each takes. Rules across keys are `check.ts`. */
import { z } from 'zod';
import { defaultLogLevel, defaultPort, defaultSocket, routerDefaults } from './defaults.ts';
import { dynamicPeersSchema, groupSchema, peerSchema } from './peer-schema.ts';
import { policySchema } from './policy-schema.ts';
import { standardCommunity } from './policy-words.ts';
import {
  asn,
  duration,
  filePath,
  flag,
  formatDuration,
  identifier,
  integer,
  listenAddress,
  oneOf,
  prefix,
  shown,
  text,
  unicastAddress,
} from './scalars.ts';

const restart = routerDefaults.gracefulRestart;

const routerGracefulRestart = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        restartTime: duration({ minimumSeconds: 1, maximumSeconds: 4095, source: 'RFC 4724 §3' })
          .optional()
          .meta({
            description: 'How long peers shall keep our routes while we restart.',
            default: formatDuration(restart.restartTimeSeconds),
          }),
        selectionDeferral: duration({ minimumSeconds: 1, maximumSeconds: 3600 })
          .optional()
          .meta({
            description:
              'After a restart, wait at most so long for End-of-RIB from all peers before routes are chosen.',
            default: formatDuration(restart.selectionDeferralSeconds),
          }),
        notification: flag().optional().meta({
          description: 'Also when a session ends with a NOTIFICATION or the hold timer (RFC 8538).',
          default: restart.notification,
        }),
      }),
    ],
    {
      error: ({ input }) =>
        `expected false or a map (restartTime, selectionDeferral, notification), not ${shown(input)}`,
    },
  )
  .optional()
  .meta({ description: 'Ask peers to keep our routes while we restart (RFC 4724).', default: false });

const nextHopSchema = z.strictObject({
  prefix: prefix().meta({ description: 'Next hops in here can be reached; the longest match counts.' }),
  cost: integer('a cost', 0, 4294967294)
    .optional()
    .meta({ description: 'IGP cost of the decision process.', default: routerDefaults.nextHopCost }),
});

const decisionSchema = z.strictObject({
  medMissing: oneOf(['best', 'worst']).optional().meta({
    description: 'A route without MED counts as the lowest (0) or the highest.',
    default: routerDefaults.decision.medMissing,
  }),
  alwaysCompareMed: flag().optional().meta({
    description: 'Compare MED also between routes from different neighbour ASes.',
    default: routerDefaults.decision.alwaysCompareMed,
  }),
  preferOldestExternal: flag().optional().meta({
    description: 'Between external routes that are equal so far, keep the oldest.',
    default: routerDefaults.decision.preferOldestExternal,
  }),
});

const routerSchema = z.strictObject({
  asn: asn().meta({ description: 'Our AS number.' }),
  routerId: identifier().meta({ description: 'BGP Identifier, one per AS (RFC 6286).' }),
  clusterId: identifier()
    .optional()
    .meta({ description: 'Cluster of the reflector (RFC 4456). Default: routerId.' }),
  listen: z
    .array(listenAddress(defaultPort))
    .optional()
    .meta({
      description:
        'Where peers may connect: "10.0.0.1:179", "[2001:db8::1]:179", "*:179". [] does not listen.',
      default: [`*:${defaultPort}`],
    }),
  clientToClientReflection: flag().optional().meta({
    description: 'Reflect routes from one client to another (RFC 4456).',
    default: routerDefaults.clientToClientReflection,
  }),
  nextHopResolution: oneOf(['none', 'static']).optional().meta({
    description: 'none: every next hop is good. static: only those in nextHops.',
    default: routerDefaults.nextHopResolution,
  }),
  nextHops: z
    .array(nextHopSchema)
    .optional()
    .meta({ description: 'The table for nextHopResolution static.' }),
  decision: decisionSchema.optional().meta({ description: 'Choices the decision process leaves open.' }),
  gracefulRestart: routerGracefulRestart,
  hostName: text(64)
    .optional()
    .meta({ description: 'Sent in the FQDN capability. Default: the name of the machine.' }),
});

const apiSchema = z.strictObject({
  socket: filePath()
    .optional()
    .meta({ description: 'Unix socket of the management API, mode 0600.', default: defaultSocket }),
  tcp: z
    .strictObject({
      listen: listenAddress(undefined).meta({
        description: 'Address and port, for example "127.0.0.1:8179".',
      }),
      tokenFile: filePath().meta({ description: 'File that holds the bearer token.' }),
    })
    .optional()
    .meta({ description: 'The management API over TCP too. Default: it is not.' }),
});

const networkSchema = z.strictObject({
  prefix: prefix().meta({ description: 'The prefix to announce.' }),
  nextHop: unicastAddress()
    .optional()
    .meta({ description: 'Next hop. Default: our own address on each session.' }),
  communities: z
    .array(standardCommunity())
    .optional()
    .meta({ description: 'Standard communities on the route, such as 65000:100 or no-export.' }),
  med: integer('a MED', 0, 4294967295).optional().meta({ description: 'MED. Default: none.' }),
  localPref: integer('a LOCAL_PREF', 0, 4294967295)
    .optional()
    .meta({ description: 'LOCAL_PREF. Default: 100.' }),
});

export const fileSchema = z.strictObject({
  version: z
    .literal(1, { error: ({ input }) => `this heliod reads version 1, not ${shown(input)}` })
    .meta({ description: 'Version of the file format.' }),
  router: routerSchema.meta({ description: 'The speaker itself.' }),
  api: apiSchema.optional().meta({ description: 'The management API.' }),
  peerGroups: z.array(groupSchema).optional().meta({ description: 'Keys that several peers share.' }),
  peers: z.array(peerSchema).optional().meta({ description: 'Peers by address.' }),
  dynamicPeers: z
    .array(dynamicPeersSchema)
    .optional()
    .meta({ description: 'Peers that may come from an address range.' }),
  networks: z.array(networkSchema).optional().meta({ description: 'Routes of our own.' }),
  policies: z
    .array(policySchema)
    .optional()
    .meta({ description: 'Policies by name, besides accept-all and reject-all, which are built in.' }),
  log: z
    .strictObject({
      level: oneOf(['trace', 'debug', 'info', 'warn', 'error'])
        .optional()
        .meta({ description: 'The least important messages that are logged.', default: defaultLogLevel }),
    })
    .optional()
    .meta({ description: 'Logging.' }),
});

/** A file with no mistakes, as written: no defaults filled in, groups not merged. */
export type ConfigFile = z.output<typeof fileSchema>;
