/** VPN routes and memberships (SAFI 128 and 132): the tester's codec, the speaker's and tshark must agree. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  distinguishers,
  routeTargetSafi,
  targetOf,
  vpnNextHop,
  vpnNlri,
  vpnSafi,
} from '../../conformance/cases/rfc4364/vpn.ts';
import { everything, membership, membershipNlri } from '../../conformance/cases/rfc4684/membership.ts';
import { routeAttributes } from '../../conformance/engine/routes.ts';
import { address, afiOf, type Family } from '../../conformance/wire/address.ts';
import * as pa from '../../conformance/wire/attributes.ts';
import { type Bytes, concat, toHex, u16, u32 } from '../../conformance/wire/bytes.ts';
import { type DecodedUpdate, decodeUpdate } from '../../conformance/wire/decode.ts';
import * as m from '../../conformance/wire/messages.ts';
import { routeTargetConstrain, vpnIpv4Unicast, vpnIpv6Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { forEachNlri, nlriWords } from '../../src/wire/nlri/run.ts';
import { type NlriRow, nlriRow } from '../../src/wire/nlri/table.ts';
import type { NlriRun, UpdateView } from '../../src/wire/update.ts';
import { encodeUpdate } from '../../src/wire/update-encode.ts';
import { all, dissect, installed, reason } from '../wire/support/dissect.ts';
import { decode, internal } from '../wire/support/messages.ts';

const sender = { asn: 65000, internal: true, width: 4 } as const;
const context = { ...internal, families: new Set([vpnIpv4Unicast, vpnIpv6Unicast, routeTargetConstrain]) };
const familyKeys = { v4: vpnIpv4Unicast, v6: vpnIpv6Unicast } as const;

/** A VPN route as every decoder would put it. */
interface Route {
  readonly rd: string;
  readonly rdText: string;
  readonly prefix: string;
  readonly label: number;
}

const routesOf = (prefix: fc.Arbitrary<string>): fc.Arbitrary<readonly Route[]> => {
  const rd = fc.oneof(
    fc.tuple(fc.nat(0xffff), fc.nat(0xffffffff)).map(([a, b]) => ({
      rd: toHex(concat(u16(0), u16(a), u32(b))),
      rdText: `${a}:${b}`,
    })),
    fc.tuple(fc.ipV4(), fc.nat(0xffff)).map(([a, b]) => ({
      rd: toHex(concat(u16(1), address(a), u16(b))),
      rdText: `${a}:${b}`,
    })),
    fc.tuple(fc.integer({ min: 65536, max: 0xffffffff }), fc.nat(0xffff)).map(([a, b]) => ({
      rd: toHex(concat(u16(2), u32(a), u16(b))),
      rdText: `${a}:${b}`,
    })),
  );
  const route = fc
    .tuple(rd, prefix, fc.integer({ min: 16, max: 0xfffff }))
    .map(([words, text, label]) => ({ ...words, prefix: text, label }));
  return fc.uniqueArray(route, { minLength: 1, maxLength: 6, selector: (one) => `${one.rd} ${one.prefix}` });
};

const prefixes: Readonly<Record<Family, fc.Arbitrary<string>>> = {
  v4: fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `10.${a}.${b}.0/24`),
  v6: fc.integer({ min: 1, max: 0xffff }).map((n) => `2001:db8:${n.toString(16)}::/48`),
};

/** RFC 8277 §2: 20 bits of label, three of no meaning, the bottom of the stack. */
const labelHex = (label: number): string => ((label << 4) | 1).toString(16).padStart(6, '0');

function announced(family: Family, list: readonly Route[]): Bytes {
  const nlri = list.map(({ rd, prefix, label }) =>
    vpnNlri({ family, prefix, rd, label: labelHex(label), key: '' }),
  );
  const reach = pa.mpReach(afiOf(family), vpnSafi, vpnNextHop(family), concat(...nlri));
  return m.update({ attributes: [reach, ...routeAttributes(sender, { mp: true }, family)] });
}

const testerReads = (bytes: Uint8Array): DecodedUpdate =>
  decodeUpdate(bytes.slice(19), { pathIds: new Set() });

function speakerReads(view: UpdateView, run: NlriRun): string[] {
  const found: string[] = [];
  if (run.family === 0) return found;
  const row = nlriRow(run.family) as NlriRow;
  forEachNlri(view.bytes, run.start, run.end, row, run.addPath, (at, length) => {
    const { text, label } = nlriWords(row, view.bytes, at, length);
    found.push(label === undefined ? text : `${text} ${label}`);
  });
  return found;
}

const keysOf = (list: readonly Route[]) => list.map(({ rd, prefix }) => `vpn:${rd}:${prefix}`);
const wordsOf = (list: readonly Route[]) =>
  list.map(({ rdText, prefix, label }) => `${rdText}:${prefix} ${label}`);

