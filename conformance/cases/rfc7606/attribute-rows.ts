// The rows of malformed attributes: what is sent, and what RFC 7606 §7 (or the attribute's own RFC) asks for.

import type { Level } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import type { SeenRoute } from '../../engine/routes.ts';
import type { Feature } from '../../targets/target.ts';
import type { Family } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, hex, u32 } from '../../wire/bytes.ts';
import type { Effect, SenderName } from './outcome.ts';

export interface Expectation {
  readonly effects: readonly Effect[];
  /** If the route is accepted: the attribute is absent, has another value, or has the value sent. */
  readonly attribute?: 'gone' | 'not-this' | 'intact';
  /** If the route is accepted: a sentence about what is wrong with it. */
  readonly inspect?: (route: SeenRoute, observer: Peer) => string | undefined;
}

export interface AttributeRow {
  readonly id: string;
  readonly level: Level;
  readonly title: string;
  /** The octets of the attribute, by variant; a single one has the name ''. */
  readonly bad: Readonly<Record<string, (peer: Peer) => Bytes>>;
  /** Undefined: the row is not played for such senders. */
  readonly external: Expectation | undefined;
  readonly internal: Expectation | undefined;
  readonly senders?: readonly SenderName[];
  readonly families?: readonly Family[];
  readonly needs?: readonly Feature[];
}

const TAW: Expectation = { effects: ['withdrawn'] };
const DISC: Expectation = { effects: ['accepted'], attribute: 'gone' };
const DISC_OR_TAW: Expectation = { effects: ['accepted', 'withdrawn'], attribute: 'gone' };
const NOT_RESET: Expectation = { effects: ['accepted', 'withdrawn'] };
const INTACT: Expectation = { effects: ['accepted'], attribute: 'intact' };

const raw = (flags: number, type: number, value: string) => () => pa.attribute(flags, type, hex(value));
/** Lengths as variants: `{ 'len-3': …, 'len-5': … }` with octets of 00. */
function lengths(flags: number, type: number, ...list: readonly number[]) {
  return Object.fromEntries(list.map((n) => [`len-${n}`, raw(flags, type, '00'.repeat(n))]));
}
const both = (expectation: Expectation) => ({ external: expectation, internal: expectation });
const only = (bad: (peer: Peer) => Bytes) => ({ '': bad });

/** The valid path of the peer, as octets, with something behind it. */
const pathPlus = (tail: string) => (peer: Peer) => {
  const start = peer.facts.internal ? [64999] : [peer.facts.asn, 64999];
  return pa.attribute(0x40, pa.AS_PATH, concat(pa.pathBytes(start, peer.width), hex(tail)));
};
const pathOf =
  (build: (asn: number) => pa.Path, flags = 0x40) =>
  (peer: Peer) => {
    const first = peer.facts.internal ? 64996 : peer.facts.asn;
    return pa.attribute(flags, pa.AS_PATH, pa.pathBytes(build(first), peer.width));
  };

