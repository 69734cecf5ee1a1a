// RFC 7911: several paths per prefix. RFC 8654: messages longer than 4096 octets.

import type { Bench } from '../../engine/bench.ts';
import type { Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { addPathModes } from '../../engine/peer.ts';
import { pathOf } from '../../engine/routes.ts';
import { hex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { sizedAnnouncement } from '../shapes.ts';

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
];

const xm = { profile: 'Pxm', needs: ['extended-messages'] } as const;
const long = { extra: [m.capability(6)] } as const;

export const extendedMessageCases: readonly Case[] = [
  {
    id: 'RFC8654-3-01',
    level: 'SHOULD',
    ...xm,
    title: 'read the OPEN of the target',
    expected: 'capability 6 of length 0',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      const found = e1.remoteOpen?.capabilities.find((c) => c.code === 6);
      t.check(
        found?.value.length === 0,
        'capability 6 of length 0',
        found === undefined ? 'absent' : 'another length',
      );
    },
  },
  ...(
    [
      ['RFC8654-4-01', 'an UPDATE of 5000 octets, both sides have capability 6', 5000, long],
      ['RFC8654-4-02', 'an UPDATE of 5000 octets where only the target advertised capability 6', 5000, {}],
      ['RFC8654-4-03', 'an UPDATE of 65500 octets, both sides have capability 6', 65_500, long],
    ] as const
  ).map(([id, title, octets, options]): Case => {
    return {
      id,
      level: 'MUST',
      ...xm,
      title,
      expected: 'accepted, and passed on to a peer with capability 6',
      run: async (t) => {
        const e1 = await t.peer('e1', options);
        const c1 = await t.peer('c1', long);
        const px = t.prefix();
        await t.seed(t.prefix(), e1, [c1]);
        e1.send(sizedAnnouncement(e1, px, octets));
        await c1.sees(px);
      },
    };
  }),
  {
    id: 'RFC8654-5-01',
    level: 'MUST',
    profile: 'Pnoxm',
    title: 'an UPDATE of 4097 octets toward a target that did not advertise capability 6',
    expected: 'NOTIFICATION 1/2',
    run: async (t) => {
      const e1 = await t.peer('e1', long);
      e1.send(sizedAnnouncement(e1, t.prefix(), 4097));
      await t.notified(e1, 1, 2, '1001');
    },
  },
  {
    id: 'RFC8654-4-05',
    level: 'MUST',
    ...xm,
    title: 'a route of 5000 octets toward a peer without capability 6',
    expected: 'not sent, an earlier one withdrawn; session up',
    run: async (t) => {
      const e1 = await t.peer('e1', long);
      const c1 = await t.peer('c1', long);
      const e2 = await t.peer('e2');
      const px = t.prefix();
      await t.seed(px, e1, [c1, e2]);
      e1.send(sizedAnnouncement(e1, px, 5000, { origin: 2 }));
      await c1.sees(px, (r) => r.attributes.some((a) => a.type === 250), 'the long route');
      await t.settle(e1, [c1, e2]);
      // Neither the earlier route nor one in a message that e2 does not take.
      const { length } = e2.describe(px);
      t.check(
        e2.route(px) === undefined,
        'the earlier route gone from e2, nothing in its place',
        `${e2.describe(px).slice(0, 120)}${length > 120 ? '…' : ''}`,
      );
    },
  },
];
