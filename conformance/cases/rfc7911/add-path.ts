// RFC 7911: several paths per prefix.

import type { Bench } from '../../engine/bench.ts';
import type { Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { addPathModes } from '../../engine/peer.ts';
import { CLUSTER_ID } from '../../engine/profile.ts';
import { hexOf, numberOf, pathOf } from '../../engine/routes.ts';
import { hex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

const ap = { profile: 'Pap', needs: ['add-path'] } as const;
/** Capability 69: IPv4 and IPv6 unicast, receive 1, send 2, both 3. */
const modes = (v4: number, v6 = v4) => ({
  extra: [m.capability(69, hex(`000101${hex2(v4)}000201${hex2(v6)}`))],
});
const hex2 = (n: number): string => n.toString(16).padStart(2, '0');

const paths = (peer: Peer, px: string): string => peer.paths(px).map(pathOf).sort().join(' | ');

/** e1 with ADD-PATH has announced (px,1) and (px,2); c1 receives all paths, e2 is a plain observer. */
async function two(t: Bench) {
  const e1 = await t.peer('e1', modes(3));
  const c1 = await t.peer('c1', modes(3));
  const e2 = await t.peer('e2');
  const px = t.prefix();
  await t.seed(px, e1, [c1, e2], { pathId: 1, path: [65001, 64701] });
  e1.announce(px, { pathId: 2, path: [65001, 64702, 64703] });
  await c1.until(() => (c1.paths(px).length === 2 ? true : undefined));
  t.check(paths(c1, px) === '65001 64701 | 65001 64702 64703', 'both paths at c1', paths(c1, px));
  return { e1, c1, e2, px };
}

/** Waits until an observer has exactly these paths. */
async function becomes(t: Bench, peer: Peer, px: string, wanted: string): Promise<void> {
  await peer.until(() => (paths(peer, px) === wanted ? true : undefined));
  t.check(paths(peer, px) === wanted, `paths ${wanted || 'none'} at ${peer.name}`, paths(peer, px) || 'none');
}

export const addPathCases: readonly Case[] = [
  {
    id: 'RFC7911-4-01',
    level: 'MUST',
    ...ap,
    title: 'read the OPEN of the target',
    expected: 'capability 69 with 4-octet tuples, Send/Receive 1 to 3',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      const found = (e1.remoteOpen?.capabilities ?? []).filter((c) => c.code === 69);
      const all = [...addPathModes(found).values()];
      const good =
        found.every((c) => c.value.length % 4 === 0) && all.length > 0 && all.every((n) => n >= 1 && n <= 3);
      t.check(good, 'tuples with Send/Receive 1 to 3', all.join(' ') || 'no capability 69');
    },
  },
  {
    id: 'RFC7911-4-02',
    level: 'MUST',
    ...ap,
    title: 'a tuple with Send/Receive 7 or 0',
    expected: 'the tuple ignored: plain NLRI both ways',
    variants: {
      seven: async (t) => void (await t.mustEstablish('e1', modes(7))),
      zero: async (t) => void (await t.mustEstablish('e1', modes(0))),
    },
  },
  {
    id: 'RFC7911-3-01',
    level: 'MUST',
    ...ap,
    title: 'two paths to one prefix',
    expected: 'both passed on, with distinct identifiers',
    run: async (t) => void (await two(t)),
  },
  {
    id: 'RFC7911-5-01',
    level: 'MUST',
    ...ap,
    title: 'path 1 again with another AS_PATH',
    expected: 'only path 1 is replaced',
    run: async (t) => {
      const { e1, c1, px } = await two(t);
      e1.announce(px, { pathId: 1, path: [65001, 64709] });
      await becomes(t, c1, px, '65001 64702 64703 | 65001 64709');
    },
  },
  {
    id: 'RFC7911-5-02',
    level: 'MUST',
    ...ap,
    title: 'path 1 withdrawn',
    expected: 'only path 1 goes; a plain observer is sent the other',
    run: async (t) => {
      const { e1, c1, e2, px } = await two(t);
      e1.withdraw(px, 1);
      await becomes(t, c1, px, '65001 64702 64703');
      await becomes(t, e2, px, '65000 65001 64702 64703');
    },
  },
  {
    id: 'RFC7911-5-03',
    level: 'SHOULD',
    ...ap,
    title: 'a path withdrawn that was never announced',
    expected: 'nothing changes',
    run: async (t) => {
      const { e1, c1, px } = await two(t);
      e1.withdraw(px, 77);
      const py = t.prefix();
      e1.announce(py, { pathId: 1 });
      await c1.sees(py);
      t.check(c1.paths(px).length === 2, 'both paths', paths(c1, px));
    },
  },
  {
    id: 'RFC7911-5-04',
    level: 'MUST',
    ...ap,
    title: 'path identifiers 0 and ffffffff',
    expected: 'valid',
    run: async (t) => {
      const e1 = await t.peer('e1', modes(3));
      const c1 = await t.peer('c1', modes(3));
      const px = t.prefix();
      e1.announce(px, { pathId: 0, path: [65001, 64701] });
      e1.announce(px, { pathId: 0xffffffff, path: [65001, 64702] });
      await becomes(t, c1, px, '65001 64701 | 65001 64702');
    },
  },
  {
    id: 'RFC7911-5-06',
    level: 'MUST',
    ...ap,
    title: 'two paths toward an observer without ADD-PATH',
    expected: 'the best one only',
    run: async (t) => {
      const { e2, px } = await two(t);
      await becomes(t, e2, px, '65000 65001 64701');
    },
  },
  {
    id: 'RFC7911-5-07',
    level: 'MUST',
    ...ap,
    title: 'the session of two paths goes down',
    expected: 'both withdrawn',
    run: async (t) => {
      const { e1, c1, e2, px } = await two(t);
      e1.stopKeepalives();
      e1.connection.finish();
      for (const observer of [c1, e2]) await observer.loses(px);
    },
  },
  {
    id: 'RFC7911-3-03',
    level: 'MUST',
    ...ap,
    title: 'NLRI with less than five octets where identifiers were negotiated',
    expected: 'NOTIFICATION 3/*',
    run: async (t) => {
      const e1 = await t.peer('e1', modes(3));
      const c1 = await t.peer('c1', modes(3));
      const px = t.prefix();
      await t.seed(px, e1, [c1], { pathId: 1 });
      e1.announce('20.9.9.0/24');
      await t.notified(e1, 3);
    },
  },
  {
    id: 'RFC7911-4-04',
    level: 'MUST',
    ...ap,
    title: 'the tester can only receive identifiers',
    expected: 'the target sends them and reads ours without',
    run: async (t) => {
      const e1 = await t.peer('e1', modes(1));
      const c1 = await t.peer('c1', modes(1));
      const px = t.prefix();
      e1.announce(px);
      const route = await c1.sees(px);
      t.check(route.pathId !== undefined, 'a path identifier', 'none');
    },
  },
  {
    id: 'RFC7911-4-05',
    level: 'MUST',
    ...ap,
    title: 'the tester can only send identifiers',
    expected: 'the target reads them and sends without',
    run: async (t) => {
      const e1 = await t.peer('e1', modes(2));
      const c1 = await t.peer('c1', modes(2));
      const px = t.prefix();
      e1.announce(px, { pathId: 5 });
      await c1.sees(px);
    },
  },
  {
    id: 'RFC7911-4-06',
    level: 'MUST',
    ...ap,
    title: 'identifiers negotiated for IPv4 only',
    expected: 'IPv6 without them, both ways',
    run: async (t) => {
      const only4 = { extra: [m.capability(69, hex('00010103'))] };
      const e1 = await t.peer('e1', only4);
      const c1 = await t.peer('c1', only4);
      const [p4, p6] = [t.prefix(), t.prefix('v6')];
      e1.announce(p4, { pathId: 9 });
      e1.announce(p6);
      await c1.sees(p4);
      await c1.sees(p6);
    },
  },
  {
    id: 'RFC7911-4-03',
    level: 'RECORD',
    title: 'capability 69 with three octets',
    expected: 'NOTIFICATION 2/0, or the capability is ignored',
    run: async (t) => {
      const options = { extra: [m.capability(69, hex('000101'))] };
      const e1 = await t.connect('e1', options);
      e1.sendOpen(t.openOf(e1.facts, options));
      await e1.until(() => (e1.established ? true : e1.up ? undefined : false));
      t.observe(e1.state());
    },
  },
  {
    id: 'RFC7911-5-05',
    level: 'MUST',
    ...ap,
    title: 'the attributes of one of two paths change',
    expected: 'its identifier toward others stays, and differs from that of the other path',
    run: async (t) => {
      const { e1, c1, px } = await two(t);
      const before = identifiers(c1, px);
      t.check(new Set(before.values()).size === 2, 'two identifiers', [...before.values()].join(' '));
      e1.announce(px, { pathId: 1, path: [65001, 64701], med: 77 });
      await c1.sees(px, (route) => numberOf(route, 4) === 77, 'the changed path');
      const after = identifiers(c1, px);
      const same = [...before].every(([path, id]) => after.get(path) === id) && after.size === 2;
      t.check(same, 'the same identifiers as before', [...after.values()].join(' '));
    },
  },
  {
    id: 'RFC7911-3-02',
    level: 'MUST',
    ...ap,
    title: 'NLRI without identifiers where they were negotiated',
    expected: 'read as identifiers, or the session is reset; the target lives on',
    run: async (t) => {
      const e1 = await t.peer('e1', modes(3));
      const [c1, e3] = await t.peers('c1', 'e3');
      e1.announce(['20.9.9.0/24', '20.9.8.0/24', '20.9.7.0/24']);
      const px = t.prefix();
      e1.announce(px, { pathId: 1 });
      await e1.until(() => c1.route(px) ?? e1.connection.ending);
      t.observe(e1.state());
      await t.settle(e3, [c1]);
    },
  },
  {
    id: 'RFC7911-5-08',
    level: 'MUST',
    ...ap,
    title: 'two clients announce one prefix, a third takes all paths',
    expected: 'both reflected, each with the ORIGINATOR_ID of its sender and the CLUSTER_LIST',
    run: async (t) => {
      const c1 = await t.peer('c1', modes(3));
      const c2 = await t.peer('c2', modes(3));
      const c3 = await t.peer('c3', modes(3));
      const px = t.prefix();
      c1.announce(px, { pathId: 1, path: [64701] });
      c2.announce(px, { pathId: 1, path: [64702] });
      await becomes(t, c3, px, '64701 | 64702');
      for (const [sender, path] of [
        [c1, '64701'],
        [c2, '64702'],
      ] as const) {
        const route = c3.paths(px).find((each) => pathOf(each) === path);
        const marks = route === undefined ? 'no route' : `${hexOf(route, 9)} ${hexOf(route, 10)}`;
        const wanted = `${identifierHex(sender.id)} ${identifierHex(CLUSTER_ID)}`;
        t.check(marks === wanted, `ORIGINATOR_ID and CLUSTER_LIST ${wanted}`, marks);
      }
    },
  },
];

const identifierHex = (text: string): string =>
  text
    .split('.')
    .map((octet) => hex2(Number(octet)))
    .join('');

/** The identifier of each path, by its AS_PATH. */
const identifiers = (peer: Peer, px: string): ReadonlyMap<string, number | undefined> =>
  new Map(peer.paths(px).map((route) => [pathOf(route), route.pathId]));
