// RFC 5492 (capabilities), RFC 4760 §8, RFC 6793 §4, RFC 7607 §2, RFC 6286 §2 and RFC 9072: what an OPEN may carry.

import type { PeerOptions } from '../../engine/bench-options.ts';
import { type Case, each } from '../../engine/case.ts';
import { concat, fill, hex, toHex, u8, u16 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { recordOpen, refused } from '../rfc4271/open.ts';

/** Capabilities of an ordinary eBGP peer in AS 65001. */
const usual = [m.multiprotocol(1), m.multiprotocol(2), m.refreshCapability, m.fourOctetAs(65001)];
const withRaw = (capabilities: readonly m.Capability[], parameters: string): PeerOptions => ({
  capabilities,
  open: { parameters: hex(parameters) },
});
const long = (bytes: string, inner: string): PeerOptions => withRaw(usual, `${bytes}${inner}`);
const usualHex = toHex(m.capabilityBytes(usual));
const usualLength = m.capabilityBytes(usual).length;

const up = (
  id: string,
  level: Case['level'],
  title: string,
  options: PeerOptions,
  rest: Partial<Case> = {},
): Case => {
  const run: Case['run'] = async (t) => {
    await t.mustEstablish('e1', options);
  };
  return { id, level, title, expected: 'Established, and routes flow', run, ...rest };
};

const recorded = (id: string, title: string, expected: string, options: PeerOptions): Case => {
  return { id, level: 'RECORD', title, expected, run: (t) => recordOpen(t, 'e1', options) };
};

export const capabilityCases: readonly Case[] = [
  up('RFC5492-4-01', 'MUST', 'all capabilities in one parameter', { open: { packing: 'one' } }),
  up('RFC5492-4-02', 'MUST', 'one parameter for each capability', { open: { packing: 'each' } }),
  up('RFC5492-4-03', 'MUST', 'the same capabilities twice', { capabilities: [...usual, ...usual] }),
  {
    id: 'RFC5492-4-04',
    level: 'MUST',
    title: 'an unknown capability, 200',
    expected: 'Established; an unknown capability is ignored',
    variants: each({ 'with-value': hex('0102'), empty: hex('') }, async (t, value) => {
      await t.mustEstablish('e1', { extra: [m.capability(200, value)] });
    }),
  },
  {
    id: 'RFC5492-4-05',
    level: 'MUST',
    title: 'a capability longer than its parameter',
    expected: 'NOTIFICATION 2/0',
    run: async (t) => {
      await refused(t, 'e1', { capabilities: [...usual, m.capability(70, hex(''), 8)] }, 0);
    },
  },
  recorded('RFC5492-4-06', 'capability 65 twice with different AS numbers', 'the first or the last is used', {
    capabilities: [...usual, m.fourOctetAs(65077)],
  }),
  {
    id: 'RFC5492-3-01',
    level: 'MUST',
    title: 'an OPEN without optional parameters',
    expected: 'Established; IPv4 unicast works',
    run: async (t) => {
      await t.mustEstablish('e1', { capabilities: [] });
    },
  },
  {
    id: 'RFC5492-5-01',
    level: 'MUST',
    profile: 'Pact',
    needs: ['active'],
    seconds: 45,
    title: 'the tester answers the OPEN of a connecting target with NOTIFICATION 2/7',
    expected: 'the target does not retry in less than a second',
    run: async (t) => {
      const listener = await t.listen('e1');
      const first = await t.accepted('e1', listener, 20_000);
      await first.until(() => first.remoteOpen);
      first.send(m.notification(2, 7, m.capabilityBytes(first.remoteOpen?.capabilities ?? [])));
      const from = t.now();
      first.connection.finish();
      const second = await listener.take(12_000);
      const took = (t.now() - from) / 1000;
      t.check(
        second === undefined || took >= 1,
        'no new connection within 1 s',
        `after ${took.toFixed(2)} s`,
      );
      t.observe(second === undefined ? 'no retry within 12 s' : `retry after ${took.toFixed(1)} s`);
      second?.destroy();
    },
  },
  recorded(
    'RFC5492-5-02',
    'multiprotocol capability only for a family the target lacks (25/70)',
    'up without a family, or NOTIFICATION 2/7',
    {
      capabilities: [m.multiprotocol(25, 70), m.fourOctetAs(65001)],
    },
  ),
  up('RFC4760-8-01', 'MUST', 'multiprotocol capability with its reserved octet set', {
    capabilities: [
      m.multiprotocol(1, 1, 0xff),
      m.multiprotocol(2, 1, 0xff),
      m.refreshCapability,
      m.fourOctetAs(65001),
    ],
  }),
  {
    id: 'RFC4760-8-02',
    level: 'RECORD',
    title: 'multiprotocol capability of a wrong length',
    expected: 'NOTIFICATION 2/0, or the capability ignored',
    variants: each({ 'length-3': hex('000100'), 'length-5': hex('0001000100') }, (t, value) =>
      recordOpen(t, 'e1', { extra: [m.capability(1, value)] }),
    ),
  },
  {
    id: 'RFC6793-4.1-02',
    level: 'MUST',
    title: 'AS 65001 in the OPEN field and in capability 65',
    expected: 'AS_PATH in four-octet form both ways',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const px = t.prefix();
      await t.seed(px, e1, [e2], { path: [65001, 70001, 64999] });
      const route = t.need(e2, px);
      const path = toHex(route.attributes.find((a) => a.type === 2)?.value ?? hex(''));
      t.check(
        path === '02040000fde80000fde9000111710000fde7',
        'four-octet AS_PATH [65000 65001 70001 64999]',
        path,
      );
    },
  },
  {
    id: 'RFC6793-4.2.1-01',
    level: 'MUST',
    title: 'a neighbour in AS 70000: field AS_TRANS, capability 65 with 70000',
    expected: 'Established',
    run: async (t) => {
      await t.mustEstablish('b');
    },
  },
  {
    id: 'RFC6793-4.2.1-02',
    level: 'MUST',
    title: 'field AS_TRANS without capability 65 where AS 70000 is configured',
    expected: 'NOTIFICATION 2/2',
    run: async (t) => {
      await refused(t, 'b', { as4: false }, 2);
    },
  },
  recorded(
    'RFC6793-4.2.1-03',
    'field 64999, capability 65 with 65001',
    'accepted (the capability counts) or NOTIFICATION 2/2',
    {
      open: { asn: 64999 },
    },
  ),
  {
    id: 'RFC7607-2-02',
    level: 'MUST',
    title: 'capability 65 with AS 0',
    expected: 'NOTIFICATION 2/2',
    run: async (t) => {
      await refused(t, 'e1', { capabilities: [m.multiprotocol(1), m.fourOctetAs(0)] }, 2);
    },
  },
  {
    id: 'RFC7607-2-03',
    level: 'MUST',
    title: 'AS 0 in the OPEN field, no capability 65',
    expected: 'NOTIFICATION 2/2',
    run: async (t) => {
      await refused(t, 'e1', { capabilities: [m.multiprotocol(1)], open: { asn: 0 } }, 2);
    },
  },
  recorded('RFC6793-3-01', 'capability 65 of length 2', 'NOTIFICATION 2/0, or ignored', {
    capabilities: [m.multiprotocol(1), m.capability(65, u16(65001))],
  }),
  recorded('RFC6793-4.1-03', 'capability 65 with AS_TRANS', 'NOTIFICATION 2/2', {
    capabilities: [m.multiprotocol(1), m.fourOctetAs(23456)],
  }),
  {
    id: 'RFC6286-2.1-01',
    level: 'MUST',
    title: 'a BGP Identifier that is no unicast address',
    expected: 'Established: any non-zero value is valid',
    variants: each({ multicast: '224.0.0.1', ones: '255.255.255.255' }, async (t, id) => {
      await t.mustEstablish('e1', { id });
    }),
  },
  {
    id: 'RFC6286-2.2-01',
    level: 'MUST',
    title: 'an internal peer with the target’s own BGP Identifier',
    expected: 'NOTIFICATION 2/3',
    run: async (t) => {
      await refused(t, 'c1', { id: '10.0.0.1' }, 3);
    },
  },
  {
    id: 'RFC6286-2.2-02',
    level: 'MUST',
    title: 'an external peer with the target’s own BGP Identifier',
    expected: 'Established: identifiers are unique within one AS only',
    run: async (t) => {
      await t.mustEstablish('e1', { id: '10.0.0.1' });
    },
  },
];

