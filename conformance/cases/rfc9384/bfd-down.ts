// RFC 9384: a BGP session that ends because BFD says so.

import type { Bench } from '../../engine/bench.ts';
import type { Case } from '../../engine/case.ts';
import { Liveness } from '../../engine/liveness.ts';
import { Inconclusive } from '../../engine/verdict.ts';

const LOOK_MS = 50;

/** The control: without a BFD session that was up, there is none that could go down. */
async function comesUp(t: Bench, liveness: Liveness): Promise<void> {
  const until = t.now() + t.patienceMs;
  while (!liveness.up) {
    if (t.now() > until) throw new Inconclusive('the BFD session did not come up');
    await t.pause(LOOK_MS);
  }
}

export const bfdCases: readonly Case[] = [
  {
    id: 'RFC9384-3-01',
    level: 'SHOULD',
    profile: 'Pbfd',
    needs: ['bfd'],
    isolated: true,
    title: 'a neighbour whose BFD session is up sends no BFD packets any more, and BGP as before',
    expected: 'NOTIFICATION 6/10, its routes withdrawn',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const liveness = await Liveness.open(e1.address, t.instance.address);
      try {
        await comesUp(t, liveness);
        const px = t.prefix();
        await t.seed(px, e1, [e2]);
        liveness.silence();
        await t.notified(e1, 6, 10);
        await e2.loses(px);
      } finally {
        liveness.close();
      }
    },
  },
];
