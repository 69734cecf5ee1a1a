// RFC 4271 §9.1 and RFC 4456 §9 once more, as a model of a page: random candidates, and the target must choose as it does.

import type { PeerOptions } from '../../engine/bench-options.ts';
import type { Body, Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import type { Seat } from '../../engine/profile.ts';
import { communitiesOf, type RouteSpec } from '../../engine/routes.ts';
import * as pa from '../../wire/attributes.ts';
import { seeded } from '../../wire/bytes.ts';

const TAG = 64511;
const perVariant = 40;

/** Candidates by seat; identifiers are all different, and in another order than the seats. */
const seats: readonly { readonly seat: Seat; readonly asn: number; readonly id: string }[] = [
  { seat: 'e1', asn: 65001, id: '10.7.0.4' },
  { seat: 'e1b', asn: 65001, id: '10.7.0.2' },
  { seat: 'e2', asn: 65002, id: '10.7.0.8' },
  { seat: 'e2b', asn: 65002, id: '10.7.0.1' },
  { seat: 'e3', asn: 65003, id: '10.7.0.6' },
  { seat: 'c1', asn: 0, id: '10.7.0.3' },
  { seat: 'c2', asn: 0, id: '10.7.0.7' },
  { seat: 'n1', asn: 0, id: '10.7.0.5' },
];

/** What the model looks at; everything else is alike. */
interface Candidate {
  readonly at: number;
  readonly internal: boolean;
  readonly localPref: number;
  readonly path: readonly number[];
  readonly origin: number;
  readonly med: number | undefined;
  readonly identifier: string;
}

/** The seed is in the name of the execution, and every candidate in what a failure says. */
function randomOf(seed: number): (below: number) => number {
  const random = seeded(seed);
  return (below) => random() % below;
}

function candidate(at: number, random: (below: number) => number): Candidate {
  const { asn, id } = seats[at] as (typeof seats)[number];
  const internal = asn === 0;
  // Internal routes come from the same neighbouring ASes, so that MED is compared across the border.
  const first = internal ? 65001 + random(3) : asn;
  return {
    at,
    internal,
    localPref: internal ? ([100, 100, 90, 110][random(4)] ?? 100) : 100,
    path: [first, ...[64901, 64902].slice(0, random(4) === 0 ? 2 : 1)],
    origin: random(4) === 0 ? 2 : 0,
    med: [undefined, 0, 10, 20][random(4)],
    identifier: id,
  };
}

/** Those with the least value. */
function least(list: readonly Candidate[], value: (one: Candidate) => number): readonly Candidate[] {
  const best = Math.min(...list.map(value));
  return list.filter((one) => value(one) === best);
}

const numeric = (id: string): number => id.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

/** RFC 4271 §9.1.1 and §9.1.2.2 a) to g), as the elimination that the text describes. */
export function modelWinner(candidates: readonly Candidate[]): number {
  let left = least(candidates, ({ localPref }) => -localPref);
  left = least(left, ({ path }) => path.length);
  left = least(left, ({ origin }) => origin);
  // c) only routes of the same neighbouring AS are compared; none is the lowest.
  left = left.filter(
    (one) => !left.some((other) => other.path[0] === one.path[0] && (other.med ?? 0) < (one.med ?? 0)),
  );
  left = least(left, ({ internal }) => Number(internal));
  left = least(left, ({ identifier }) => numeric(identifier));
  return (left[0] as Candidate).at;
}

function specOf({ internal, localPref, path, origin, med, at }: Candidate): RouteSpec {
  return {
    path: [...path],
    origin,
    communities: [pa.community(TAG, at + 1)],
    ...(med === undefined ? {} : { med }),
    ...(internal ? { localPref } : {}),
  };
}

const wordsOf = ({ at, localPref, path, origin, med }: Candidate): string =>
  `${seats[at]?.seat} LP ${localPref} path ${path.join(' ')} origin ${origin} MED ${med ?? 'none'}`;

function play(firstSeed: number): Body {
  return async (t) => {
    const observer = await t.peer('c3');
    const peers: Peer[] = [];
    for (const { seat, id } of seats) peers.push(await t.peer(seat, { id } satisfies PeerOptions));
    for (let seed = firstSeed; seed < firstSeed + perVariant; seed++) {
      const random = randomOf(seed);
      const present = seats.map((_, at) => at).filter(() => random(4) > 0);
      const candidates = (present.length > 0 ? present : [0]).map((at) => candidate(at, random));
      const px = t.prefix();
      for (const one of candidates) (peers[one.at] as Peer).announce(px, specOf(one));
      for (const { at } of candidates) await t.settle(peers[at] as Peer, [observer]);
      const wanted = modelWinner(candidates);
      const tag = communitiesOf(t.need(observer, px)).find((text) => text.startsWith(`${TAG}:`));
      t.check(
        tag === `${TAG}:${wanted + 1}`,
        `seed ${seed}: ${seats[wanted]?.seat} wins of ${candidates.map(wordsOf).join('; ')}`,
        `${tag ?? 'no tag'}: ${observer.describe(px)}`,
      );
    }
  };
}

export const decisionModelCases: readonly Case[] = [
  {
    id: 'Z-DEC-01',
    level: 'ROBUST',
    title: 'random candidates of eight neighbours, 200 times',
    expected: 'the winner of a model that follows the text',
    seconds: 60,
    variants: Object.fromEntries(
      [1, 41, 81, 121, 161].map((first) => [`seeds-${first}-${first + perVariant - 1}`, play(first)]),
    ),
  },
];
