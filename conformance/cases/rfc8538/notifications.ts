// RFC 8538: graceful restart when a session ends with a NOTIFICATION or the hold timer.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import { type Bytes, hex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { bySending, gracefulRestartCode, keeps, losesAtOnce, scene } from '../rfc4724/restart.ts';

const grx = { profile: 'Pgrx', needs: ['notification-restart'] } as const;
const both = { notification: true } as const;

async function goesWith(t: Bench, message: Bytes): Promise<void> {
  const s = await scene(t, both);
  bySending(message)(s.e1);
  await losesAtOnce(t, s, [s.px, s.py]);
}

export const notificationRestartCases: readonly Case[] = [
  {
    id: 'RFC8538-2-01',
    level: 'MUST',
    ...grx,
    title: 'read the OPEN of the target',
    expected: 'the N bit (0x4) of the restart flags set',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      const found = e1.remoteOpen?.capabilities.find((c) => c.code === gracefulRestartCode);
      const [head = 0] = t.must(found, 'capability 64', 'none').value;
      t.check((head & 0x40) !== 0, 'N set', `first octet ${head.toString(16)}`);
    },
  },
  {
    id: 'RFC8538-4-01',
    level: 'MUST',
    ...grx,
    title: 'NOTIFICATION from the peer, N on both sides',
    expected: 'the routes are kept as for a lost connection',
    variants: each(
      { 'administrative-reset': [6, 4], 'administrative-shutdown': [6, 2], 'update-error': [3, 1] } as const,
      async (t, [code, subcode]) => {
        const s = await scene(t, both);
        const from = s.e2.updates.length;
        bySending(m.notification(code, subcode))(s.e1);
        await keeps(t, s, [s.px, s.py], from);
      },
    ),
  },
  {
    id: 'RFC8538-4-02',
    level: 'MUST',
    ...grx,
    title: 'Hard Reset: NOTIFICATION 6/9 with 6/2 inside',
    expected: 'the routes are withdrawn at once',
    run: (t) => goesWith(t, m.notification(6, 9, hex('0602'))),
  },
  {
    id: 'RFC8538-4-03',
    level: 'MUST',
    ...grx,
    title: 'the hold timer of 3 s expires, N on both sides',
    expected: 'NOTIFICATION 4/0, and the routes are kept',
    seconds: 20,
    run: async (t) => {
      const s = await scene(t, both, { holdSeconds: 3 });
      s.e1.stopKeepalives();
      const from = s.e2.updates.length;
      await t.notifiedWithin(s.e1, 9000);
      t.check(s.e1.notification?.code === 4, 'NOTIFICATION 4/0', s.e1.state());
      await keeps(t, s, [s.px, s.py], from);
    },
  },
  {
    id: 'RFC8538-4-04',
    level: 'MUST',
    ...grx,
    title: 'NOTIFICATION 6/4 from a peer without the N bit',
    expected: 'the rules of RFC 4724: withdrawn at once',
    run: async (t) => {
      const s = await scene(t);
      bySending(m.notification(6, 4))(s.e1);
      await losesAtOnce(t, s, [s.px, s.py]);
    },
  },
  {
    id: 'RFC8538-4-05',
    level: 'MUST',
    ...grx,
    title: 'Hard Reset with no data, or with one octet',
    expected: 'a hard reset all the same',
    variants: {
      empty: (t) => goesWith(t, m.notification(6, 9)),
      'one-octet': (t) => goesWith(t, m.notification(6, 9, hex('06'))),
    },
  },
];
