/**
 * The controller's answer as it comes: JSON that is checked before anything believes it. Names end up in commands and
 * addresses in the kernel, so each must be what it says it is. Unknown keys are left out: the controller may be newer.
 */
import { z } from 'zod';
import { IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import type { ReportAnswer } from './protocol.ts';

const name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'is no name');
const address = z.string().refine((text) => IpAddress.parse(text) !== undefined, 'is no IP address');
const prefix = z.string().refine((text) => Prefix.parse(text) !== undefined, 'is no prefix');
const whole = z.int().min(0);
const asn = z.int().min(1).max(0xffffffff);
const timers = z.object({ holdSeconds: whole, keepaliveSeconds: whole });
const pin = z.object({ address, backup: whole });

const connection = z.object({
  name,
  tenant: name,
  type: z.enum(['IPSEC', 'GRE', 'L3']),
  inKbps: whole,
  outKbps: whole,
  remoteAddress: address.optional(),
  gre: z.object({ key: whole.max(0xffffffff) }).optional(),
  l3: z.object({ vlan: z.int().min(1).max(4094), localAddress: address, peerAddress: address }).optional(),
  routes: z.array(z.object({ prefix, metric: whole })),
  vip: z.string().optional(),
  localEndpoint: address.optional(),
  pins: z.array(pin),
});

const peer = z.object({
  name,
  tenant: name,
  address,
  asn,
  connection: name,
  multihopTtl: whole.max(255).optional(),
  passwordRef: name.optional(),
  policyIn: name.optional(),
  policyOut: name.optional(),
  maxPrefixes: z.int().min(1).max(0xffffffff).optional(),
  maxPrefixAction: z.enum(['warn', 'drop', 'teardown']).optional(),
  timers: timers.optional(),
  mode: z.enum(['mixed', 'passive']).optional(),
  adminDown: z.boolean().optional(),
  asOverride: z.boolean().optional(),
});

const rule = z.object({
  match: z.record(z.string(), z.unknown()),
  action: z.enum(['allow', 'deny']),
  set: z.record(z.string(), z.unknown()).optional(),
});

const segment = z.object({
  vni: z.int().min(1).max(0xffffff),
  underlayAddress: address,
  prefixLength: whole.max(128),
  neighbours: z.array(
    z.object({
      slot: name,
      epoch: whole,
      address,
      underlayAddress: address,
      reaches: z.array(pin),
    }),
  ),
});

const tenant = z.object({
  tenant: name,
  slot: name,
  epoch: whole,
  routingDomain: z.string(),
  asn,
  address,
  routerId: address,
  reflector: z
    .object({
      address,
      routerId: address,
      clusterId: asn,
      clients: z.array(address),
      peers: z.array(peer),
      ownPrefixes: z.array(prefix).default([]),
      // Of a controller that has none yet.
      policies: z.array(z.object({ name, rules: z.array(rule) })).default([]),
    })
    .optional(),
  reflectorAddress: address.optional(),
  timers: timers.optional(),
  restartSeconds: whole.max(4095).optional(),
  segment: segment.optional(),
  connections: z.array(connection),
});

const underlay = z.object({
  address,
  vips: z.array(z.object({ slot: name, address, isAnnounced: z.boolean() })),
  bgp: z
    .object({ localAsn: asn, routerId: address.optional(), peers: z.array(z.object({ address, asn })) })
    .optional(),
});

const answer = z.object({
  term: whole,
  revision: whole,
  leaseMs: whole,
  renewMs: z.int().min(1),
  desired: z.object({
    revision: whole,
    gateway: name,
    slots: z.array(z.object({ slot: name, epoch: whole, greVip: address.optional() })),
    tenants: z.array(tenant),
    underlay: underlay.optional(),
  }),
});

export type ParsedAnswer =
  | { readonly ok: true; readonly answer: ReportAnswer }
  | { readonly ok: false; readonly reason: string };

export function parseAnswer(body: unknown): ParsedAnswer {
  const parsed = answer.safeParse(body);
  // JSON has no undefined: an optional key is there, or it is not.
  if (parsed.success) return { ok: true, answer: parsed.data as ReportAnswer };
  const [first] = parsed.error.issues;
  return { ok: false, reason: `${first?.path.join('.') || 'answer'}: ${first?.message ?? 'cannot be read'}` };
}
