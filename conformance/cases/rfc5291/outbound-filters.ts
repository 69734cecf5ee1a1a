// RFC 5291 and RFC 5292: filters on prefixes that the neighbour sends and the target applies to what it tells it.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { prefix as prefixBytes } from '../../wire/address.ts';
import { type Bytes, concat, hex, u8, u16, u32 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

const filtered = { profile: 'Porf', needs: ['prefix-orf'] } as const;

const IMMEDIATE = 1;
const DEFER = 2;
const PREFIX_FILTER = 64;
const REMOVE_ALL = hex('80');
const SENDS = 2;

/** RFC 5291 §5: AFI, reserved, SAFI, how many types, then type and direction. */
const filterCapability = m.capability(3, concat(u16(1), u8(0), u8(1), u8(1), u8(PREFIX_FILTER), u8(SENDS)));

/** RFC 5292 §2: what is permitted, from /24 to /24 inside the prefix. */
const permit = (prefix: string): Bytes => concat(u8(0), u32(10), u8(24), u8(24), prefixBytes(prefix));

function refresh(when: number, entries: Bytes): Bytes {
  const list = concat(u8(when), u8(PREFIX_FILTER), u16(entries.length), entries);
  return m.message(m.ROUTE_REFRESH, concat(u16(1), u8(0), u8(1), list));
}

interface Scene {
  readonly e1: Peer;
  readonly e2: Peer;
  /** Inside 198.18.0.0/15, which the filter permits. */
  readonly inside: string;
  readonly outside: string;
}

/** A prefix inside 198.18.0.0/15 that no other case has. */
const permitted = (t: Bench): string =>
  t.prefix().replace(/^20\.(\d+)/, (_, n) => `198.${18 + (Number(n) % 2)}`);

async function scene(t: Bench): Promise<Scene> {
  const e1 = await t.peer('e1');
  const e2 = await t.peer('e2', { extra: [filterCapability] });
  // RFC 5291 §6: until it has asked, a neighbour that has filters is told nothing.
  e2.send(m.routeRefresh(1, 1));
  const [inside, outside] = [permitted(t), t.prefix()];
  await t.seed(inside, e1, [e2]);
  await t.seed(outside, e1, [e2]);
  return { e1, e2, inside, outside };
}

/** The filter as a whole in force: the permitted route there, the other withdrawn, and none like it told from now on. */
async function holds(t: Bench, { e1, e2, inside, outside }: Scene): Promise<void> {
  await e2.loses(outside);
  await e2.sees(inside);
  const later = t.prefix();
  e1.announce(later);
  for (let round = 0; round < 2; round++) {
    const sentinel = permitted(t);
    e1.announce(sentinel, { path: [65001, 64512 + round] });
    await e2.sees(sentinel, undefined, 'the sentinel, which the filter permits');
  }
  t.absent(later, [e2], 'no route that the filter does not permit');
}

/** No filter any more: what it kept back is sent, and what comes later too. */
async function opens(t: Bench, { e1, e2, outside }: Scene): Promise<void> {
  await e2.until(() => e2.route(outside) ?? e2.connection.ending);
  const how = await t.trySettle(e1, [e2]);
  // A process that died takes a moment to be gone.
  if (how === 'down') await t.pause(500);
  t.check(how === 'up', 'the sessions stay up, all routes are sent', `e1: ${e1.state()}, e2: ${e2.state()}`);
  t.need(e2, outside);
}

export const outboundFilterCases: readonly Case[] = [
  {
    id: 'RFC5291-4-01',
    level: 'MAY',
    ...filtered,
    title: 'a filter that permits 198.18.0.0/15, to be applied at once',
    expected: 'only routes inside it are sent, the others withdrawn',
    run: async (t) => {
      const s = await scene(t);
      s.e2.send(refresh(IMMEDIATE, permit('198.18.0.0/15')));
      await holds(t, s);
    },
  },
  {
    id: 'RFC5291-6-01',
    level: 'MAY',
    ...filtered,
    title: 'the same filter, deferred; then a plain ROUTE-REFRESH',
    expected: 'it counts from the ROUTE-REFRESH on',
    run: async (t) => {
      const s = await scene(t);
      s.e2.send(refresh(DEFER, permit('198.18.0.0/15')));
      const sentinel = permitted(t);
      await t.seed(sentinel, s.e1, [s.e2]);
      t.check(s.e2.route(s.outside) !== undefined, 'nothing withdrawn before', s.e2.describe(s.outside));
      s.e2.send(m.routeRefresh(1, 1));
      await holds(t, s);
    },
  },
  {
    id: 'RFC5291-6-02',
    level: 'MAY',
    ...filtered,
    isolated: true,
    title: 'a filter, then remove-all',
    expected: 'all routes are sent again',
    run: async (t) => {
      const s = await scene(t);
      s.e2.send(refresh(IMMEDIATE, permit('198.18.0.0/15')));
      await holds(t, s);
      s.e2.send(refresh(IMMEDIATE, REMOVE_ALL));
      await opens(t, s);
    },
  },
  {
    id: 'RFC5291-6-03',
    level: 'MAY',
    ...filtered,
    isolated: true,
    title: 'a filter, then an entry that is malformed',
    expected: 'the entries of that type are removed: all routes are sent again; no crash',
    variants: each(
      {
        'cut-off': hex('000000000a1818'),
        'length-33': hex('000000000b181821c612000000'),
        'min-over-max': hex('000000000b20180fc612'),
        'length-beyond': hex('000000000b181818c6'),
      },
      async (t, entry) => {
        const s = await scene(t);
        s.e2.send(refresh(IMMEDIATE, permit('198.18.0.0/15')));
        await holds(t, s);
        s.e2.send(refresh(IMMEDIATE, entry));
        await opens(t, s);
      },
    ),
  },
];
