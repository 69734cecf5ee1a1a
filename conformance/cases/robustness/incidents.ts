// Messages that ended or confused real speakers in the past: the target lives, and answers as the standards ask.
//
// Each is played on an instance of its own, with the shape of the input only; what the target says is judged mildly.

import type { Bench } from '../../engine/bench.ts';
import type { PeerOptions } from '../../engine/bench-options.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { hexOf } from '../../engine/routes.ts';
import { prefixes } from '../../wire/address.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, fill, hex, u8, u16 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

/** A session of another peer still carries routes: the target has survived. */
async function alive(t: Bench): Promise<void> {
  const [e3, e2] = await t.peers('e3', 'e2');
  await t.settle(e3, [e2]);
}

async function answered(t: Bench, options: PeerOptions, allowed: readonly string[]): Promise<void> {
  const peer = await t.connect('e1', options);
  peer.sendOpen(t.openOf(peer.facts, options));
  await peer.until(() => peer.established || peer.notification || peer.connection.ending || undefined);
  const n = peer.notification;
  const seen = n === undefined ? (peer.established ? 'up' : peer.state()) : `${n.code}/${n.subcode}`;
  t.check(allowed.includes(seen), allowed.join(' or '), peer.state());
  await alive(t);
}

/** After a good route: a reset with 3/x or no harm at all, and never a crash; `observe` tells which. */
async function survives(t: Bench, from: Peer, observer: Peer, bad: Bytes): Promise<'up' | 'down'> {
  const px = t.prefix();
  await t.seed(px, from, [observer]);
  from.send(bad);
  const how = await t.trySettle(from, [observer]);
  if (how === 'down') {
    t.check(from.notification?.code === 3, 'NOTIFICATION 3/x', from.state());
    await observer.loses(px);
  } else t.check(how === 'up', 'the session goes on or is reset', from.state());
  t.observe(from.state());
  return how === 'down' ? 'down' : 'up';
}

const optionalBytes = (text: string): PeerOptions => ({ open: { parameters: hex(text) } });

/** `value` inside capability `code`, whose own length octet is right. */
const inner = (code: number, value: string): PeerOptions => ({ extra: [m.capability(code, hex(value))] });

const reach = (value: string): Bytes => pa.attribute(0x80, pa.MP_REACH, hex(value));

function withAttribute(peer: Peer, first: Bytes): Bytes {
  const { internal, width, asn } = peer.sender;
  const rest = [pa.origin(0), pa.asPath(internal ? [] : [asn], width)];
  return m.update({ attributes: [first, ...rest] });
}

const flowFamilies = [m.multiprotocol(1, 133), m.multiprotocol(2, 133)];

const flowNlri = {
  'length-f000': 'f000',
  'length-ffff': 'ffff',
  'length-ff-short': 'ff',
  'component-unknown': '03fe0102',
  'component-cut': '0301180a',
  'operator-endless': '0403000101',
  empty: '00',
};

