/**
 * The shapes of what comes from outside: specs of the kinds that clients write, and agents' reports. Strict: a field
 * that nobody knows is refused, since somebody meant something by it. Rules between fields and objects are admission's.
 */
import { z } from 'zod';
import type { AgentReport } from '../controller/agent-protocol.ts';
import type { ClientKind } from '../controller/writes.ts';
import { ruleProblems } from './rule-check.ts';

const text = z.string().min(1).max(253);
export const objectName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'is no name: a-z, 0-9, - and .');
const whole = z.int().min(0);
const rates = z.strictObject({ IPSEC: whole, GRE: whole, L3: whole });
const timers = z.strictObject({ holdSeconds: whole, keepaliveSeconds: whole });
const asn = z.int().min(1).max(0xffffffff);

const pool = z.strictObject({
  type: z.enum(['All', 'S2sIpsec', 'S2sGre', 'Forwarding']),
  redundantGatewayCount: whole,
  gatewayCapacityKbps: whole,
  capacityProfile: z.union([z.enum(['fixed2019', 'ratio2016']), rates]).optional(),
  accounting: z.enum(['sum', 'max']).optional(),
  limits: z
    .strictObject({ tenants: whole.optional(), connections: whole.optional(), routes: whole.optional() })
    .optional(),
  publicVips: z.array(text).optional(),
  greVipSubnets: z.array(text).optional(),
  onStandbyExhausted: z.enum(['CoHost', 'Wait']).optional(),
  detection: z
    .strictObject({
      renewMs: z.int().min(100).optional(),
      leaseTtlMs: z.int().min(500).optional(),
      marginMs: z.int().min(50).optional(),
    })
    .optional(),
});

const gateway = z.strictObject({
  pool: objectName,
  adminState: z.enum(['InService', 'Draining', 'OutOfService']).optional(),
  faultDomain: text.optional(),
  underlayAddress: text,
  controlAddress: text,
  underlayBgp: z
    .strictObject({
      localAsn: asn,
      routerId: text.optional(),
      peers: z.array(z.strictObject({ address: text, asn })).min(1),
    })
    .optional(),
  l3Vlans: z.array(z.int().min(1).max(4094)).optional(),
  verdict: z.enum(['fail', 'dead']).optional(),
});

const tenant = z.strictObject({
  routingDomain: text,
  pools: z.array(objectName).min(1),
  asn,
  rr: z.strictObject({ address: text, routerId: text.optional(), clusterId: asn.optional() }),
  gatewaySubnets: z.array(text),
  routing: z.enum(['Static', 'Dynamic', 'Both']).default('Dynamic'),
  timers: timers.optional(),
  restartSeconds: whole.max(4095).optional(),
});

const connection = z.strictObject({
  tenant: objectName,
  type: z.enum(['IPSEC', 'GRE', 'L3']),
  inKbps: whole,
  outKbps: whole,
  remoteAddress: text.optional(),
  gre: z.strictObject({ key: whole.max(0xffffffff) }).optional(),
  l3: z.strictObject({ vlan: z.int().min(1).max(4094), localAddress: text, peerAddress: text }).optional(),
  routes: z.array(z.strictObject({ prefix: text, metric: whole })).default([]),
  vip: text.optional(),
});

const peer = z.strictObject({
  tenant: objectName,
  address: text,
  asn,
  connection: objectName,
  backupConnections: z.array(objectName).optional(),
  multihopTtl: z.int().min(1).max(255).optional(),
  passwordRef: objectName.optional(),
  maxPrefixes: z
    .int()
    .min(1)
    .max(0xffffffff)
    .optional()
    .meta({ description: 'The most prefixes per family. Default: 1000.' }),
  maxPrefixAction: z.enum(['warn', 'drop', 'teardown']).optional().meta({
    description:
      'Beyond them: log (default), leave out the surplus, or end the session with Cease (RFC 4486).',
  }),
  policyIn: objectName.optional(),
  policyOut: objectName.optional(),
  timers: timers.optional(),
  mode: z.enum(['mixed', 'passive']).optional(),
  adminDown: z.boolean().optional(),
  asOverride: z.boolean().optional(),
});

const policy = z.strictObject({
  tenant: objectName,
  rules: z
    .array(
      z.strictObject({
        match: z.record(z.string(), z.unknown()).default({}),
        action: z.enum(['allow', 'deny']),
        set: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .superRefine((rules, context) => {
      for (const { path, message } of ruleProblems(rules))
        context.addIssue({ code: 'custom', path: [...path], message });
    }),
});

export const specSchemas: Readonly<Record<ClientKind, z.ZodType<object>>> = {
  pools: pool,
  gateways: gateway,
  tenants: tenant,
  connections: connection,
  peers: peer,
  policies: policy,
};

/** What a document calls the kinds. */
export const documentKinds: Readonly<Record<string, ClientKind>> = {
  GatewayPool: 'pools',
  Gateway: 'gateways',
  Tenant: 'tenants',
  Connection: 'connections',
  BgpPeer: 'peers',
  RoutePolicy: 'policies',
};

/** The agent may be newer than the controller: what it says beyond this is left out. */
export const reportSchema: z.ZodType<AgentReport> = z.object({
  gateway: objectName,
  incarnation: whole,
  sequence: whole,
  from: z.enum(['agent', 'guard']),
  appliedRevision: whole,
  held: z.array(z.object({ slot: text, epoch: whole })),
  tenants: z.array(
    z.object({
      tenant: text,
      slot: text,
      epoch: whole,
      rr: z.enum(['Off', 'Starting', 'Syncing', 'Serving']),
      established: z.array(text),
    }),
  ),
  tunnelsUp: z.array(text),
  underlayUp: z.array(text).exactOptional(),
});

/** Each mistake with its path: `spec.asn: ...`. */
export function mistakesOf(error: z.ZodError, prefix: string): readonly string[] {
  return error.issues.map(
    ({ path, message }) => `${[prefix, ...path].filter((part) => part !== '').join('.')}: ${message}`,
  );
}
