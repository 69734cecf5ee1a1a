// RFC 4271 §6.1: Message Header Error Handling.

import { type Case, each } from '../../engine/case.ts';
import { concat, fill, hex, u16 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { sizedAnnouncement } from '../shapes.ts';

const header = (length: number, type: number, rest = '') =>
  concat(fill(0xff, 16), u16(length), hex(type.toString(16).padStart(2, '0')), hex(rest));

export const headerCases: readonly Case[] = [
  {
    id: 'RFC4271-6.1-01',
    level: 'MUST',
    title: 'KEEPALIVE whose last marker octet is fe',
    expected: 'NOTIFICATION 1/1 without data',
    run: async (t) => {
      const e1 = await t.peer('e1');
      e1.send(m.keepalive({ marker: concat(fill(0xff, 15), hex('fe')) }));
      await t.notified(e1, 1, 1, '');
    },
  },
  {
    id: 'RFC4271-6.1-02',
    level: 'MUST',
    title: 'OPEN with a marker of zeros',
    expected: 'NOTIFICATION 1/1 without data',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      e1.send(t.openOf(e1.facts, { header: { marker: fill(0, 16) } }));
      await t.notified(e1, 1, 1, '');
    },
  },
  ...lengthCases(),
  {
    id: 'RFC4271-6.1-06',
    level: 'MUST',
    title: 'OPEN of 28 octets, one short of the minimum',
    expected: 'NOTIFICATION 1/2 with the length 28',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      e1.send(header(28, m.OPEN, '04fde9005a0a000a01'));
      await t.notified(e1, 1, 2, '001c');
    },
  },
  {
    id: 'RFC4271-6.1-10',
    level: 'RECORD',
    title: 'NOTIFICATION of 20 octets, one short of the minimum',
    expected: 'the connection ends; §6.4 forbids an answer to a NOTIFICATION, §6.1 asks for 1/2',
    run: async (t) => {
      const e1 = await t.peer('e1');
      e1.send(header(20, m.NOTIFICATION, '06'));
      await e1.ended();
      t.observe(e1.state());
    },
  },
  {
    id: 'RFC4271-6.1-11',
    level: 'MUST',
    title: 'message type 0',
    expected: 'NOTIFICATION 1/3 with the type',
    run: async (t) => {
      const e1 = await t.peer('e1');
      e1.send(m.message(0));
      await t.notified(e1, 1, 3, '00');
    },
  },
  {
    id: 'RFC4271-6.1-12',
    level: 'MUST',
    title: 'message types that are not assigned',
    expected: 'NOTIFICATION 1/3 with the type',
    variants: each({ 'type-9': '09', 'type-127': '7f', 'type-255': 'ff' }, async (t, type) => {
      const e1 = await t.peer('e1');
      e1.send(m.message(Number.parseInt(type, 16)));
      await t.notified(e1, 1, 3, type);
    }),
  },
  {
    id: 'RFC4271-6.1-13',
    level: 'RECORD',
    title: 'message types 6 (dynamic capability) and 128 (old route refresh), not negotiated',
    expected: 'NOTIFICATION 1/3, or accepted by a speaker that knows the type',
    variants: each({ 'type-6': 6, 'type-128': 128 }, async (t, type) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      e1.send(m.message(type, hex('00010001')));
      t.observe(`${await t.trySettle(e1, [e2])}: ${e1.state()}`);
    }),
  },
  {
    id: 'RFC4271-6.1-14',
    level: 'MUST',
    title: 'OPEN of 4097 octets, with the extended message capability in it',
    expected: 'NOTIFICATION 1/2 with the length: RFC 8654 never applies to OPEN',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      const capabilities = [...e1.facts.capabilities, m.capability(6)];
      const plain = t.openOf(e1.facts, { capabilities });
      e1.send(concat(m.message(m.OPEN, concat(plain.subarray(19), fill(0, 4097 - plain.length)))));
      await t.notified(e1, 1, 2, '1001');
    },
  },
  {
    id: 'RFC4271-6.1-15',
    level: 'RECORD',
    title: 'ROUTE-REFRESH of 22 octets',
    expected: 'NOTIFICATION 1/2 (RFC 4271) or 7/1 (RFC 7313)',
    run: async (t) => {
      const e1 = await t.peer('e1');
      e1.send(m.message(m.ROUTE_REFRESH, hex('000100')));
      await e1.until(() => e1.notification ?? e1.connection.ending);
      t.observe(e1.state());
    },
  },
  {
    id: 'RFC4271-6.1-16',
    level: 'RECORD',
    title: 'wrong marker and wrong length in one header',
    expected: 'one NOTIFICATION with code 1',
    run: async (t) => {
      const e1 = await t.peer('e1');
      e1.send(m.keepalive({ marker: fill(0, 16), length: 18 }));
      await t.notified(e1, 1);
      t.observe(e1.state());
    },
  },
];

function lengthCases(): Case[] {
  const rows = [
    { nn: '03', title: 'KEEPALIVE with length 18', bytes: m.keepalive({ length: 18 }), data: '0012' },
    { nn: '04', title: 'KEEPALIVE with length 0', bytes: m.keepalive({ length: 0 }), data: '0000' },
    { nn: '07', title: 'UPDATE with length 22', bytes: header(22, m.UPDATE, '000000'), data: '0016' },
    { nn: '08', title: 'UPDATE with length 19', bytes: header(19, m.UPDATE), data: '0013' },
    { nn: '09', title: 'KEEPALIVE with length 20', bytes: header(20, m.KEEPALIVE, '00'), data: '0014' },
  ];
  const cases = rows.map(({ nn, title, bytes, data }): Case => {
    return {
      id: `RFC4271-6.1-${nn}`,
      level: 'MUST',
      title,
      expected: 'NOTIFICATION 1/2 with the length in its data',
      run: async (t) => {
        const e1 = await t.peer('e1');
        e1.send(bytes);
        await t.notified(e1, 1, 2, data);
      },
    };
  });
  return [
    ...cases,
    {
      id: 'RFC4271-6.1-05',
      level: 'MUST',
      profile: 'Pnoxm',
      title: 'UPDATE of 4097 octets without extended messages',
      expected: 'NOTIFICATION 1/2 with the length 4097',
      run: async (t) => {
        const e1 = await t.peer('e1');
        e1.send(sizedAnnouncement(e1, t.prefix(), 4097));
        await t.notified(e1, 1, 2, '1001');
      },
    },
  ];
}
