/**
 * A multiplexer with direct return on Linux: which gateway a packet to a VIP goes to is a mark that nftables sets from
 * (remote address, VIP), and policy routing from the mark to the gateway. The VIP is never rewritten and nothing is
 * tracked, so that flows that exist move with one replacement of the map, IKE, NAT traversal and ESP (RFC 4303) alike.
 * Pure: makes commands, runs none. Replies do not come this way: the gateway sends them with the VIP as source.
 */
import type { LbRule } from '../controller/resources.ts';
import { IpAddress } from '../net/ip-address.ts';
import { batch, type Command, type Family, families } from './command.ts';

/** That of all our rules, and of no others. */
export const rulePriority = 11_000;

export const tableName = 'heliograph_multiplexer';

interface Row {
  readonly vip: string;
  readonly remoteAddress: string;
  readonly dip: string;
  readonly mark: number;
  readonly family: Family;
}

/**
 * FNV-1a of the gateway's address: the same after every start, so that no mark ever means another gateway than it did a
 * moment ago. Also the number of its routing table.
 */
export function markOf(dip: string): number {
  let hash = 0x811c9dc5;
  for (const octet of new TextEncoder().encode(dip)) hash = Math.imul(hash ^ octet, 0x01000193) >>> 0;
  return ((hash & 0x3fffffff) | 0x40000000) >>> 0;
}

function rowsOf(rules: Iterable<LbRule>): readonly Row[] {
  const owners = new Map<number, string>();
  return [...rules].map(({ vip, remoteAddress, dip }) => {
    const mark = markOf(dip);
    const owner = owners.get(mark) ?? dip;
    if (owner !== dip)
      throw new Error(`gateways ${owner} and ${dip} have the same mark: give one another address`);
    owners.set(mark, dip);
    return { vip, remoteAddress, dip, mark, family: familyOf(vip) };
  });
}

function familyOf(address: string): Family {
  return IpAddress.parse(address)?.version === 6 ? 6 : 4;
}

/** For `nft -f`: the whole table in one transaction. */
export function ruleset(rules: Iterable<LbRule>): string {
  const rows = rowsOf(rules);
  const body = families.map((family) =>
    steering(
      family,
      rows.filter((row) => row.family === family),
    ),
  );
  const jumps = families.flatMap((family) => {
    const to = `${keyword(family)} daddr @vips${family}`;
    return [
      `    ${to} meta l4proto esp jump steer${family}`,
      `    ${to} udp dport { 500, 4500 } jump steer${family}`,
    ];
  });
  return [
    // Deleting what is not there is an error.
    `table inet ${tableName} {}`,
    `delete table inet ${tableName}`,
    `table inet ${tableName} {`,
    ...body,
    '  chain prerouting {',
    '    type filter hook prerouting priority raw; policy accept;',
    ...jumps,
    '  }',
    '}',
    '',
  ].join('\n');
}

function keyword(family: Family): string {
  return family === 4 ? 'ip' : 'ip6';
}

function steering(family: Family, rows: readonly Row[]): string {
  const type = `ipv${family}_addr`;
  const vips = [...new Set(rows.map(({ vip }) => vip))];
  const gateways = rows.map(({ remoteAddress, vip, mark }) => `${remoteAddress} . ${vip} : ${mark}`);
  const address = keyword(family);
  return [
    `  set vips${family} { type ${type}; ${elements(vips)}}`,
    `  map gateways${family} { type ${type} . ${type} : mark; ${elements(gateways)}}`,
    `  chain steer${family} {`,
    `    notrack meta mark set ${address} saddr . ${address} daddr map @gateways${family} accept`,
    // Nobody serves this site now: it is not answered by whoever happens to be here.
    '    drop',
    '  }',
  ].join('\n');
}

function elements(values: readonly string[]): string {
  return values.length === 0 ? '' : `elements = { ${values.join(', ')} }; `;
}

/** What `ip -j rule show` says of one rule. */
export interface PresentRule {
  readonly priority?: number;
  readonly fwmark?: string;
}

/** Marks of our rules. */
export function presentMarks(shown: string): readonly number[] {
  const rules = JSON.parse(shown.trim() || '[]') as readonly PresentRule[];
  return rules.flatMap(({ priority, fwmark }) =>
    priority === rulePriority && fwmark !== undefined ? [Number(fwmark)] : [],
  );
}

export interface PolicyRouting {
  /** Before the map says so. */
  readonly before: readonly Command[];
  /** Once it does not say so any more. */
  readonly after: readonly Command[];
}

/** `present`: marks of the rules that are there, of this family. */
export function policyRouting(
  rules: Iterable<LbRule>,
  family: Family,
  { device, present }: { readonly device: string; readonly present: readonly number[] },
): PolicyRouting {
  const rows = rowsOf(rules).filter((row) => row.family === family);
  const wanted = new Map(rows.map(({ mark, dip }) => [mark, dip]));
  const before = [...wanted].flatMap(([mark, dip]) => [
    `route replace default via ${gatewayOf(dip, family)} dev ${device} onlink table ${mark}`,
    ...(present.includes(mark) ? [] : [`rule add fwmark ${mark} lookup ${mark} priority ${rulePriority}`]),
  ]);
  const after = [...new Set(present)]
    .filter((mark) => !wanted.has(mark))
    .flatMap((mark) => [
      `rule del fwmark ${mark} lookup ${mark} priority ${rulePriority}`,
      `route flush table ${mark}`,
    ]);
  return { before: batch(before, family), after: batch(after, family) };
}

function gatewayOf(dip: string, family: Family): string {
  return familyOf(dip) === family ? dip : `inet${familyOf(dip) === 6 ? '6' : ''} ${dip}`;
}

/** Their answer is for `presentMarks`. */
export function showRules(family: Family): Command {
  return { program: 'ip', args: [`-${family}`, '-j', 'rule', 'show'] };
}
