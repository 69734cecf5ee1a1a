/**
 * The shapes of the management API as zod schemas: what requests are checked against and what the OpenAPI page
 * says of the answers. The types of the answers are those of speaker/views.ts; a test holds the two together.
 */
import { z } from 'zod';
import { topics } from './event-hub.ts';
import { problemCodes } from './problem.ts';

const text = z.string();
const count = z.int();
const texts = z.array(text).readonly();
const milliseconds = z
  .number()
  .describe('Milliseconds of the daemon’s monotonic clock; see `now` of /v1/status and /v1/peers');

function list<T extends z.ZodType>(item: T) {
  return z.array(item).readonly();
}

export const statusSchema = z.object({
  version: text,
  asn: count,
  routerId: text,
  clusterId: text,
  now: milliseconds,
  startedAt: milliseconds,
  peers: z.object({ configured: count, established: count, dynamic: count, adminDown: count }),
  families: list(z.object({ family: text, prefixes: count, paths: count })),
  memory: z.object({ attributeSets: count, paths: count, ribBytes: z.number() }),
  busy: z.boolean(),
  updateGroups: list(
    z.object({ family: text, members: count, lagging: count, routes: count, description: text }),
  ),
});

const messageCounts = z.object({
  open: count,
  update: count,
  notification: count,
  keepalive: count,
  routeRefresh: count,
});

const peerFamily = z.object({
  family: text,
  received: count,
  accepted: count,
  best: count,
  sent: count,
  stale: count,
  endOfRibReceived: z.boolean(),
  endOfRibSent: z.boolean(),
  maxPrefixes: count.optional(),
});

export const peerSchema = z.object({
  address: text,
  description: text,
  group: text.optional(),
  remoteAs: count,
  localAs: count,
  role: z.enum(['client', 'non-client', 'external']),
  dynamic: z.boolean(),
  passive: z.boolean(),
  state: z.enum(['idle', 'connect', 'active', 'open-sent', 'open-confirm', 'established', 'admin-down']),
  since: milliseconds,
  establishedCount: count,
  routerId: text.optional(),
  localAddress: text.optional(),
  holdTimeSeconds: z.number().optional(),
  keepaliveSeconds: z.number().optional(),
  reason: text.optional().describe('Why it is not up, or why nothing is exchanged although it is'),
  lastDown: z
    .object({ at: milliseconds, text, reason: z.looseObject({ type: text }) })
    .optional()
    .describe('Octets in `reason` are hexadecimal'),
  families: list(peerFamily),
  capabilities: z.object({ local: texts, remote: texts }).optional(),
  messages: z.object({ received: messageCounts, sent: messageCounts }),
  importPolicy: text,
  exportPolicy: text,
  timers: z.record(text, milliseconds),
  faults: list(z.object({ at: milliseconds, action: text, detail: text, bytes: text })),
  sendQueue: z.enum(['in-sync', 'lagging', 'idle']),
});

const attributesSchema = z.object({
  origin: text,
  asPath: text,
  nextHop: text,
  med: count.optional(),
  localPref: count.optional(),
  atomicAggregate: z.boolean().optional(),
  aggregator: text.optional(),
  communities: texts.optional(),
  extendedCommunities: texts.optional(),
  largeCommunities: texts.optional(),
  originatorId: text.optional(),
  clusterList: texts.optional(),
  unknown: list(z.object({ type: count, flags: count, value: text })).optional(),
});

export const routeSchema = z.object({
  family: text,
  prefix: text.describe('Of a VPN route with its route distinguisher: 65000:100:10.0.0.0/8'),
  label: count.optional().describe('MPLS label of a VPN route'),
  pathId: count.optional(),
  from: text.describe('The peer it came from; `local` for our own'),
  to: text.optional(),
  best: z.boolean(),
  stale: z.boolean(),
  ineligible: text.optional(),
  decidedBy: text.optional(),
  attributes: attributesSchema,
});

export const routesSchema = z.object({ routes: list(routeSchema), truncated: z.boolean() });

export const explainSchema = z.object({
  family: text,
  prefix: text,
  candidates: list(
    z.object({
      route: routeSchema,
      rank: count,
      verdict: z.enum(['best', 'lost', 'ineligible']),
      reason: text,
    }),
  ),
  advertised: list(
    z.object({ peer: text, sent: z.boolean(), reason: text, attributes: attributesSchema.optional() }),
  ),
});

export const networkSchema = z.object({
  prefix: text,
  nextHop: text.optional(),
  source: z.enum(['configuration', 'api']),
});

export const networksSchema = list(networkSchema);
export const peersSchema = z.object({
  now: milliseconds,
  peers: list(peerSchema.extend({ tenant: text, slot: text })),
});

const configProblemSchema = z.object({ text });

