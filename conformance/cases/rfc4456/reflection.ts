import { type Case, each } from '../../engine/case.ts';
import { attributeOf, describeRoute, hexOf, numberOf, pathOf } from '../../engine/routes.ts';
import { formatAddress } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { hex } from '../../wire/bytes.ts';
import { all4, families, heard, listIs, loops, reflected } from './reflecting.ts';

export const reflectionCases: readonly Case[] = [
  {
    id: 'RFC4456-6-01',
    level: 'MUST',
    title: 'a route from a non-client',
    expected: 'to clients and external peers, not to non-clients',
    variants: heard('n1', ['c1', 'c2', 'e2'], ['n2']),
  },
  {
    id: 'RFC4456-6-02',
    level: 'MUST',
    title: 'a route from a client',
    expected: 'to other clients, non-clients and external peers',
    variants: heard('c1', ['c2', 'n1', 'n2', 'e2'], []),
  },
  {
    id: 'RFC4456-6-03',
    level: 'MUST',
    title: 'a route from an external peer',
    expected: 'to everybody',
    variants: heard('e1', ['c1', 'c2', 'n1', 'n2', 'e2'], []),
  },
  {
    id: 'RFC4456-6-04',
    level: 'RECORD',
    title: 'is a client’s route sent back to it?',
    expected: 'suppressed, or sent: the client recognises its ORIGINATOR_ID',
    run: async (t) => {
      const [c1, c2] = await t.peers('c1', 'c2');
      const px = t.prefix();
      await t.seed(px, c1, [c2]);
      await t.settle(c1, [c2]);
      t.observe(c1.route(px) === undefined ? 'not sent back' : 'sent back');
    },
  },
  {
    id: 'RFC4456-6-05',
    level: 'MUST',
    profile: 'Pncc',
    title: 'a client’s route with client-to-client reflection off',
    expected: 'to non-clients, not to other clients',
    variants: heard('c1', ['n1', 'e2'], ['c2']),
  },
  {
    id: 'RFC4456-8-02',
    level: 'MUST',
    title: 'the ORIGINATOR_ID a reflector adds',
    expected: 'the BGP Identifier of the peer the route came from',
    variants: each({ 'c1-c2': ['c1', 'c2'], 'n1-c1': ['n1', 'c1'] } as const, async (t, [a, b]) => {
      const from = await t.peer(a, { id: '10.77.1.2' });
      const to = await t.peer(b);
      for (const family of ['v4', 'v6'] as const)
        listIs(t, await reflected(t, from, to, {}, family), 9, ['10.77.1.2']);
    }),
  },
  {
    id: 'RFC4456-8-03',
    level: 'MUST',
    title: 'a client’s route toward a non-client',
    expected: 'ORIGINATOR_ID and CLUSTER_LIST are there',
    variants: each(families, async (t, family) => {
      const [c1, n1] = await t.peers('c1', 'n1');
      const route = await reflected(t, c1, n1, {}, family);
      listIs(t, route, 9, [c1.id]);
      listIs(t, route, 10, ['10.0.0.99']);
    }),
  },
  {
    id: 'RFC4456-8-04',
    level: 'MUST',
    title: 'a route that has an ORIGINATOR_ID already',
    expected: 'kept',
    variants: each(
      { 'c1-c2': ['c1', 'c2'], 'c1-n1': ['c1', 'n1'], 'n1-c1': ['n1', 'c1'] } as const,
      async (t, [a, b]) => {
        const [from, to] = [await t.peer(a), await t.peer(b)];
        listIs(t, await reflected(t, from, to, { originatorId: '10.3.3.3', clusterList: ['10.0.0.50'] }), 9, [
          '10.3.3.3',
        ]);
      },
    ),
  },
  {
    id: 'RFC4456-8-05',
    level: 'MUST',
    title: 'a CLUSTER_LIST of two',
    expected: 'the own cluster id in front of it',
    variants: each(
      { 'c1-c2': ['c1', 'c2'], 'c1-n1': ['c1', 'n1'], 'n1-c1': ['n1', 'c1'] } as const,
      async (t, [a, b]) => {
        const [from, to] = [await t.peer(a), await t.peer(b)];
        for (const family of ['v4', 'v6'] as const) {
          const spec = { originatorId: '10.3.3.3', clusterList: ['10.0.0.50', '10.0.0.51'] };
          listIs(t, await reflected(t, from, to, spec, family), 10, ['10.0.0.99', '10.0.0.50', '10.0.0.51']);
        }
      },
    ),
  },
  {
    id: 'RFC4456-8-06',
    level: 'MUST',
    title: 'a route without CLUSTER_LIST',
    expected: 'one is created with the own cluster id',
    variants: each({ 'c1-c2': ['c1', 'c2'], 'n1-c1': ['n1', 'c1'] } as const, async (t, [a, b]) => {
      const [from, to] = [await t.peer(a), await t.peer(b)];
      const route = await reflected(t, from, to);
      listIs(t, route, 10, ['10.0.0.99']);
      t.check(attributeOf(route, 10)?.flags === 0x80, 'flags 80', describeRoute(route));
    }),
  },
  {
    id: 'RFC4456-8-07',
    level: 'MUST',
    title: 'an external route toward clients and non-clients',
    expected: 'neither ORIGINATOR_ID nor CLUSTER_LIST: it is not reflected',
    variants: each({ c1: 'c1', n1: 'n1' } as const, async (t, seat) => {
      const [e1, to] = [await t.peer('e1'), await t.peer(seat)];
      const route = await reflected(t, e1, to);
      listIs(t, route, 9, []);
      listIs(t, route, 10, []);
    }),
  },
  {
    id: 'RFC4456-8-08',
    level: 'MUST',
    profile: 'Porig',
    needs: ['origination'],
    title: 'a route the target originates, toward a client',
    expected: 'neither ORIGINATOR_ID nor CLUSTER_LIST',
    run: async (t) => {
      const c1 = await t.peer('c1');
      const route = await c1.sees('10.99.0.0/24');
      listIs(t, route, 9, []);
      listIs(t, route, 10, []);
    },
  },
  {
    id: 'RFC4456-8-09',
    level: 'SHOULD',
    title: 'a route whose ORIGINATOR_ID is the target’s router id',
    expected: 'ignored; an earlier one is gone',
    variants: loops({ originatorId: '10.0.0.1' }),
  },
  {
    id: 'RFC4456-8-10',
    level: 'SHOULD',
    title: 'a route whose CLUSTER_LIST has the target’s cluster id',
    expected: 'ignored, toward external peers too',
    variants: loops({ originatorId: '10.3.3.3', clusterList: ['10.0.0.50', '10.0.0.99'] }),
  },
  {
    id: 'RFC4456-8-11',
    level: 'MUST',
    title: 'a CLUSTER_LIST with the router id, which is not the cluster id',
    expected: 'accepted',
    run: async (t) => {
      const [c1, c2, e2] = await t.peers('c1', 'c2', 'e2');
      await t.seed(t.prefix(), c1, [c2, e2]);
      const px = t.prefix();
      c1.announce(px, { originatorId: '10.3.3.3', clusterList: ['10.0.0.1'] });
      for (const observer of [c2, e2]) await observer.sees(px);
    },
  },
  {
    id: 'RFC4456-8-12',
    level: 'MUST',
    profile: 'Pnc',
    title: 'no cluster id is configured',
    expected: 'CLUSTER_LIST has the router id',
    run: async (t) => {
      const [c1, n1] = await t.peers('c1', 'n1');
      listIs(t, await reflected(t, c1, n1), 10, ['10.0.0.1']);
    },
  },
  {
    id: 'RFC4456-10-01',
    level: 'MUST',
    title: 'NEXT_HOP, AS_PATH, LOCAL_PREF and MED of a reflected route',
    expected: 'unmodified, whether present or absent',
    variants: each(
      {
        'c1-c2-v4': ['c1', 'c2', 'v4'],
        'c1-n1-v4': ['c1', 'n1', 'v4'],
        'n1-c1-v4': ['n1', 'c1', 'v4'],
        'c1-c2-v6': ['c1', 'c2', 'v6'],
      } as const,
      async (t, [a, b, family]) => {
        const [from, to] = [await t.peer(a), await t.peer(b)];
        const hop = family === 'v4' ? '10.9.0.77' : '2001:db8:9::77';
        const full = await reflected(t, from, to, { ...all4, nextHop: hop }, family);
        const words = describeRoute(full);
        t.check(
          pathOf(full) === '64999 64998' && numberOf(full, 5) === 321 && numberOf(full, 4) === 77,
          'AS_PATH, LOCAL_PREF 321 and MED 77 unmodified',
          words,
        );
        t.check(formatAddress(full.nextHop) === hop, `next hop ${hop}`, words);
        const bare = await reflected(t, from, to, { path: [] }, family);
        t.check(
          numberOf(bare, 4) === undefined && pathOf(bare) === '',
          'no MED and an empty path',
          describeRoute(bare),
        );
      },
    ),
  },
  {
    id: 'RFC4456-10-02',
    level: 'MUST',
    title: 'communities of all kinds and unknown transitive attributes of a reflected route',
    expected: 'the same octets',
    variants: each(families, async (t, family) => {
      const [c1, c2] = await t.peers('c1', 'c2');
      const values = {
        8: 'fde90001fde90002',
        16: '0002fde900000001',
        32: '0000fde90000000100000002',
        7: '0000fde90a030303',
        250: 'cafe',
      };
      const spec = {
        with: Object.entries(values).map(([type, value]) => pa.attribute(0xc0, Number(type), hex(value))),
      };
      const route = await reflected(t, c1, c2, spec, family);
      for (const [type, value] of Object.entries(values))
        t.check(hexOf(route, Number(type)) === value, `attribute ${type} = ${value}`, describeRoute(route));
    }),
  },
  {
    id: 'RFC4456-10-03',
    level: 'SHOULD',
    profile: 'Pnhs',
    title: 'next-hop self is configured toward internal peers',
    expected: 'external routes get it, reflected ones keep their next hop',
    run: async (t) => {
      const [e1, c1, c2] = await t.peers('e1', 'c1', 'c2');
      const external = await reflected(t, e1, c2);
      t.observe(`external route: next hop ${formatAddress(external.nextHop)}`);
      const route = await reflected(t, c1, c2, { nextHop: '10.9.0.77' });
      const seen = formatAddress(route.nextHop);
      t.check(seen === '10.9.0.77', 'next hop 10.9.0.77', seen);
    },
  },
  {
    id: 'RFC4456-6-06',
    level: 'MUST',
    title: 'the best route moves from a client to a non-client',
    expected: 'a non-client that may not hear the new one gets a withdrawal',
    variants: each(families, async (t, family) => {
      const [c1, n1, n2, c2] = await t.peers('c1', 'n1', 'n2', 'c2');
      const px = t.prefix(family);
      await t.seed(px, c1, [n2, c2], { path: [64901, 64902] });
      n1.announce(px, { path: [64911] });
      await c2.sees(px, (r) => pathOf(r) === '64911', 'the route of n1');
      await n2.loses(px);
    }),
  },
  {
    id: 'RFC4456-6-07',
    level: 'MUST',
    title: 'a client announces a worse route than a non-client',
    expected: 'only the better one is reflected; the client is sent it',
    variants: each(families, async (t, family) => {
      const [n1, c1, c2] = await t.peers('n1', 'c1', 'c2');
      const px = t.prefix(family);
      await t.seed(px, n1, [c1, c2], { path: [64911] });
      c1.announce(px, { path: [64901, 64902] });
      await t.settle(c1, [c2], family);
      for (const observer of [c1, c2]) {
        const text = observer.describe(px);
        t.check(text.includes('64911') && !text.includes('64902'), 'the route of n1', text);
      }
    }),
  },
  {
    id: 'RFC4456-6-08',
    level: 'MUST',
    title: 'the rules of reflection for IPv6',
    expected: 'as for IPv4',
    run: async (t) => {
      const [n1, c1, n2, e3] = await t.peers('n1', 'c1', 'n2', 'e3');
      const px = t.prefix('v6');
      await t.seed(px, n1, [c1]);
      await t.settle(n1, [c1], 'v6');
      await t.settle(e3, [n2], 'v6');
      t.absent(px, [n2], 'not reflected');
      listIs(t, t.need(c1, px), 9, [n1.id]);
    },
  },
  {
    id: 'RFC4456-6-09',
    level: 'MUST',
    title: 'a client goes down',
    expected: 'its routes are withdrawn from all',
    variants: each(families, async (t, family) => {
      const [c1, c2, n1, e2] = await t.peers('c1', 'c2', 'n1', 'e2');
      const px = t.prefix(family);
      await t.seed(px, c1, [c2, n1, e2]);
      c1.stopKeepalives();
      c1.connection.finish();
      for (const observer of [c2, n1, e2]) await observer.loses(px);
    }),
  },
];
