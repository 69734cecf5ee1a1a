// Rules that hold for every message a target sends in any case (the rows of the catalogue's section "invariants").
//
// Owns one checker per row. Each sees every frame of every connection, counts what it could judge, and keeps what it
// found wrong; the run reports each row once, with the number of messages it judged.

import * as pa from '../wire/attributes.ts';
import { readU16, readU32, toHex } from '../wire/bytes.ts';
import { type DecodedUpdate, decodePath } from '../wire/decode.ts';
import * as m from '../wire/messages.ts';
import type { Peer, Received } from './peer.ts';

export interface InvariantContext {
  readonly peer: Peer;
  readonly received: Received;
  /** All frames of this connection before this one. */
  readonly earlier: readonly Received[];
  /** As peers outside see it. */
  readonly targetAsn: number;
  /** The target is in one (RFC 5065). */
  readonly confederation: boolean;
}

/** Undefined when the rule says nothing about this message, `true` when it holds, a sentence when it is broken. */
type Rule = (context: InvariantContext) => string | true | undefined;

export interface Invariant {
  readonly id: string;
  readonly level: 'MUST' | 'SHOULD';
  readonly title: string;
  readonly rule: Rule;
}

const announces = (u: DecodedUpdate): boolean => u.nlri.length > 0 || (u.reach?.octets ?? 0) > 0;
const has = (u: DecodedUpdate, type: number): boolean => u.attributes.some((a) => a.type === type);

/** A rule about UPDATEs that announce something. */
function announcing(rule: (u: DecodedUpdate, context: InvariantContext) => string | true | undefined): Rule {
  return (context) => {
    const { update } = context.received;
    return update === undefined || !announces(update) ? undefined : rule(update, context);
  };
}

function absent(types: readonly number[], when: (context: InvariantContext) => boolean): Rule {
  return announcing((u, context) => {
    if (!when(context)) return undefined;
    const found = types.filter((type) => has(u, type));
    return found.length === 0 || `attribute ${found.join(', ')} is present`;
  });
}

const external = (c: InvariantContext): boolean => !c.peer.facts.internal && !c.peer.facts.member;

function header(c: InvariantContext): string | true {
  const { frame } = c.received;
  const extended = c.peer.facts.capabilities.some((one) => one.code === 6);
  const plain = frame.type === m.OPEN || frame.type === m.KEEPALIVE || !extended;
  if (!frame.markerGood) return 'the marker is not all ones';
  const limit = plain ? 4096 : 65535;
  return (frame.length >= 19 && frame.length <= limit) || `length ${frame.length}`;
}

function keepalive(c: InvariantContext): string | true | undefined {
  const { frame, atMs } = c.received;
  if (frame.type !== m.KEEPALIVE) return undefined;
  if (frame.length !== 19) return `length ${frame.length}`;
  const recent = c.earlier.filter((r) => r.frame.type === m.KEEPALIVE && atMs - r.atMs < 2900);
  // One KEEPALIVE answers our OPEN and one opens Established; the rate is about those after them.
  return recent.length <= 4 || `${recent.length + 1} KEEPALIVEs within 3 s`;
}

const optionalNonTransitive = [pa.MED, pa.ORIGINATOR_ID, pa.CLUSTER_LIST, pa.MP_REACH, pa.MP_UNREACH];
const wellKnown = [pa.ORIGIN, pa.AS_PATH, pa.NEXT_HOP, pa.LOCAL_PREF, pa.ATOMIC_AGGREGATE];

function flags(c: InvariantContext): string | true | undefined {
  const attributes = c.received.update?.attributes ?? [];
  if (attributes.length === 0) return undefined;
  const bad = attributes.find(
    (a) =>
      (wellKnown.includes(a.type) && (a.flags & 0xe0) !== 0x40) ||
      (optionalNonTransitive.includes(a.type) && (a.flags & 0xe0) !== 0x80),
  );
  return bad === undefined || `attribute ${bad.type} has flags ${bad.flags.toString(16)}`;
}

function oncePerType(c: InvariantContext): string | true | undefined {
  const types = c.received.update?.attributes.map((a) => a.type) ?? [];
  if (types.length === 0) return undefined;
  const twice = types.find((type, i) => types.indexOf(type) !== i);
  return twice === undefined || `attribute ${twice} twice`;
}

function ascending(c: InvariantContext): string | true | undefined {
  const types = (c.received.update?.attributes ?? [])
    .map((a) => a.type)
    .filter((type) => type !== pa.MP_REACH && type !== pa.MP_UNREACH);
  if (types.length < 2) return undefined;
  return types.every((type, i) => i === 0 || (types[i - 1] ?? 0) <= type) || `order ${types.join(' ')}`;
}

