// RFC 8654: messages longer than 4096 octets.

import type { Case } from '../../engine/case.ts';
import { announcement } from '../../engine/routes.ts';
import { attribute } from '../../wire/attributes.ts';
import { fill, toHex, u8 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { sizedAnnouncement } from '../shapes.ts';

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
  {
    id: 'RFC8654-4-04',
    level: 'MUST',
    ...xm,
    title: 'messages that stay short: an OPEN over 4096 octets, a KEEPALIVE over 19',
    expected: 'NOTIFICATION 1/2 with the length',
    variants: {
      open: async (t) => {
        const e1 = await t.openSent('e1', long);
        const padding = m.capability(239, fill(0x2e, 250));
        const capabilities = [...e1.facts.capabilities, ...Array.from({ length: 17 }, () => padding)];
        const parameters = m.extendedParameters(capabilities);
        e1.sendOpen(t.openOf(e1.facts, { open: { parameters } }));
        const got = await t.notified(e1, 1, 2);
        t.check(got.data.length === 2, 'the two octets of the length', toHex(got.data));
      },
      keepalive: async (t) => {
        const e1 = await t.peer('e1', long);
        e1.send(m.message(m.KEEPALIVE, u8(0)));
        await t.notified(e1, 1, 2, '0014');
      },
    },
  },
  {
    id: 'RFC8654-5-02',
    level: 'MUST',
    ...xm,
    title: 'an error with 5000 octets of data, from a tester without capability 6',
    expected: 'a NOTIFICATION of 4096 octets at most',
    run: async (t) => {
      const e1 = await t.peer('e1');
      e1.send(announcement(e1.sender, [t.prefix()], { append: [attribute(0x50, 251, fill(0x2e, 4900))] }));
      const got = await t.notified(e1, 3, 2);
      const octets = got.data.length + 21;
      t.check(octets <= 4096, 'up to 4096 octets', `${octets}`);
      t.observe(`${octets} octets`);
    },
  },
];
