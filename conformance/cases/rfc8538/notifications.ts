// RFC 8538: graceful restart when a session ends with a NOTIFICATION or the hold timer.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import { type Bytes, hex, toHex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import {
  bySending,
  gracefulRestartCode,
  keeps,
  losesAtOnce,
  type RestartFacts,
  scene,
} from '../rfc4724/restart.ts';

const grx = { profile: 'Pgrx', needs: ['notification-restart'] } as const;
const both = { notification: true } as const;

async function goesWith(t: Bench, message: Bytes): Promise<void> {
  const s = await scene(t, both);
  bySending(message)(s.e1);
  await losesAtOnce(t, s, [s.px, s.py]);
}

/** What a neighbour with these restart flags is told when the target's operator shuts it down. */
async function shutDown(t: Bench, facts: RestartFacts) {
  const s = await scene(t, facts);
  await t.control('shutdown', s.e1);
  const told = await t.notified(s.e1, 6, [2, 9]);
  t.observe(`6/${told.subcode} ${toHex(told.data)}`);
  await losesAtOnce(t, s, [s.px, s.py]);
  return told;
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
    id: 'RFC8538-3-01',
    level: 'MUST',
    profile: 'Pgrxst',
    needs: ['notification-restart'],
    isolated: true,
    title: 'the operator shuts a neighbour down, N on both sides, or on the target only',
    expected: 'NOTIFICATION 6/9 with 6/2 inside, or plain 6/2; to a neighbour without N never 6/9',
    variants: {
      both: async (t) => {
        const { subcode, data } = await shutDown(t, both);
        const inside = toHex(data.slice(0, 2));
        t.check(
          subcode === 2 || (subcode === 9 && inside === '0602'),
          '6/2, or 6/9 with 0602',
          `6/${subcode} ${inside}`,
        );
      },
      // RFC 8538 §3: Hard Reset is for who has exchanged the N bit.
      'target-only': async (t) => {
        const { subcode } = await shutDown(t, {});
        t.check(subcode === 2, 'NOTIFICATION 6/2', `6/${subcode}`);
      },
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
