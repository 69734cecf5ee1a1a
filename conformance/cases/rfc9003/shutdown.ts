// RFC 4486 and RFC 9003: Cease on the way out (the target ends a session) and on the way in (the tester does).

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import { ascii, type Bytes, concat, fill, hex, u8 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

const MAX_PREFIXES = 3;

/** A NOTIFICATION 6/2 of the tester: no answer, the routes go, the target lives. */
async function closes(t: Bench, data: Bytes): Promise<void> {
  const [e1, e2, e3] = await t.peers('e1', 'e2', 'e3');
  const px = t.prefix();
  await t.seed(px, e1, [e2]);
  e1.send(m.notification(6, 2, data));
  await t.closedSilently(e1);
  await e2.loses(px);
  await t.settle(e3, [e2]);
}

export const shutdownCases: readonly Case[] = [
  {
    id: 'RFC4486-4-06',
    level: 'MUST',
    title: 'one prefix more than the limit',
    expected: 'NOTIFICATION 6/1, and the routes go',
    profile: 'Pmax',
    needs: ['max-prefix'],
    isolated: true,
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const good = Array.from({ length: MAX_PREFIXES }, () => t.prefix());
      for (const prefix of good) await t.seed(prefix, e1, [e2]);
      e1.announce(t.prefix());
      await t.notified(e1, 6, 1);
      for (const prefix of good) await e2.loses(prefix);
    },
  },
  {
    id: 'RFC9003-4-01',
    level: 'SHOULD',
    title: 'a shutdown communication that is broken: length beyond the data, bad UTF-8, NUL',
    expected: 'the connection closes without an answer, routes go, the target lives',
    isolated: true,
    variants: each(
      {
        good: concat(u8(5), ascii('hello')),
        empty: hex(''),
        'length-0': hex('00'),
        'length-beyond': concat(u8(255), ascii('short')),
        'length-short': concat(u8(2), ascii('longer')),
        'bad-utf-8': hex('04c3 28ff fe'),
        nul: hex('03610062'),
        'octets-255': concat(u8(255), fill(0xc3, 255)),
      },
      closes,
    ),
  },
];