const needs = ['extended-optional-parameters'] as const;
const extendedHex = `02${toHex(u16(usualLength))}${usualHex}`;
const extendedField = `${toHex(u16(3 + usualLength))}${extendedHex}`;
const many = [...Array.from({ length: 9 }, (_, i) => m.capability(200 + i, fill(i, 30))), ...usual];
const padding = m.capability(200, fill(7, 255 - 2 - usualLength - 2));

export const extendedOpenCases: readonly Case[] = [
  up(
    'RFC9072-2-01',
    'MUST',
    'the extended form for less than 255 octets',
    { open: { packing: 'extended' } },
    { needs },
  ),
  up('RFC9072-2-02', 'MUST', 'the extended form with Non-Ext OP Len 10', long('0aff', extendedField), {
    needs,
  }),
  {
    id: 'RFC9072-2-03',
    level: 'MUST',
    needs,
    title: 'more than 255 octets of capabilities, the four-octet AS last',
    expected: 'Established; the last capability is honoured',
    run: async (t) => {
      const e1 = await t.mustEstablish('e1', { capabilities: many, open: { packing: 'extended' } });
      const [px, e2] = [t.prefix(), await t.peer('e2')];
      await t.seed(px, e1, [e2], { path: [65001, 70001] });
      const path = toHex(t.need(e2, px).attributes.find((a) => a.type === 2)?.value ?? hex(''));
      t.check(path.endsWith('00011171'), 'AS 70001 read in four octets', path);
    },
  },
  up('RFC9072-2-04', 'MUST', 'the plain form with exactly 255 octets of parameters', {
    capabilities: [padding, ...usual],
  }),
  {
    id: 'RFC9072-2-05',
    level: 'MUST',
    needs,
    title: 'an extended length beyond the message',
    expected: 'NOTIFICATION 2/0',
    variants: each(
      { long: `ffff0400${extendedHex}`, short: 'ffff', half: 'ffff00' },
      async (t, parameters) => {
        await refused(t, 'e1', withRaw(usual, parameters), 0);
      },
    ),
  },
  recorded(
    'RFC9072-2-06',
    'Non-Ext OP Len 0 with octets ff 00 01 behind it',
    'NOTIFICATION 2/0',
    withRaw(usual, '00ff0001'),
  ),
  {
    id: 'RFC9072-3-01',
    level: 'MUST',
    needs,
    title: 'parameter type 255 behind a capabilities parameter',
    expected: 'NOTIFICATION 2/4',
    run: async (t) => {
      const body = concat(m.parameter(2, m.capabilityBytes(usual)), hex('ff00'));
      await refused(t, 'e1', withRaw(usual, toHex(concat(u8(body.length), body))), 4);
    },
  },
  {
    id: 'RFC9072-2-07',
    level: 'SHOULD',
    title: 'read the OPEN of a target with few capabilities',
    expected: 'the plain form',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      t.check(e1.remoteOpen?.extended === false, 'the plain form', 'the extended form');
    },
  },
];
