// What a row of a malformed attribute is, and the words its tables are written in.

import type { Level } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import type { SeenRoute } from '../../engine/routes.ts';
import type { Feature } from '../../targets/target.ts';
import type { Family } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, hex } from '../../wire/bytes.ts';
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

export const TAW: Expectation = { effects: ['withdrawn'] };
export const DISC: Expectation = { effects: ['accepted'], attribute: 'gone' };
export const DISC_OR_TAW: Expectation = { effects: ['accepted', 'withdrawn'], attribute: 'gone' };
export const NOT_RESET: Expectation = { effects: ['accepted', 'withdrawn'] };
export const INTACT: Expectation = { effects: ['accepted'], attribute: 'intact' };

export const raw = (flags: number, type: number, value: string) => () =>
  pa.attribute(flags, type, hex(value));
/** Lengths as variants: `{ 'len-3': …, 'len-5': … }` with octets of 00. */
export function lengths(flags: number, type: number, ...list: readonly number[]) {
  return Object.fromEntries(list.map((n) => [`len-${n}`, raw(flags, type, '00'.repeat(n))]));
}
export const both = (expectation: Expectation) => ({ external: expectation, internal: expectation });
export const only = (bad: (peer: Peer) => Bytes) => ({ '': bad });

/** The valid path of the peer, as octets, with something behind it. */
export const pathPlus = (tail: string) => (peer: Peer) => {
  const start = peer.facts.internal ? [64999] : [peer.facts.asn, 64999];
  return pa.attribute(0x40, pa.AS_PATH, concat(pa.pathBytes(start, peer.width), hex(tail)));
};
export const pathOf =
  (build: (asn: number) => pa.Path, flags = 0x40) =>
  (peer: Peer) => {
    const first = peer.facts.internal ? 64996 : peer.facts.asn;
    return pa.attribute(flags, pa.AS_PATH, pa.pathBytes(build(first), peer.width));
  };
