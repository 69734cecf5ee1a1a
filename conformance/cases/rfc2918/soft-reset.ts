// RFC 2918 §4 from the other side, and RFC 7313 §4: the target asks for routes again, and a refresh that never ends.

import type { Bench } from '../../engine/bench.ts';
import type { Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { Unsupported } from '../../engine/verdict.ts';
import { toHex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { endOfRib4 } from '../rfc4724/restart.ts';

const operated = { profile: 'Pst', isolated: true } as const;

/** The adapters that can set one set the bound for stale routes to 10 s. */
const BOUND_MS = 10_000;

const asked = (peer: Peer): readonly string[] =>
  peer.messages(m.ROUTE_REFRESH).map((r) => toHex(r.frame.body));

/** Waits for requests of the target in both families; those that came. */
async function awaitRequests(peer: Peer): Promise<readonly string[]> {
  await peer.until(() => (asked(peer).length > 1 || !peer.up ? true : undefined));
  return asked(peer);
}

async function softIn(t: Bench, peer: Peer, witness: Peer): Promise<void> {
  await t.control('soft-in', peer);
  // What the command makes the target send to this peer has been sent before these.
  await t.settle(witness, [peer]);
}

export const softResetCases: readonly Case[] = [
  {
    id: 'RFC2918-4-05',
    level: 'MUST',
    ...operated,
    title: 'soft reset in of a neighbour without capability 2',
    expected: 'no ROUTE-REFRESH; a neighbour with the capability is asked',
    run: async (t) => {
      const plain = [m.multiprotocol(1), m.multiprotocol(2), m.fourOctetAs(65001)];
      const e1 = await t.peer('e1', { capabilities: plain });
      const [e1b, e2] = await t.peers('e1b', 'e2');
      await t.seed(t.prefix(), e1, [e2]);
      // The command may be refused: there is nothing that could be done.
      const refusal = await t.control('soft-in', e1).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : 'refused'),
      );
      await t.control('soft-in', e1b);
      const control = await awaitRequests(e1b);
      await t.settle(e2, [e1, e1b]);
      t.check(asked(e1).length === 0, 'no ROUTE-REFRESH', asked(e1).join(' '));
      t.check(e1.up, 'the session stays up', e1.state());
      // RFC 2918 §4: it may ask; who keeps what it was sent need not.
      if (control.length === 0) throw new Unsupported('the target asks no neighbour for its routes again');
      if (refusal !== undefined) t.observe(`refused: ${refusal}`);
    },
  },
  {
    id: 'RFC2918-4-06',
    level: 'MUST',
    ...operated,
    title: 'soft reset in of a neighbour with capability 2',
    expected: 'ROUTE-REFRESH for 1/1 and 2/1, the session and its routes untouched',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      const from = e2.updates.length;
      await softIn(t, e1, e2);
      const requests = await awaitRequests(e1);
      t.check(e1.up, 'the session stays up', e1.state());
      t.check(
        requests.length === 2 && requests.includes('00010001') && requests.includes('00020001'),
        'ROUTE-REFRESH for 1/1 and 2/1',
        requests.join(' ') || 'none',
      );
      const gone = e2.updates.slice(from).some((u) => u.withdrawn.some((n) => n.prefix === px));
      t.check(!gone, 'no route withdrawn meanwhile', e2.describe(px));
    },
  },
  {
    id: 'RFC7313-4-06',
    level: 'SHOULD',
    profile: 'Perrgr',
    needs: ['enhanced-refresh'],
    seconds: 45,
    title: 'BoRR, one of two routes again, and no EoRR',
    expected: 'the other route is withdrawn when the bound for stale routes (10 s) is reached',
    run: async (t) => {
      const e1 = await t.peer('e1', { extra: [m.capability(70)] });
      const [e2] = await t.peers('e2');
      const [px, py] = [t.prefix(), t.prefix()];
      await t.seed(px, e1, [e2]);
      await t.seed(py, e1, [e2]);
      // Some wait for it before they believe in a refresh.
      e1.send(endOfRib4, m.routeRefresh(1, 1, 1));
      e1.announce(px);
      const began = t.now();
      await t.settle(e1, [e2]);
      t.check(e2.route(py) !== undefined, 'the stale route stays at first', e2.describe(py));
      await e2.loses(py, BOUND_MS + 6000);
      t.observe(`withdrawn after ${((t.now() - began) / 1000).toFixed(1)} s`);
      t.need(e2, px);
      t.check(e1.up, 'the session stays up', e1.state());
    },
  },
];
