import { type Case, each } from '../../engine/case.ts';
import * as pa from '../../wire/attributes.ts';
import { concat, hex } from '../../wire/bytes.ts';
import { sizedAnnouncement } from '../shapes.ts';
import { families, listIs, reflected, relayed, secondReflector } from './reflecting.ts';

export const clusterCases: readonly Case[] = [
  {
    id: 'RFC4456-7-01',
    level: 'MUST',
    title: 'what the target reflected comes back to it, as if by another reflector with the same cluster id',
    expected: 'ignored; under another cluster id the same route is taken',
    variants: each(families, async (t, family) => {
      const [c1, c2, n1] = await t.peers('c1', 'c2', 'n1');
      const px = t.prefix(family);
      await t.seed(px, c1, [c2, n1]);
      const told = relayed(t, t.need(n1, px));
      c1.withdraw(px);
      for (const observer of [c2, n1]) await observer.loses(px);
      n1.announce(px, told);
      await t.settle(n1, [c2], family);
      t.absent(px, [c2], 'a route of the own cluster');
      // Nothing but the cluster id stood in its way.
      n1.announce(px, { ...told, clusterList: [secondReflector] });
      await c2.sees(px);
    }),
  },
  {
    id: 'RFC4456-7-02',
    level: 'MUST',
    title: 'a ring of client, target, a second reflector (played by the tester) and client',
    expected: 'CLUSTER_LIST grows by one id at each reflector; what has been around is ignored',
    variants: each(families, async (t, family) => {
      const [c1, c2, n1] = await t.peers('c1', 'c2', 'n1');
      const [out, home] = [t.prefix(family), t.prefix(family)];
      // From a client of the second reflector, through the target.
      await t.seed(home, n1, [c1], { originatorId: '10.3.3.3', clusterList: [secondReflector] });
      listIs(t, t.need(c1, home), 10, ['10.0.0.99', secondReflector]);
      listIs(t, t.need(c1, home), 9, ['10.3.3.3']);
      // From a client of the target, round the ring; the target has no other path then.
      await t.seed(out, c1, [c2, n1]);
      const told = relayed(t, t.need(n1, out));
      listIs(t, t.need(n1, out), 10, ['10.0.0.99']);
      c1.withdraw(out);
      await c2.loses(out);
      n1.announce(out, { ...told, clusterList: [secondReflector, ...(told.clusterList ?? [])] });
      await t.settle(n1, [c2], family);
      t.absent(out, [c2], 'what has been around');
    }),
  },
  {
    id: 'RFC4456-8-13',
    level: 'MUST',
    title: 'a CLUSTER_LIST that grows past 255 octets',
    expected: 'extended length, all of them kept',
    run: async (t) => {
      const [c1, c2] = await t.peers('c1', 'c2');
      for (const count of [50, 63, 64]) {
        const clusterList = Array.from({ length: count }, (_, i) => `10.200.0.${i + 1}`);
        const route = await reflected(t, c1, c2, { originatorId: '10.3.3.3', clusterList });
        listIs(t, route, 10, ['10.0.0.99', ...clusterList]);
      }
    },
  },
  {
    id: 'RFC4456-8-14',
    level: 'ROBUST',
    isolated: true,
    title: 'a CLUSTER_LIST so long that another entry does not fit 4096 octets',
    expected: 'not sent, or an earlier route withdrawn; no session falls',
    run: async (t) => {
      const [c1, c2] = await t.peers('c1', 'c2');
      const px = t.prefix();
      await t.seed(px, c1, [c2]);
      const clusters = pa.attribute(0x90, 10, concat(...Array.from({ length: 990 }, () => hex('0ac80001'))));
      c1.send(sizedAnnouncement(c1, px, 4094, { originatorId: '10.3.3.3', with: [clusters] }));
      const how = await t.trySettle(c1, [c2]);
      t.check(how === 'up', 'routes behind it arrive', how === 'down' ? c1.state() : 'nothing any more');
      t.check(c2.route(px) === undefined, 'the earlier route withdrawn', c2.describe(px).slice(0, 80));
    },
  },
];
