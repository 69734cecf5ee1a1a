// RFC 9494: routes of a neighbour that stays away longer than graceful restart allows, marked stale and preferred last.

import type { Bench } from '../../engine/bench.ts';
import type { PeerOptions } from '../../engine/bench-options.ts';
import type { Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import type { Seat } from '../../engine/profile.ts';
import { communitiesOf, describeRoute, numberOf, type SeenRoute } from '../../engine/routes.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, u8, u16 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { again, endOfRib4, endOfRib6, type RestartFacts, restartCapability } from '../rfc4724/restart.ts';

const longLived = { profile: 'Pll', needs: ['long-lived-restart'], isolated: true, seconds: 60 } as const;

const longLivedCode = 71;
const LLGR_STALE = pa.community(0xffff, 6);
const NO_LLGR = pa.community(0xffff, 7);

/** What the tester asks for: seconds of graceful restart (as the profile has them), then of long-lived staleness. */
const RESTART = 5;
const STALE = 4;
/** Some look at their timers seldom. */
const SLACK_MS = 15_000;

interface LongLivedFacts {
  readonly stale?: number;
  readonly forwarding?: boolean;
}

/** RFC 9494 §3.1: AFI, SAFI, flags (F), Long-Lived Stale Time (3 octets) per family. */
function longLivedCapability({ stale = STALE, forwarding = true }: LongLivedFacts = {}): m.Capability {
  const family = (afi: number): Bytes =>
    concat(u16(afi), u8(1), u8(forwarding ? 0x80 : 0), u8(0), u16(stale));
  return m.capability(longLivedCode, concat(family(1), family(2)));
}

const both = (restart: RestartFacts = {}, facts: LongLivedFacts = {}): PeerOptions => ({
  extra: [restartCapability({ time: RESTART, ...restart }), longLivedCapability(facts)],
});

/** A neighbour with both capabilities that has sent End-of-RIB. */
async function capable(t: Bench, seat: Seat, options: PeerOptions = both()): Promise<Peer> {
  const peer = await t.peer(seat, options);
  peer.send(endOfRib4, endOfRib6);
  return peer;
}

const isStale = (route: SeenRoute): boolean => communitiesOf(route).includes(staleName);
const staleName = '65535:6';
const noExportName = '65535:65281';

function leaves(peer: Peer): void {
  peer.stopKeepalives();
  peer.connection.finish();
}

interface Scene {
  readonly e1: Peer;
  readonly e2: Peer;
  readonly px: string;
  readonly py: string;
}

/** e1 can restart for long and has announced px and py; e2, which knows of it, has both. */
async function scene(t: Bench, options: PeerOptions = both()): Promise<Scene> {
  const e1 = await capable(t, 'e1', options);
  const e2 = await capable(t, 'e2');
  const [px, py] = [t.prefix(), t.prefix()];
  await t.seed(px, e1, [e2]);
  await t.seed(py, e1, [e2]);
  return { e1, e2, px, py };
}

async function turnsStale(t: Bench, observer: Peer, prefix: string, withinMs: number): Promise<number> {
  const began = t.now();
  const stale = await observer.until(() => {
    const route = observer.route(prefix);
    return route === undefined ? 'gone' : isStale(route) ? 'stale' : undefined;
  }, withinMs);
  t.check(stale === 'stale', `${prefix} with LLGR_STALE`, stale ?? observer.describe(prefix));
  return t.now() - began;
}

const restartPassed = RESTART * 1000 + SLACK_MS;

export const longLivedCases: readonly Case[] = [
  {
    id: 'RFC9494-3.1-01',
    level: 'MUST',
    ...longLived,
    title: 'a neighbour with capability 71 and without 64 leaves',
    expected: 'capability 71 is ignored: its routes go at once',
    run: async (t) => {
      const { e1, e2, px } = await scene(t, { extra: [longLivedCapability()] });
      leaves(e1);
      const began = t.now();
      await e2.loses(px);
      t.check(t.now() - began < 2000, 'withdrawn at once', `after ${Math.round(t.now() - began)} ms`);
    },
  },
  {
    id: 'RFC9494-4.2-01',
    level: 'MUST',
    ...longLived,
    title: 'a neighbour leaves, and the restart time of 5 s passes',
    expected: 'its routes are sent again with LLGR_STALE',
    run: async (t) => {
      const { e1, e2, px } = await scene(t);
      leaves(e1);
      const took = await turnsStale(t, e2, px, restartPassed);
      t.check(took > 3000, 'untouched before the restart time is over', `stale after ${Math.round(took)} ms`);
      t.observe(`stale after ${(took / 1000).toFixed(1)} s`);
    },
  },
  {
    id: 'RFC9494-4.2-02',
    level: 'MUST',
    ...longLived,
    title: 'a route with NO_LLGR beside one without',
    expected: 'the one is withdrawn when the restart time has passed, the other turns stale',
    run: async (t) => {
      const { e1, e2, px } = await scene(t);
      const refusing = t.prefix();
      await t.seed(refusing, e1, [e2], { communities: [NO_LLGR] });
      leaves(e1);
      await turnsStale(t, e2, px, restartPassed);
      await e2.loses(refusing);
    },
  },
  {
    id: 'RFC9494-4.2-03',
    level: 'MUST',
    ...longLived,
    title: 'a neighbour stays away for the 4 s of long-lived stale time too',
    expected: 'its routes are withdrawn then',
    run: async (t) => {
      const { e1, e2, px } = await scene(t);
      leaves(e1);
      await turnsStale(t, e2, px, restartPassed);
      const began = t.now();
      await e2.loses(px, STALE * 1000 + SLACK_MS);
      const took = t.now() - began;
      t.check(took > STALE * 1000 - 1000, 'withdrawn after 4 s', `after ${(took / 1000).toFixed(1)} s`);
    },
  },
  {
    id: 'RFC9494-4.3-01',
    level: 'MUST',
    ...longLived,
    title: 'stale routes and neighbours without capability 71',
    expected: 'withdrawn from them; internal ones may have it with NO_EXPORT and LOCAL_PREF 0 (§4.6)',
    run: async (t) => {
      const { e1, e2, px } = await scene(t);
      const [e3, c1] = await t.peers('e3', 'c1');
      for (const observer of [e3, c1]) await observer.sees(px);
      leaves(e1);
      await turnsStale(t, e2, px, restartPassed);
      await e3.loses(px);
      const kept = await c1.until(() => {
        const route = c1.route(px);
        if (route === undefined) return 'withdrawn';
        return isStale(route) ? describeRoute(route) : undefined;
      });
      const route = c1.route(px);
      const tamed =
        route !== undefined &&
        communitiesOf(route).includes(noExportName) &&
        numberOf(route, pa.LOCAL_PREF) === 0;
      t.check(
        kept === 'withdrawn' || tamed,
        'withdrawn, or NO_EXPORT and LOCAL_PREF 0',
        kept ?? c1.describe(px),
      );
      t.observe(`internal: ${kept}`);
    },
  },
  {
    id: 'RFC9494-4.3-02',
    level: 'MUST',
    ...longLived,
    title: 'a route that a client sends with LLGR_STALE, and a fresh one with a lower LOCAL_PREF',
    expected: 'the community is kept when the route is passed on; the fresh route is preferred',
    run: async (t) => {
      const c1 = await capable(t, 'c1');
      const c3 = await capable(t, 'c3');
      const n1 = await capable(t, 'n1');
      const px = t.prefix();
      await t.seed(px, c1, [n1], { communities: [LLGR_STALE], localPref: 999 });
      t.check(isStale(t.need(n1, px)), 'LLGR_STALE kept', n1.describe(px));
      c3.announce(px, { localPref: 100, path: [64997] });
      await n1.sees(px, (route) => !isStale(route), 'the fresh route');
    },
  },
  {
    id: 'RFC9494-4.4-01',
    level: 'MUST',
    ...longLived,
    title: 'a route with LOCAL_PREF 999 turns stale where there is another one with 100',
    expected: 'the other one is preferred then',
    run: async (t) => {
      const c1 = await capable(t, 'c1');
      const c3 = await capable(t, 'c3');
      const n1 = await capable(t, 'n1');
      const px = t.prefix();
      await t.seed(px, c3, [n1], { localPref: 100, path: [64997] });
      c1.announce(px, { localPref: 999, path: [64996] });
      await n1.sees(px, (route) => numberOf(route, pa.LOCAL_PREF) === 999, 'the better route');
      leaves(c1);
      const fresh = await n1.until(
        () => (numberOf(t.need(n1, px), pa.LOCAL_PREF) === 100 ? true : undefined),
        restartPassed,
      );
      t.check(fresh === true, 'the fresh route with LOCAL_PREF 100', n1.describe(px));
    },
  },
  {
    id: 'RFC9494-4.2-04',
    level: 'MUST',
    ...longLived,
    title: 'the neighbour comes back while its routes are stale, sends one again, and End-of-RIB',
    expected: 'that one loses LLGR_STALE, the other is withdrawn after End-of-RIB',
    run: async (t) => {
      const long: PeerOptions = both({}, { stale: 20 });
      const { e1, e2, px, py } = await scene(t, long);
      leaves(e1);
      await turnsStale(t, e2, px, restartPassed);
      const back = await again(t, 'e1', e1, both({ restarting: true }, { stale: 20 }));
      back.announce(px);
      await e2.sees(px, (route) => !isStale(route), 'without LLGR_STALE');
      t.check(e2.route(py) !== undefined, 'the other stays until End-of-RIB', e2.describe(py));
      back.send(endOfRib4, endOfRib6);
      await e2.loses(py);
      t.need(e2, px);
    },
  },
  {
    id: 'RFC9494-4.2-05',
    level: 'MUST',
    ...longLived,
    title: 'a neighbour whose restart time is 0 leaves',
    expected: 'its routes turn stale at once',
    run: async (t) => {
      const { e1, e2, px } = await scene(t, both({ time: 0 }));
      leaves(e1);
      const took = await turnsStale(t, e2, px, RESTART * 1000 - 500);
      t.observe(`stale after ${Math.round(took)} ms`);
    },
  },
  {
    id: 'RFC9494-4.2-06',
    level: 'MUST',
    ...longLived,
    title: 'the neighbour comes back while its routes are stale, with F = 0 in capability 71',
    expected: 'the stale routes go before any End-of-RIB',
    run: async (t) => {
      const { e1, e2, px, py } = await scene(t, both({}, { stale: 20 }));
      leaves(e1);
      await turnsStale(t, e2, px, restartPassed);
      const families = { v4: 'lost', v6: 'lost' } as const;
      await again(t, 'e1', e1, both({ restarting: true, families }, { stale: 20, forwarding: false }));
      for (const prefix of [px, py]) await e2.loses(prefix);
    },
  },
];