function mpFirst(c: InvariantContext): string | true | undefined {
  const types = c.received.update?.attributes.map((a) => a.type) ?? [];
  if (!types.includes(pa.MP_REACH) && !types.includes(pa.MP_UNREACH)) return undefined;
  return types[0] === pa.MP_REACH || types[0] === pa.MP_UNREACH || `order ${types.join(' ')}`;
}

function oneField(c: InvariantContext): string | true | undefined {
  const u = c.received.update;
  if (u === undefined) return undefined;
  const used = [u.withdrawn.length, u.nlri.length, u.reach?.octets ?? 0, u.unreach?.octets ?? 0].filter(
    (n) => n > 0,
  );
  return used.length <= 1 || 'more than one of the four route fields is in use';
}

function notBoth(c: InvariantContext): string | true | undefined {
  const u = c.received.update;
  if (u === undefined || u.nlri.length === 0) return undefined;
  const gone = new Set(u.withdrawn.map((n) => n.prefix));
  const both = u.nlri.find((n) => gone.has(n.prefix));
  return both === undefined || `${both.prefix} is announced and withdrawn`;
}

const segments = (u: DecodedUpdate, c: InvariantContext, type: number) =>
  decodePath(
    u.attributes.find((a) => a.type === type)?.value ?? new Uint8Array(),
    type === 17 ? 4 : c.peer.width,
  );

function leftmost(u: DecodedUpdate, c: InvariantContext): string | true | undefined {
  if (!external(c)) return undefined;
  const expected = c.peer.width === 2 && c.targetAsn > 0xffff ? m.AS_TRANS : c.targetAsn;
  const first = segments(u, c, pa.AS_PATH)[0]?.asns[0];
  return first === expected || `leftmost AS is ${first ?? 'missing'}`;
}

function noAsZero(u: DecodedUpdate, c: InvariantContext): string | true {
  const inPath = [pa.AS_PATH, pa.AS4_PATH].some((t) => segments(u, c, t).some((s) => s.asns.includes(0)));
  const aggregator = u.attributes.find((a) => a.type === pa.AGGREGATOR)?.value;
  const asn =
    aggregator === undefined ? 1 : aggregator.length === 8 ? readU32(aggregator, 0) : readU16(aggregator, 0);
  return (!inPath && asn !== 0) || 'AS 0 was sent';
}

function noConfederation(u: DecodedUpdate, c: InvariantContext): string | true | undefined {
  if (c.confederation && !external(c)) return undefined;
  const found = segments(u, c, pa.AS_PATH).find((s) => s.type === 3 || s.type === 4);
  return found === undefined || `segment of type ${found.type}`;
}

function largeOnce(u: DecodedUpdate): string | true | undefined {
  const value = u.attributes.find((a) => a.type === pa.LARGE_COMMUNITIES)?.value;
  if (value === undefined) return undefined;
  const all = Array.from({ length: value.length / 12 }, (_, i) => toHex(value.subarray(12 * i, 12 * i + 12)));
  return new Set(all).size === all.length || 'a large community is there twice';
}

function fresh(u: DecodedUpdate, c: InvariantContext): string | true | undefined {
  // An answer to ROUTE-REFRESH repeats routes by design; such peers are left out.
  if (c.peer.refreshed) return undefined;
  const signature = (x: DecodedUpdate) =>
    x.attributes
      .filter((a) => a.type !== pa.MP_REACH)
      .map((a) => `${a.type}:${toHex(a.value)}`)
      .join('|') + toHex(x.reach?.nextHop ?? new Uint8Array());
  const names = (x: DecodedUpdate) =>
    [...x.nlri, ...(x.reach?.nlri ?? [])].map((n) => `${n.prefix} ${n.pathId ?? ''}`);
  const mine = signature(u);
  for (const name of names(u)) {
    const last = c.earlier.findLast((r) => {
      const e = r.update;
      if (e === undefined) return false;
      const gone = [...e.withdrawn, ...(e.unreach?.nlri ?? [])].map((n) => `${n.prefix} ${n.pathId ?? ''}`);
      return names(e).includes(name) || gone.includes(name);
    })?.update;
    if (last !== undefined && names(last).includes(name) && signature(last) === mine)
      return `${name} was sent again unchanged`;
  }
  return true;
}