export const configDiffSchema = z.object({
  lines: list(
    z.object({ change: z.enum(['add', 'remove', 'change']), subject: text, effect: text, details: texts }),
  ),
});

export const reloadSchema = z.object({ diff: configDiffSchema, generation: count });

export const problemSchema = z.object({
  type: text,
  title: text,
  status: count,
  detail: text,
  code: z.enum(problemCodes),
  problems: list(configProblemSchema).optional(),
});

export const tenantSchema = z.object({
  key: text.describe(
    '`contoso`, or `contoso/edge2` for another slot than `main`; `default` for the router block',
  ),
  tenant: text,
  slot: text,
  place: text.describe('`host`, `netns NAME` or `device NAME`'),
  source: z
    .enum(['configuration', 'api', 'controller'])
    .describe(
      '`api`: added at run time, kept over reloads, not over restarts; `controller`: given to this gateway',
    ),
  asn: count,
  routerId: text,
  trouble: text.optional().describe('Why it is down; absent when it is not'),
  limits: z.object({ routes: count.optional(), peers: count.optional(), updatesPerSecond: count.optional() }),
  peers: z
    .object({ configured: count, established: count, dynamic: count, adminDown: count })
    .optional()
    .describe('Absent while it is built anew, as are `paths` and `ribBytes`'),
  paths: count.optional(),
  ribBytes: z.number().optional(),
});

export const tenantsSchema = list(tenantSchema);

export const tenantChangeSchema = z.object({ key: text, diff: configDiffSchema });

// Requests.

const tenant = text.max(129).optional();

/** Of every route that is about one instance. */
export const tenantQuerySchema = z.strictObject({
  tenant: tenant.describe('NAME or NAME/SLOT; without it the default instance, or the only one there is'),
});

/** Where several instances can be shown. */
export const tenantsQuerySchema = z.strictObject({
  tenant: tenant.describe('As everywhere; `*` for all'),
});

export const tenantParamsSchema = z.object({ name: text.max(64), slot: text.max(64) });

export const tenantBodySchema = text;

const flag = z
  .enum(['true', 'false', ''])
  .transform((value) => value !== 'false')
  .describe('`true` or `false`; given without a value it is true');

const asNumber = z.coerce.number().int().min(0).max(4294967295);

export const routesQuerySchema = tenantQuerySchema.extend({
  prefix: text
    .max(96)
    .optional()
    .describe('10.0.0.0/8; of a VPN route with its route distinguisher, 65000:100:10.0.0.0/8'),
  match: z.enum(['exact', 'longer', 'shorter', 'lpm']).optional(),
  family: text.max(64).optional(),
  rd: text.max(64).optional().describe('VPN families: only this route distinguisher, 65000:100'),
  view: z.enum(['loc-rib', 'adj-in', 'adj-out']).default('loc-rib'),
  peer: text.max(64).optional().describe('Required for adj-out; filters the other views'),
  community: text.max(128).optional(),
  'as-path': text.max(512).optional(),
  'origin-as': asNumber.optional(),
  best: flag.optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('250 for JSON, where 10,000 is the most; none for application/x-ndjson'),
});

export const explainQuerySchema = tenantQuerySchema.extend({
  prefix: text.max(96),
  family: text.max(64).optional(),
});

export const peerParamsSchema = z.object({ address: text.max(64) });

export const peerActions = ['reset', 'enable', 'disable', 'soft-in', 'soft-out'] as const;

export const peerActionParamsSchema = z.object({ address: text.max(64), action: z.enum(peerActions) });

/** RFC 9003 §2: at most 255 octets of UTF-8. */
const shutdownMessage = text.refine((value) => Buffer.byteLength(value) <= 255, 'at most 255 octets');

export const peerActionBodySchema = z.strictObject({ message: shutdownMessage.default('') }).nullish();

const uint32 = z.int().min(0).max(4294967295);

export const newNetworkSchema = z.strictObject({
  prefix: text.max(64),
  nextHop: text.max(64).optional(),
  communities: z.array(text.max(64)).max(1000).optional(),
  med: uint32.optional(),
  localPref: uint32.optional(),
});

export const networkQuerySchema = tenantQuerySchema.extend({ prefix: text.max(64) });

export const watchQuerySchema = z.strictObject({
  tenant: tenant.describe('Only events of this instance, NAME or NAME/SLOT; without it those of all'),
  topics: text
    .default('peers,events')
    .transform((value) => value.split(','))
    .pipe(z.array(z.enum(topics)))
    .describe(`One or more of ${topics.join(', ')}, with commas`),
});

export const diffQuerySchema = z.strictObject({
  file: text.max(4096).default('configuration').describe('The name that stands in the messages'),
});

export const diffBodySchema = text;