const flagRows: readonly AttributeRow[] = [
  {
    id: 'RFC7606-3c-01',
    level: 'MUST',
    title: 'ORIGIN with the Optional bit (c0)',
    bad: only(raw(0xc0, 1, '00')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-3c-02',
    level: 'MUST',
    title: 'ORIGIN as optional non-transitive (80)',
    bad: only(raw(0x80, 1, '00')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-3c-03',
    level: 'RECORD',
    title: 'ORIGIN with the Partial bit (60); §3c names only the Optional and Transitive bits',
    bad: only(raw(0x60, 1, '00')),
    ...both(NOT_RESET),
  },
  {
    id: 'RFC7606-3c-04',
    level: 'MUST',
    title: 'AS_PATH with the Optional bit (c0)',
    bad: only(pathOf((a) => [a], 0xc0)),
    ...both(TAW),
  },
  {
    id: 'RFC7606-3c-05',
    level: 'MUST',
    title: 'NEXT_HOP with wrong category bits',
    bad: { c0: raw(0xc0, 3, '0a09000b'), '80': raw(0x80, 3, '0a09000b') },
    families: ['v4'],
    ...both(TAW),
  },
  {
    id: 'RFC7606-3c-06',
    level: 'MUST',
    title: 'MULTI_EXIT_DISC with wrong category bits',
    bad: { c0: raw(0xc0, 4, '00000005'), '40': raw(0x40, 4, '00000005') },
    ...both(TAW),
  },
  {
    id: 'RFC7606-3c-07',
    level: 'MUST',
    title: 'LOCAL_PREF with the Optional bit; from external peers §7.5 discards it unread',
    bad: only(raw(0xc0, 5, '00000309')),
    external: { effects: ['accepted', 'withdrawn'], attribute: 'not-this' },
    internal: TAW,
  },
  {
    id: 'RFC7606-3c-08',
    level: 'MUST',
    title: 'ATOMIC_AGGREGATE with the Optional bit; §3c says withdraw, §3f and §7.6 discard',
    bad: only(raw(0xc0, 6, '')),
    ...both({ effects: ['withdrawn', 'accepted'] }),
  },
  {
    id: 'RFC7606-3c-09',
    level: 'RECORD',
    title: 'AGGREGATOR as optional non-transitive (80)',
    bad: only(raw(0x80, 7, '0000fde90a000001')),
    ...both(DISC_OR_TAW),
  },
  {
    id: 'RFC7606-3c-10',
    level: 'MUST',
    title: 'COMMUNITIES as optional non-transitive (80)',
    bad: only(raw(0x80, 8, 'fde90001')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-3c-11',
    level: 'MUST',
    title: 'COMMUNITIES with the Partial bit (e0)',
    bad: only(raw(0xe0, 8, 'fde90001')),
    ...both({ ...INTACT, inspect: (route) => partial(route, 8) }),
  },
  {
    id: 'RFC7606-3c-12',
    level: 'MUST',
    title: 'EXTENDED and LARGE COMMUNITIES as optional non-transitive (80)',
    bad: { extended: raw(0x80, 16, '0002fde900000001'), large: raw(0x80, 32, '0000fde90000000100000002') },
    ...both(TAW),
  },
  {
    id: 'RFC7606-3c-14',
    level: 'MUST',
    title: 'ORIGINATOR_ID and CLUSTER_LIST as optional transitive (c0)',
    bad: { originator: raw(0xc0, 9, '0a030303'), cluster: raw(0xc0, 10, '0a030304') },
    external: { effects: ['accepted', 'withdrawn'], attribute: 'not-this' },
    internal: TAW,
  },
];

function partial(route: SeenRoute, type: number): string | undefined {
  const flags = route.attributes.find((a) => a.type === type)?.flags ?? 0;
  return (flags & 0x20) === 0 ? 'the Partial bit kept' : undefined;
}

const mandatoryRows: readonly AttributeRow[] = [
  {
    id: 'RFC7606-7.1-01',
    level: 'MUST',
    title: 'ORIGIN of length 0',
    bad: only(raw(0x40, 1, '')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.1-02',
    level: 'MUST',
    title: 'ORIGIN of length 2',
    bad: only(raw(0x40, 1, '0000')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.1-03',
    level: 'MUST',
    title: 'ORIGIN with an undefined value',
    bad: { '3': raw(0x40, 1, '03'), '255': raw(0x40, 1, 'ff') },
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.2-01',
    level: 'MUST',
    title: 'AS_PATH segment of type 0 or 5',
    bad: { '0': pathPlus('00010000fde7'), '5': pathPlus('05010000fde7') },
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.2-02',
    level: 'MUST',
    title: 'AS_PATH segment without ASes',
    bad: only(pathPlus('0200')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.2-03',
    level: 'MUST',
    title: 'AS_PATH segment that announces five ASes and has one',
    bad: only(pathPlus('02050000fde9')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.2-04',
    level: 'MUST',
    title: 'AS_PATH with one octet left over',
    bad: only(pathPlus('02')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.2-06',
    level: 'MUST',
    title: 'AS_PATH in 2-octet form on a 4-octet session',
    bad: only((peer) => pa.asPath([peer.facts.asn, 64999, 64997], 2)),
    ...both(TAW),
  },
  {
    id: 'RFC5065-5-02',
    level: 'MUST',
    title: 'AS_PATH with a confederation segment from outside any confederation',
    bad: {
      sequence: pathOf((asn) => [pa.sequence(asn), { type: pa.CONFED_SEQUENCE, asns: [64601] }]),
      set: pathOf((asn) => [pa.sequence(asn), { type: pa.CONFED_SET, asns: [64601] }]),
      first: pathOf((asn) => [{ type: pa.CONFED_SEQUENCE, asns: [64601] }, pa.sequence(asn)]),
    },
    external: TAW,
    internal: undefined,
  },
  {
    id: 'RFC7607-2-04',
    level: 'MUST',
    title: 'AS 0 in AS_PATH',
    bad: only(pathOf((asn) => [asn, 0, 64999])),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.3-01',
    level: 'MUST',
    title: 'NEXT_HOP of a wrong length',
    bad: lengths(0x40, 3, 3, 5, 0),
    families: ['v4'],
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.4-01',
    level: 'MUST',
    title: 'MULTI_EXIT_DISC of a wrong length',
    bad: lengths(0x80, 4, 3, 5, 0),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.5-01',
    level: 'MUST',
    title: 'LOCAL_PREF of length 3 from an external peer',
    bad: only(raw(0x40, 5, '000309')),
    external: { effects: ['accepted'], attribute: 'not-this' },
    internal: undefined,
  },
  {
    id: 'RFC7606-7.5-02',
    level: 'MUST',
    title: 'LOCAL_PREF of a wrong length from an internal peer',
    bad: lengths(0x40, 5, 3, 5, 0),
    external: undefined,
    internal: TAW,
  },
  {
    id: 'RFC7606-7.5-03',
    level: 'MUST',
    title: 'a valid LOCAL_PREF of 777 from an external peer',
    bad: only(raw(0x40, 5, '00000309')),
    external: { effects: ['accepted'], attribute: 'not-this' },
    internal: undefined,
  },
  {
    id: 'RFC7606-7.6-01',
    level: 'MUST',
    title: 'ATOMIC_AGGREGATE of length 1',
    bad: only(raw(0x40, 6, '00')),
    ...both(DISC),
  },
  {
    id: 'RFC7606-7.7-01',
    level: 'MUST',
    title: 'AGGREGATOR of 6 octets on a 4-octet session',
    bad: only(raw(0xc0, 7, 'fde90a000001')),
    ...both(DISC),
  },
  {
    id: 'RFC7606-7.7-02',
    level: 'MUST',
    title: 'AGGREGATOR of a wrong length',
    bad: lengths(0xc0, 7, 7, 9, 0),
    ...both(DISC),
  },
  {
    id: 'RFC7606-7.7-03',
    level: 'MUST',
    title: 'AGGREGATOR of 8 octets from an OLD speaker',
    bad: only(raw(0xc0, 7, '0000fde90a000001')),
    senders: ['old'],
    external: DISC,
    internal: undefined,
  },
  {
    id: 'RFC7607-2-05',
    level: 'MUST',
    title: 'AS 0 in AGGREGATOR',
    bad: only(raw(0xc0, 7, '000000000a000001')),
    ...both(DISC),
  },
];

const communityRows: readonly AttributeRow[] = [
  {
    id: 'RFC7606-7.8-01',
    level: 'MUST',
    title: 'COMMUNITIES of length 5',
    bad: only(raw(0xc0, 8, 'fde9000100')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.8-02',
    level: 'MUST',
    title: 'COMMUNITIES of length 0',
    bad: only(raw(0xc0, 8, '')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.9-01',
    level: 'MUST',
    title: 'a valid ORIGINATOR_ID from an external peer',
    bad: only(raw(0x80, 9, '0a030303')),
    external: { effects: ['accepted'], attribute: 'not-this' },
    internal: undefined,
  },
  {
    id: 'RFC7606-7.9-02',
    level: 'MUST',
    title: 'ORIGINATOR_ID of a wrong length from an external peer',
    bad: lengths(0x80, 9, 3, 5),
    external: { effects: ['accepted'], attribute: 'not-this' },
    internal: undefined,
  },
  {
    id: 'RFC7606-7.9-03',
    level: 'MUST',
    title: 'ORIGINATOR_ID of a wrong length from an internal peer',
    bad: lengths(0x80, 9, 3, 5, 0),
    external: undefined,
    internal: TAW,
  },
  {
    id: 'RFC7606-7.10-01',
    level: 'MUST',
    title: 'a valid CLUSTER_LIST from an external peer',
    bad: only(raw(0x80, 10, '0a030303')),
    external: { effects: ['accepted'], attribute: 'not-this' },
    internal: undefined,
  },
  {
    id: 'RFC7606-7.10-02',
    level: 'MUST',
    title: 'CLUSTER_LIST of length 5',
    bad: only(raw(0x80, 10, '0a03030300')),
    external: { effects: ['accepted'], attribute: 'not-this' },
    internal: TAW,
  },
  {
    id: 'RFC7606-7.10-03',
    level: 'MUST',
    title: 'CLUSTER_LIST of length 0 from an internal peer',
    bad: only(raw(0x80, 10, '')),
    external: undefined,
    internal: TAW,
  },
  {
    id: 'RFC7606-7.14-01',
    level: 'MUST',
    title: 'EXTENDED COMMUNITIES of a wrong length',
    bad: lengths(0xc0, 16, 7, 9),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.14-02',
    level: 'MUST',
    title: 'EXTENDED COMMUNITIES of length 0',
    bad: only(raw(0xc0, 16, '')),
    ...both(TAW),
  },
  {
    id: 'RFC7606-7.14-03',
    level: 'MUST',
    title: 'an extended community of an unknown transitive type',
    bad: only(raw(0xc0, 16, '3f77010203040506')),
    ...both(INTACT),
  },
  {
    id: 'RFC7606-7.15-01',
    level: 'MUST',
    title: 'IPv6 EXTENDED COMMUNITIES of a wrong length: withdraw if the type is known, else forward',
    bad: lengths(0xc0, 25, 19, 0),
    ...both({ effects: ['withdrawn', 'accepted'] }),
  },
  {
    id: 'RFC7606-7.16-01',
    level: 'MUST',
    title: 'ATTR_SET that is too short: withdraw if the type is known, else forward',
    bad: { short: raw(0xc0, 128, 'fde9'), inner: raw(0xc0, 128, '0000fde9400105') },
    ...both({ effects: ['withdrawn', 'accepted'] }),
  },
  {
    id: 'RFC8092-6-01',
    level: 'MUST',
    title: 'LARGE COMMUNITIES of a wrong length',
    bad: lengths(0xc0, 32, 13, 11),
    ...both(TAW),
  },
  {
    id: 'RFC8092-6-02',
    level: 'MUST',
    title: 'LARGE COMMUNITIES of length 0',
    bad: only(raw(0xc0, 32, '')),
    ...both(TAW),
  },
  {
    id: 'RFC8092-6-03',
    level: 'MUST',
    title: 'the same large community twice',
    bad: only(raw(0xc0, 32, '0000fde900000001000000020000fde90000000100000002')),
    ...both({ effects: ['accepted'], inspect: (route) => large(route) }),
  },
  {
    id: 'RFC9234-5-01',
    level: 'MUST',
    title: 'OTC of a wrong length',
    bad: lengths(0xc0, 35, 3, 5, 0),
    needs: ['otc'],
    ...both(TAW),
  },
  {
    id: 'RFC9234-5-02',
    level: 'RECORD',
    title: 'OTC with AS 0',
    bad: only(() => pa.attribute(0xc0, 35, u32(0))),
    ...both(NOT_RESET),
  },
];

function large(route: SeenRoute): string | undefined {
  const value = route.attributes.find((a) => a.type === 32)?.value.length;
  return value === 12 ? undefined : 'the duplicate removed';
}

const otherRows: readonly AttributeRow[] = [
  {
    id: 'RFC6793-4.1-04',
    level: 'MUST',
    title: 'a valid AS4_PATH from a NEW speaker',
    bad: only(() => pa.as4Path([65001, 70009])),
    ...both(DISC),
  },
  {
    id: 'RFC6793-4.1-05',
    level: 'MUST',
    title: 'an AS4_AGGREGATOR from a NEW speaker',
    bad: only(() => pa.as4Aggregator(70009, '10.7.7.7')),
    ...both(DISC),
  },
  {
    id: 'RFC6793-6-01',
    level: 'MUST',
    title: 'AS4_PATH that ends in the middle of a segment',
    bad: only(raw(0xc0, 17, '020500')),
    senders: ['e1', 'c1', 'n1', 'old'],
    ...both(DISC),
  },
  {
    id: 'RFC6793-6-02',
    level: 'MUST',
    title: 'AS4_PATH with a segment of type 0',
    bad: only(raw(0xc0, 17, '000100011170')),
    senders: ['e1', 'c1', 'n1', 'old'],
    ...both(DISC),
  },
  {
    id: 'RFC6793-6-03',
    level: 'MUST',
    title: 'AS4_AGGREGATOR of length 7',
    bad: only(raw(0xc0, 18, '00011170070707')),
    senders: ['e1', 'c1', 'n1', 'old'],
    ...both(DISC),
  },
  {
    id: 'RFC7311-3.2-01',
    level: 'MUST',
    title: 'AIGP with a broken TLV on a session without AIGP',
    bad: only(raw(0x80, 26, '0100050001')),
    ...both(DISC),
  },
  {
    id: 'RFC9012-13-01',
    level: 'MUST',
    title: 'a Tunnel Encapsulation attribute of garbage',
    bad: only(raw(0xc0, 23, '00')),
    ...both(NOT_RESET),
  },
  {
    id: 'RFC6514-5-01',
    level: 'RECORD',
    title: 'a PMSI Tunnel attribute of two octets',
    bad: only(raw(0xc0, 22, '00ff')),
    ...both(NOT_RESET),
  },
  {
    id: 'RFC6790-Z-01',
    level: 'ROBUST',
    title: 'an Entropy Label attribute of one octet (the incident of 2023)',
    bad: only(raw(0xc0, 28, 'ff')),
    ...both(NOT_RESET),
  },
  {
    id: 'RFC9552-8.2.2-01',
    level: 'SHOULD',
    title: 'a broken BGP-LS attribute on an IPv4 route',
    bad: only(raw(0x80, 29, '040000ff')),
    ...both(NOT_RESET),
  },
  {
    id: 'RFC8669-6-01',
    level: 'MUST',
    title: 'a Prefix-SID TLV that reaches too far: discarded if known, else forwarded',
    bad: only(raw(0xc0, 40, '0100ff00')),
    ...both(NOT_RESET),
  },
  {
    id: 'RFC8205-Z-01',
    level: 'ROBUST',
    title: 'BGPsec_PATH without the capability',
    bad: only(raw(0x80, 33, '0008fde90000')),
    ...both(NOT_RESET),
  },
  {
    id: 'RFC9015-Z-01',
    level: 'RECORD',
    title: 'two octets in attributes of types 36, 37 and 39 to 42',
    bad: Object.fromEntries(
      [36, 37, 39, 40, 41, 42].map((type) => [`type-${type}`, raw(0xc0, type, 'a55a')]),
    ),
    ...both(NOT_RESET),
  },
  {
    id: 'RFC9774-3-01',
    level: 'RECORD',
    title: 'an AS_SET in AS_PATH',
    bad: only(pathOf((asn) => [pa.sequence(asn), pa.set(64990, 64991)])),
    ...both(NOT_RESET),
  },
  {
    id: 'RFC4271-9.1.2-01',
    level: 'MUST',
    title: 'the target’s own AS in an AS_SEQUENCE',
    bad: only(pathOf((asn) => [asn, 65000, 64999])),
    ...both(TAW),
  },
  {
    id: 'RFC4271-9.1.2-02',
    level: 'MUST',
    title: 'the target’s own AS in an AS_SET',
    bad: only(pathOf((asn) => [pa.sequence(asn), pa.set(65000, 64991)])),
    ...both(TAW),
  },
  {
    id: 'RFC4271-6.3-05',
    level: 'SHOULD',
    title: 'NEXT_HOP that is no host address: the route is not used, no NOTIFICATION',
    bad: {
      zero: raw(0x40, 3, '00000000'),
      broadcast: raw(0x40, 3, 'ffffffff'),
      multicast: raw(0x40, 3, 'e0000001'),
      reserved: raw(0x40, 3, 'f0000001'),
    },
    families: ['v4'],
    ...both(TAW),
  },
];

export const attributeRows: readonly AttributeRow[] = [
  ...flagRows,
  ...mandatoryRows,
  ...communityRows,
  ...otherRows,
];