const MUST = 'MUST';
export const invariants: readonly Invariant[] = [
  {
    id: 'RFC4271-4.1-01',
    level: MUST,
    title: 'marker all ones, length between 19 and the maximum',
    rule: header,
  },
  {
    id: 'RFC4271-4.4-01',
    level: MUST,
    title: 'KEEPALIVE has 19 octets and is not sent faster than one a second',
    rule: keepalive,
  },
  {
    id: 'RFC4271-4.3-01',
    level: MUST,
    title: 'the low four attribute flag bits are zero',
    rule: (c) => {
      const all = c.received.update?.attributes ?? [];
      const bad = all.find((a) => (a.flags & 0x0f) !== 0);
      return all.length === 0
        ? undefined
        : bad === undefined || `attribute ${bad.type} has flags ${bad.flags.toString(16)}`;
    },
  },
  { id: 'RFC4271-4.3-02', level: MUST, title: 'flags fit the category of each known attribute', rule: flags },
  { id: 'RFC4271-4.3-03', level: MUST, title: 'no attribute twice in one UPDATE', rule: oncePerType },
  {
    id: 'RFC4271-5-01',
    level: 'SHOULD',
    title: 'attributes in ascending order of type, MP attributes apart',
    rule: ascending,
  },
  {
    id: 'RFC7606-5.1-01',
    level: 'SHOULD',
    title: 'MP_REACH_NLRI or MP_UNREACH_NLRI comes first',
    rule: mpFirst,
  },
  { id: 'RFC7606-5.1-02', level: 'SHOULD', title: 'one kind of route field per UPDATE', rule: oneField },
  {
    id: 'RFC4271-4.3-04',
    level: 'SHOULD',
    title: 'no prefix both announced and withdrawn in one UPDATE',
    rule: notBoth,
  },
  {
    id: 'RFC4271-5.1.5-01',
    level: MUST,
    title: 'no LOCAL_PREF to external peers',
    rule: absent([pa.LOCAL_PREF], external),
  },
  {
    id: 'RFC4271-5.1.5-02',
    level: MUST,
    title: 'LOCAL_PREF in every route to internal peers',
    rule: announcing((u, c) =>
      !c.peer.facts.internal ? undefined : has(u, pa.LOCAL_PREF) || 'LOCAL_PREF is missing',
    ),
  },
  {
    id: 'RFC4271-5.1.2-01',
    level: MUST,
    title: 'the leftmost AS to external peers is the target’s own',
    rule: announcing(leftmost),
  },
  {
    id: 'RFC4760-3-01',
    level: 'SHOULD',
    title: 'no NEXT_HOP in an UPDATE whose routes are all in MP_REACH_NLRI',
    rule: announcing((u) =>
      u.reach === undefined || u.nlri.length > 0 ? undefined : !has(u, pa.NEXT_HOP) || 'NEXT_HOP is present',
    ),
  },
  {
    id: 'RFC4456-8-01',
    level: MUST,
    title: 'no ORIGINATOR_ID or CLUSTER_LIST to external peers',
    rule: absent([pa.ORIGINATOR_ID, pa.CLUSTER_LIST], external),
  },
  { id: 'RFC7607-2-01', level: MUST, title: 'AS 0 is never sent', rule: announcing(noAsZero) },
  {
    id: 'RFC5065-5-01',
    level: MUST,
    title: 'no confederation segments to a peer outside the confederation',
    rule: announcing(noConfederation),
  },
  {
    id: 'RFC6793-4.1-01',
    level: MUST,
    title: 'no AS4_PATH or AS4_AGGREGATOR to a NEW speaker',
    rule: absent([pa.AS4_PATH, pa.AS4_AGGREGATOR], (c) => c.peer.width === 4),
  },
  { id: 'RFC8092-3-01', level: MUST, title: 'no large community twice', rule: announcing(largeOnce) },
  {
    id: 'RFC4271-9.2-01',
    level: 'SHOULD',
    title: 'an unchanged route is not sent again',
    rule: announcing(fresh),
  },
];

export interface InvariantTally {
  judged: number;
  readonly broken: string[];
}

/** Counts and findings of one run, by row id. */
export class InvariantRecord {
  readonly #tallies = new Map<string, InvariantTally>(
    invariants.map((i) => [i.id, { judged: 0, broken: [] }]),
  );

  /** Judges one message; returns the ids of the rows it breaks. */
  judge(execution: string, context: InvariantContext): readonly string[] {
    const broken: string[] = [];
    for (const invariant of invariants) {
      const answer = invariant.rule(context);
      const tally = this.#tallies.get(invariant.id);
      if (answer === undefined || tally === undefined) continue;
      tally.judged++;
      if (answer === true) continue;
      broken.push(invariant.id);
      tally.broken.push(`${execution}: ${context.peer.name}: ${answer}`);
    }
    return broken;
  }

  get tallies(): ReadonlyMap<string, InvariantTally> {
    return this.#tallies;
  }
}
