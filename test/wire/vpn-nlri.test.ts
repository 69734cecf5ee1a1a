/** NLRI of VPNs and of route target membership: vectors, what is malformed, next hops, and tshark's opinion. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FamilyKey,
  routeTargetConstrain,
  vpnIpv4Unicast,
  vpnIpv6Unicast,
} from '../../src/net/family.ts';
import { formatAddress, IpAddress } from '../../src/net/ip-address.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { copyKey, labelField, withLabel } from '../../src/wire/nlri/label.ts';
import type { NlriRow } from '../../src/wire/nlri/row.ts';
import { checkNlriRun, forEachNlri, nlriWords } from '../../src/wire/nlri/run.ts';
import { nlriRow } from '../../src/wire/nlri/table.ts';
import type { NlriRun, UpdateView } from '../../src/wire/update.ts';
import { encodeUpdate } from '../../src/wire/update-encode.ts';
import { all, dissect, installed, reason } from './support/dissect.ts';
import { decode, hex, internal } from './support/messages.ts';

const vpn4 = nlriRow(vpnIpv4Unicast) as NlriRow;
const vpn6 = nlriRow(vpnIpv6Unicast) as NlriRow;
const membership = nlriRow(routeTargetConstrain) as NlriRow;
const context = { ...internal, families: new Set([vpnIpv4Unicast, vpnIpv6Unicast, routeTargetConstrain]) };

describe('keys', () => {
  it.each([
    [vpn4, '65000:100:10.0.0.0/8', '480000fde8000000640a'],
    [vpn4, '192.0.2.1:7:0.0.0.0/0', '400001c00002010007'],
    [vpn4, '4200000000:7:10.1.2.3/32', '600002fa56ea0000070a010203'],
    [vpn4, '0xffff010203040506:10.0.0.0/9', '49ffff0102030405060a00'],
    [vpn6, '65000:100:2001:db8::/32', '600000fde80000006420010db8'],
    [vpn6, '65000:100:::/0', '400000fde800000064'],
    [membership, '65000:rt:65000:100', '600000fde80002fde800000064'],
    [membership, '65000:rt:192.0.2.1:7', '600000fde80102c00002010007'],
    [membership, 'default', '00'],
    [membership, '65000:0x/32', '200000fde8'],
    [membership, '65000:0x0002fde8/64', '400000fde80002fde8'],
    [membership, '65000:0x000280/49', '310000fde8000280'],
    [membership, '65000:0x0003fde800000064/96', '600000fde80003fde800000064'],
  ])('$0.name %s', (row, text, wire) => {
    expect(toHex(row.parse(text) as Uint8Array)).toBe(wire);
    expect(row.format(hex(`ff${wire}ff`), 1)).toBe(text);
    expect(hex(wire).length).toBeLessThanOrEqual(1 + row.octets);
  });

  it.each([
    [vpn4, '10.0.0.0/8'],
    [vpn4, '65000:100:10.0.0.1/8'],
    [vpn4, '65000:100:2001:db8::/32'],
    [vpn4, '65000:4294967296:10.0.0.0/8'],
    [vpn6, '65000:100:10.0.0.0/8'],
    [vpn6, '2001:db8::/32'],
    [membership, '65000'],
    [membership, '4294967296:rt:1:1'],
    [membership, '65000:0x0002fde8/31'],
    [membership, '65000:0x0002fde8/97'],
    [membership, '65000:0x0002fde8/72'],
    [membership, '65000:0x0002c0/49'],
  ])('$0.name refuses %j', (row, text) => {
    expect(row.parse(text)).toBeUndefined();
  });
});

describe('a field of NLRI', () => {
  const rd = '0000fde800000064';
  it.each([
    ['VPN-IPv4', vpn4, `70 000641 ${rd} 0a0102`, 1],
    ['two with other labels', vpn4, `60 000641 ${rd} 0a 58 000011 ${rd}`, 2],
    ['a second one of 87 bits', vpn4, `60 000641 ${rd} 0a 57 000011 ${rd}`, -1],
    ['no room for a distinguisher', vpn4, '57 000641 0000fde8000000', -1],
    ['longer than an address', vpn4, `79 000641 ${rd} 0a01020304`, -1],
    ['cut short', vpn4, `70 000641 ${rd} 0a`, -1],
    ['VPN-IPv6 of 128 bits', vpn6, `d8 000641 ${rd} ${'20'.repeat(16)}`, 1],
    ['VPN-IPv6 of 129 bits', vpn6, `d9 000641 ${rd} ${'20'.repeat(17)}`, -1],
    ['nothing but a length', vpn4, '70', -1],
    ['default membership twice', membership, '00 00', 2],
    ['part of an origin AS', membership, '1f 0000fde8', -1],
    ['origin AS alone', membership, '20 0000fde8', 1],
    ['97 bits of membership', membership, `61 0000fde8 ${'00'.repeat(9)}`, -1],
  ])('%s', (_name, row, wire, count) => {
    const bytes = hex(wire);
    expect(checkNlriRun(bytes, 0, bytes.length, row, false)).toBe(count);
  });

  it('never reads beyond its end, and its key is what is left without the label', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), (bytes, cut) => {
        const end = Math.min(cut, bytes.length);
        for (const row of [vpn4, vpn6, membership]) {
          const length = row.wireLength(bytes, 0, end);
          if (length < 0) continue;
          expect(length).toBeLessThanOrEqual(end);
          if (row.labelOctets === 0) continue;
          const key = new Uint8Array(length - 3);
          copyKey(bytes, 0, length, key);
          const again = withLabel(key, labelField(5));
          expect(again.length).toBe(length);
          expect([again[0], ...again.subarray(4)]).toEqual([bytes[0], ...bytes.subarray(4, length)]);
        }
      }),
    );
  });
});

function routes(view: UpdateView, run: NlriRun): string[] {
  const found: string[] = [];
  if (run.family === 0) return found;
  const row = nlriRow(run.family) as NlriRow;
  forEachNlri(view.bytes, run.start, run.end, row, run.addPath, (at, length) => {
    const { text, label } = nlriWords(row, view.bytes, at, length);
    found.push(label === undefined ? text : `${text} ${label}`);
  });
  return found;
}

describe('next hops (RFC 4364 §4.3.2, RFC 4659 §3.2.1, RFC 8950 §3, RFC 4684 §4)', () => {
  const nlri = [{ nlri: '65000:100:10.0.0.0/8', label: 100 }];
  const reach = (family: FamilyKey, nextHops: readonly string[], text = nlri) =>
    encodeUpdate({
      attributes: { origin: 'igp', asPath: [], localPref: 100 },
      mpReach: { family, nextHops: nextHops.map((each) => IpAddress.parse(each) as IpAddress), nlri: text },
    });
  const hop = (view: UpdateView) => formatAddress(view.bytes, view.mpNextHopAt, view.mpNextHopLength);
  const v6 = [{ nlri: '65000:100:2001:db8::/32', label: 3 }];
  const extended = { ...context, extendedNextHop: new Set([vpnIpv4Unicast]) };

  it.each([
    ['VPN-IPv4', context, vpnIpv4Unicast, ['10.0.0.9'], nlri, '10.0.0.9'],
    ['VPN-IPv4 over IPv6', extended, vpnIpv4Unicast, ['2001:db8::9'], nlri, '2001:db8::9'],
    ['VPN-IPv6', context, vpnIpv6Unicast, ['2001:db8::9'], v6, '2001:db8::9'],
    ['VPN-IPv6 and link-local', context, vpnIpv6Unicast, ['2001:db8::9', 'fe80::9'], v6, '2001:db8::9'],
    ['VPN-IPv6 over IPv4', context, vpnIpv6Unicast, ['::ffff:10.0.0.9'], v6, '::ffff:10.0.0.9'],
    ['membership', context, routeTargetConstrain, ['10.0.0.9'], [{ nlri: 'default', label: 0 }], '10.0.0.9'],
    ['membership, IPv6', context, routeTargetConstrain, ['::9'], [{ nlri: 'default', label: 0 }], '::9'],
  ] as const)('%s', (_name, session, family, nextHops, text, expected) => {
    const view = decode(reach(family, nextHops, [...text]), session);
    expect(view.faults).toEqual([]);
    expect(hop(view)).toBe(expected);
    expect(routes(view, view.mpAnnounced)).toHaveLength(1);
  });

  it.each([
    ['IPv6 for VPN-IPv4 without RFC 8950', vpnIpv4Unicast, ['2001:db8::9'], nlri],
    ['IPv4 for VPN-IPv6', vpnIpv6Unicast, ['10.0.0.9'], v6],
    ['three addresses', vpnIpv6Unicast, ['::1', '::2', '::3'], v6],
  ])('RFC 7606 §7.11: %s disables the family', (_name, family, nextHops, text) => {
    const { faults } = decode(reach(family, nextHops, text), context);
    expect(faults.map(({ action, family: of }) => [action, of])).toEqual([['disable-family', family]]);
  });
});

const rdText = fc.oneof(
  fc.tuple(fc.nat(65535), fc.nat(0xffffffff)).map(([a, b]) => `${a}:${b}`),
  fc.tuple(fc.ipV4(), fc.nat(65535)).map(([a, b]) => `${a}:${b}`),
  fc.tuple(fc.integer({ min: 65536, max: 0xffffffff }), fc.nat(65535)).map(([a, b]) => `${a}:${b}`),
);
const vpnRoute = fc
  .tuple(rdText, fc.ipV4(), fc.integer({ min: 16, max: 0xfffff }))
  .map(([rd, address, label]) => ({ nlri: `${rd}:${address}/32`, label }));

describe('a second decoder', () => {
  it.skipIf(!installed && process.env.CI !== 'true')('agrees on VPN routes and memberships', () => {
    expect(installed, reason).toBe(true);
    const samples = fc.sample(fc.array(vpnRoute, { minLength: 1, maxLength: 5 }), {
      seed: 4364,
      numRuns: 100,
    });
    const messages = samples.map((nlri) =>
      encodeUpdate({
        attributes: { origin: 'igp', asPath: [], localPref: 100 },
        mpReach: {
          family: vpnIpv4Unicast,
          nextHops: [IpAddress.parse('10.0.0.9') as IpAddress],
          nlri,
        },
      }),
    );
    const trees = dissect(messages, 4);
    samples.forEach((nlri, i) => {
      const view = decode(messages[i], context);
      expect(view.faults).toEqual([]);
      expect(routes(view, view.mpAnnounced)).toEqual(nlri.map((each) => `${each.nlri} ${each.label}`));
      // tshark has the distinguishers in words and the label, with its bottom mark, in words too.
      const theirs = all(trees[i], 'bgp.mp_reach_nlri_ipv4_prefix');
      expect(theirs).toEqual(nlri.map((each) => each.nlri.split(':')[2].split('/')[0]));
      expect(all(trees[i], 'bgp.label_stack')).toEqual(nlri.map((each) => `${each.label} (bottom)`));
    });
  });
});
