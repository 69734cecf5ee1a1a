/**
 * The keys of one routing instance: those of the `router` block, and of a tenant, which has the same keys and says
 * besides who it is and where its sockets are. Rules across keys are `check.ts` and `check-tenants.ts`.
 */
import { z } from 'zod';
import { defaultPort, fibDefaults, routerDefaults, stationDefaults, tenantDefaults } from './defaults.ts';
import { dynamicPeersSchema, groupSchema, peerSchema } from './peer-schema.ts';
import { policySchema } from './policy-schema.ts';
import { standardCommunity } from './policy-words.ts';
import {
  asn,
  deviceName,
  duration,
  flag,
  formatDuration,
  identifier,
  integer,
  listenAddress,
  name,
  namespaceName,
  oneOf,
  prefix,
  routeDistinguisher,
  routeTarget,
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
  multipath: integer('a number of paths', 1, 64).optional().meta({
    description: 'Install so many next hops where routes are equal up to the IGP cost.',
    default: routerDefaults.decision.multipath,
  }),
});

const limitsSchema = z.strictObject({
  routes: integer('a number of routes', 1, 4294967295).optional().meta({
    description:
      'The most routes taken from all peers together; what comes above is dropped, sessions stay. Default: none.',
  }),
  peers: integer('a number of peers', 1, 1_000_000).optional().meta({
    description: 'The most peers, configured and dynamic; more are refused. Default: none.',
  }),
  updatesPerSecond: integer('a number of UPDATE messages', 1, 10_000_000).optional().meta({
    description:
      'The most UPDATE messages taken per second from all peers together; peers that send faster are slowed down. Default: none.',
  }),
});

const fibSchema = z.strictObject({
  install: flag().optional().meta({
    description: 'Install best routes, with protocol bgp.',
    default: fibDefaults.install,
  }),
  table: integer('a routing table', 1, 4294967295).optional().meta({
    description: 'Kernel routing table. Default: 254 (main); the table of the VRF must be given with device.',
  }),
  metric: integer('a metric', 1, 4294967295).optional().meta({
    description: 'Metric of the installed routes.',
    default: fibDefaults.metric,
  }),
});

const routerKeys = {
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
  nextHopResolution: oneOf(['none', 'static', 'kernel']).optional().meta({
    description:
      'none: every next hop is good. static: only those in nextHops. kernel: those that the routes of its place lead to.',
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
  limits: limitsSchema.optional().meta({ description: 'What the instance may take of the daemon.' }),
  fib: fibSchema
    .optional()
    .meta({ description: 'Best routes into the kernel. Default: nothing is installed.' }),
};

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

const stationSchema = z.strictObject({
  station: listenAddress(undefined).meta({
    description: 'Address and port of the station: "192.0.2.9:11019", "[2001:db8::9]:11019".',
  }),
  name: name('station').optional().meta({
    description: 'What the operator calls it. Default: its address and port.',
  }),
  monitor: z
    .array(oneOf(['pre-policy', 'post-policy', 'loc-rib']))
    .optional()
    .meta({
      description:
        'pre-policy: routes as peers sent them. post-policy: as they were accepted. loc-rib: the best ones (RFC 9069).',
      default: [...stationDefaults.monitor],
    }),
  statistics: duration({ minimumSeconds: 1, maximumSeconds: 86_400, zero: true })
    .optional()
    .meta({
      description: 'How often Statistics Reports are sent; 0s sends none.',
      default: formatDuration(stationDefaults.statisticsSeconds),
    }),
  localAddress: unicastAddress()
    .optional()
    .meta({ description: 'Our end of the connection. Default: what the system chooses.' }),
});

/** What stands beside `router` for the default instance, and in a tenant. */
export const listKeys = {
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
  bmp: z
    .array(stationSchema)
    .optional()
    .meta({ description: 'Monitoring stations that we connect to and tell our routes (RFC 7854).' }),
};

export const routerSchema = z.strictObject(routerKeys);

export const tenantSchema = z.strictObject({
  name: name('tenant').meta({ description: 'Who the instance belongs to.' }),
  slot: name('slot').optional().meta({
    description: 'Which of several instances of the tenant in this daemon.',
    default: tenantDefaults.slot,
  }),
  netns: namespaceName().optional().meta({
    description: 'Network namespace of its sockets and routes (ip netns). Default: that of the daemon.',
  }),
  device: deviceName().optional().meta({
    description: 'Device or VRF device its sockets are bound to. Not together with netns.',
  }),
  rd: routeDistinguisher().optional().meta({
    description:
      'Route distinguisher of its routes in VPNs (RFC 4364), such as "65000:100". Default: in none.',
  }),
  importTargets: z.array(routeTarget()).optional().meta({
    description: 'VPN routes with any of these route targets come in.',
  }),
  exportTargets: z.array(routeTarget()).optional().meta({
    description: 'Route targets of its own routes in VPNs; with none, nothing leaves it.',
  }),
  ...routerKeys,
  ...listKeys,
});

export type RouterKeys = z.output<typeof routerSchema>;
export type TenantKeys = z.output<typeof tenantSchema>;
const lists = z.strictObject(listKeys);
/** Peers, networks, policies: of the file as a whole, or of a tenant. */
export type InstanceLists = z.output<typeof lists>;