export const incidentCases: readonly Case[] = [
  {
    id: 'Z-CVE-01',
    level: 'ROBUST',
    title: 'an OPEN that announces more optional parameters than it has',
    expected: 'NOTIFICATION 2/0, or 1/2',
    isolated: true,
    variants: each(
      { 'length-255': 'ff', 'extended-short': 'ffff', 'extended-cut': 'ffff00', 'extended-long': 'ffffffff' },
      (t, bytes) => answered(t, optionalBytes(bytes), ['2/0', '1/2']),
    ),
  },
  {
    id: 'Z-CVE-02',
    level: 'ROBUST',
    title: 'FQDN and software-version capabilities whose inner lengths lie',
    expected: 'Established, or NOTIFICATION 2/0',
    isolated: true,
    variants: each(
      {
        'fqdn-empty': inner(73, ''),
        'fqdn-zero': inner(73, '0000'),
        'fqdn-host-beyond': inner(73, 'ff61'),
        'fqdn-domain-beyond': inner(73, '0161ff62'),
        'fqdn-domain-missing': inner(73, '0161'),
        'version-empty': inner(75, ''),
        'version-zero': inner(75, '00'),
        'version-beyond': inner(75, 'ff61'),
      },
      (t, options) => answered(t, options, ['up', '2/0']),
    ),
  },
  {
    id: 'Z-CVE-03',
    level: 'ROBUST',
    title: 'MP_REACH_NLRI with lengths that lie',
    expected: 'NOTIFICATION 3/x, or the family ignored',
    isolated: true,
    variants: each(
      {
        'hop-255': '000201ff20010db8',
        'hop-to-the-end': '000201102001',
        'hop-0': '0002010000302001 0db8 0001',
        'prefix-255': '00020110 20010db8000900000000000000000011 00 ff2001',
        'only-afi': '0002',
        empty: '',
      },
      async (t, value) => {
        const [e1, e2] = await t.peers('e1', 'e2');
        await survives(t, e1, e2, withAttribute(e1, reach(value)));
        await alive(t);
      },
    ),
  },
  {
    id: 'Z-CVE-04',
    level: 'ROBUST',
    title: 'an UPDATE whose lengths leave no room for the attributes',
    expected: 'NOTIFICATION 3/1',
    isolated: true,
    variants: each(
      {
        'withdrawn-all-but-one': '000300 0000',
        'withdrawn-all': '0003000000',
        'withdrawn-ffff': 'ffff0000',
        'attributes-ffff': '0000ffff',
        'attributes-one-more': '0000000540010100',
        'body-0': '',
        'body-3': '000000',
      },
      async (t, body) => {
        const [e1] = await t.peers('e1');
        e1.send(m.message(m.UPDATE, hex(body)));
        await e1.until(() => e1.notification ?? e1.connection.ending);
        const n = e1.notification;
        const fits =
          n !== undefined && ((n.code === 3 && n.subcode === 1) || (n.code === 1 && n.subcode === 2));
        t.check(fits, 'NOTIFICATION 3/1, or 1/2 below the least length', e1.state());
        await alive(t);
      },
    ),
  },
  {
    id: 'Z-CVE-05',
    level: 'ROBUST',
    title: 'a broken AS4_PATH before AS_PATH, from an OLD speaker',
    expected: 'AS4_PATH discarded, the route kept, the session up',
    isolated: true,
    variants: each(
      { 'count-beyond': '020500', 'segment-0': '0001000111 70', 'one-octet': '02', empty: '' },
      async (t, value) => {
        const e1 = await t.peer('e1', { as4: false });
        const e2 = await t.peer('e2');
        const px = t.prefix();
        const bad = pa.attribute(0xc0, pa.AS4_PATH, hex(value));
        const rest = [pa.origin(0), pa.asPath([65001], 2), pa.nextHop(pa.defaultNextHop('v4'))];
        e1.send(m.update({ attributes: [bad, ...rest], nlri: prefixes(px) }));
        await t.settle(e1, [e2]);
        const route = t.need(e2, px);
        t.check(hexOf(route, pa.AS4_PATH) === undefined, 'no AS4_PATH on the way out', e2.describe(px));
      },
    ),
  },
  {
    id: 'Z-CVE-06',
    level: 'ROBUST',
    title: 'flow specification NLRI of impossible lengths and components',
    expected: 'a reset with 3/x, or ignored; no crash',
    isolated: true,
    variants: Object.fromEntries(
      [true, false].flatMap((offered) =>
        Object.entries(flowNlri).map(([name, nlri]) => [
          `${name}-${offered ? 'offered' : 'not-offered'}`,
          async (t: Bench) => {
            const e1 = await t.peer('e1', { extra: offered ? flowFamilies : [] });
            const e2 = await t.peer('e2');
            const value = concat(u16(1), u8(133), u8(0), u8(0), hex(nlri));
            const attribute = pa.attribute(0x80, pa.MP_REACH, value);
            await survives(t, e1, e2, withAttribute(e1, attribute));
            await alive(t);
          },
        ]),
      ),
    ),
  },
  {
    id: 'Z-CVE-07',
    level: 'ROBUST',
    title: 'BGP Prefix-SID with TLV lengths that lie, SRv6 services included',
    expected: 'no reset: attribute discarded or the route withdrawn',
    isolated: true,
    variants: each(
      {
        'srv6-l3-beyond': '0500ff00',
        'srv6-l3-empty': '050000',
        'srv6-sub-beyond': '0500040001 00ff',
        'srv6-sub-short': '05000400 010001',
        'label-index-short': '01000100',
        'originator-srgb-short': '0300020000',
        'type-unknown': '630001ff',
        'one-octet': '05',
        many: '05000000'.repeat(60),
      },
      async (t, value) => {
        const [e1, c1, e2] = await t.peers('e1', 'c1', 'e2');
        for (const from of [e1, c1]) {
          const px = t.prefix();
          from.announce(px, { with: [pa.attribute(0xc0, 40, hex(value))] });
          await t.settle(from, [e2]);
        }
        const long = fill(0xff, 300);
        e1.announce(t.prefix(), { with: [pa.attribute(0xd0, 40, long)] });
        await t.settle(e1, [e2]);
      },
    ),
  },
];