describe.each(['v4', 'v6'] as const)('VPN routes, %s', (family) => {
  const lists = routesOf(prefixes[family]);

  it('what the tester writes is read alike by itself and by the speaker', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const bytes = announced(family, list);
        const own = testerReads(bytes);
        expect(own.problems).toEqual([]);
        expect(own.reach?.nlri.map((one) => one.prefix)).toEqual(keysOf(list));
        expect(own.reach?.nlri.map((one) => one.label)).toEqual(list.map((one) => labelHex(one.label)));
        const view = decode(bytes, context);
        expect(view.faults).toEqual([]);
        expect(speakerReads(view, view.mpAnnounced)).toEqual(wordsOf(list));
      }),
    );
  });

  it('what the speaker writes is read by the tester, announced and withdrawn', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const key = familyKeys[family];
        const nextHops = [IpAddress.parse(pa.defaultNextHop(family)) as IpAddress];
        const nlri = list.map(({ rdText, prefix, label }) => ({ nlri: `${rdText}:${prefix}`, label }));
        const attributes = { origin: 'igp', asPath: [], localPref: 100 } as const;
        const seen = testerReads(encodeUpdate({ attributes, mpReach: { family: key, nextHops, nlri } }));
        expect(seen.problems).toEqual([]);
        expect(seen.reach?.nlri.map((one) => one.prefix)).toEqual(keysOf(list));
        expect(seen.reach?.nlri.map((one) => one.label)).toEqual(list.map((one) => labelHex(one.label)));
        expect(toHex(seen.reach?.nextHop ?? new Uint8Array())).toBe(toHex(vpnNextHop(family)));
        const gone = nlri.map((one) => one.nlri);
        const withdrawn = testerReads(encodeUpdate({ mpUnreach: { family: key, nlri: gone } }));
        expect(withdrawn.problems).toEqual([]);
        expect(withdrawn.unreach?.nlri.map((one) => one.prefix)).toEqual(keysOf(list));
      }),
    );
  });

  it.skipIf(!installed && process.env.CI !== 'true')('what the tester writes is read by tshark', () => {
    expect(installed, reason).toBe(true);
    const samples = fc.sample(lists, { seed: 4364, numRuns: 40 });
    const trees = dissect(
      samples.map((list) => announced(family, list)),
      4,
    );
    let read = 0;
    samples.forEach((list, i) => {
      const tree = trees[i] ?? [];
      const labels = all(tree, 'bgp.label_stack');
      expect(labels).toHaveLength(list.length);
      // Of some distinguishers of VPN-IPv6 it prints the format of its words in place of the label.
      const legible = (_words: string, at: number) => family === 'v4' || !labels[at]?.includes('%');
      const written = list.map((one) => `${one.label} (bottom)`);
      read += labels.filter(legible).length;
      expect(labels.filter(legible)).toEqual(written.filter(legible));
      expect(JSON.stringify(tree)).not.toMatch(/malformed/i);
      // Of VPN-IPv6 it has no field for distinguisher and prefix.
      if (family === 'v6') return;
      expect(all(tree, 'bgp.mp_reach_nlri_ipv4_prefix')).toEqual(list.map((one) => one.prefix.split('/')[0]));
      expect(all(tree, 'bgp.rd')).toEqual(list.map((one) => one.rdText));
    });
    expect(read).toBeGreaterThan(40);
  });
});

describe('memberships', () => {
  const red = targetOf(65000, 100);
  const table = [
    ['default', everything, 'default'],
    ['the origin AS', membership(65000, red, 32), '65000:0x/32'],
    ['half a target', membership(65000, red, 64), '65000:0x0002fde8/64'],
    ['a whole target', membership(65000, red), '65000:rt:65000:100'],
    ['a 4-octet origin AS', membership(4200000000, red), '4200000000:rt:65000:100'],
  ] as const;
  const attributes = { origin: 'igp', asPath: [], localPref: 100 } as const;
  const reach = (one: (typeof table)[number][1]) =>
    m.update({
      attributes: [
        pa.mpReach(1, routeTargetSafi, address('10.9.0.11'), membershipNlri(one)),
        ...routeAttributes(sender, { mp: true }, 'v4'),
      ],
    });

  it.each(table)('%s: tester and speaker write the same and read it alike', (_name, one, words) => {
    const bytes = reach(one);
    const own = testerReads(bytes);
    expect([own.problems, own.reach?.nlri.map((each) => each.prefix)]).toEqual([[], [one.key]]);
    const view = decode(bytes, context);
    expect([view.faults, speakerReads(view, view.mpAnnounced)]).toEqual([[], [words]]);
    const nextHops = [IpAddress.parse('10.9.0.11') as IpAddress];
    const mpReach = { family: routeTargetConstrain, nextHops, nlri: [words] };
    expect(toHex(encodeUpdate({ attributes, mpReach }))).toBe(toHex(bytes));
  });

  it.skipIf(!installed && process.env.CI !== 'true')('tshark finds nothing malformed', () => {
    expect(installed, reason).toBe(true);
    const trees = dissect(
      table.map(([, one]) => reach(one)),
      4,
    );
    expect(JSON.stringify(trees)).not.toMatch(/malformed/i);
    expect(trees.flatMap((tree) => all(tree, 'bgp.update.path_attribute.mp_reach_nlri.safi'))).toEqual(
      table.map(() => String(routeTargetSafi)),
    );
  });
});

it('the distinguishers of the cases are of types 0, 1 and 2', () => {
  expect(Object.values(distinguishers).map((rd) => rd.slice(0, 4))).toEqual(['0000', '0001', '0002']);
});
