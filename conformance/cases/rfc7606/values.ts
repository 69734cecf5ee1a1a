// Rows of the attribute section that need a body of their own: empty and foreign paths, the target's own next hop.

import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { announcement } from '../../engine/routes.ts';
import { describe, expectEffect, play } from './outcome.ts';

export const valueCases: readonly Case[] = [
  {
    id: 'RFC7606-7.2-05',
    level: 'RECORD',
    title: 'an empty AS_PATH from an external peer',
    expected: 'accepted, or withdrawn where the first AS is checked',
    variants: each({ v4: 'v4', v6: 'v6' } as const, async (t, family) => {
      const stimulus = (peer: Peer, px: string) => announcement(peer.sender, [px], { origin: 2, path: [] });
      t.observe(describe(await play(t, { sender: 'e1', family, replaces: true, stimulus })));
    }),
  },
  {
    id: 'RFC4271-6.3-06',
    level: 'MUST',
    title: 'a NEXT_HOP that is the address of the target',
    expected: 'the route is not used',
    run: async (t) => {
      const stimulus = (peer: Peer, px: string) =>
        announcement(peer.sender, [px], { origin: 2, nextHop: '127.0.0.1' });
      const result = await play(t, { sender: 'e1', family: 'v4', replaces: true, stimulus });
      expectEffect(t, result, ['withdrawn']);
    },
  },
  {
    id: 'RFC4271-6.3-08',
    level: 'MAY',
    profile: 'Pas',
    title: 'a path that does not begin with the AS of the external peer, where that is checked',
    expected: 'treat-as-withdraw; RFC 4271 allowed NOTIFICATION 3/11',
    variants: each({ v4: 'v4', v6: 'v6' } as const, async (t, family) => {
      const stimulus = (peer: Peer, px: string) =>
        announcement(peer.sender, [px], { origin: 2, path: [64999] });
      const result = await play(t, { sender: 'e1', family, replaces: true, stimulus });
      expectEffect(t, result, ['withdrawn']);
    }),
  },
];
