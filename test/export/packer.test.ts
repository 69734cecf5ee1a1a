/** Frames and attributes against the naive exporter and the plain encoder: complete, full, never too long. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttributeWriter } from '../../src/export/attribute-writer.ts';
import type { GroupSettings } from '../../src/export/group-settings.ts';
import { UpdatePacker } from '../../src/export/update-packer.ts';
import { type FamilyKey, ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { Ipv4NlriTable, PrefixNlriTable } from '../../src/rib/nlri-table.ts';
import { PeerRole } from '../../src/rib/peer-columns.ts';
import { makeTables } from '../../src/speaker/instance-tables.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import { toTwoOctetAs } from '../../src/wire/attributes/two-octet-as.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { plainCodec } from '../../src/wire/messages.ts';
import { nlriRow } from '../../src/wire/nlri/table.ts';
import { address, clientGroup } from '../support/settings.ts';
import { anyAttributes, ipv4Text, ipv6Text } from '../wire/support/arbitraries.ts';
import { naiveExport } from './naive-exporter.ts';
import { ReceivedRoutes, routeKey, splitFrames } from './received-frames.ts';

const usual = clientGroup({ ownNextHop: address('203.0.113.1') });
const roles = { local: PeerRole.local, external: PeerRole.external, client: PeerRole.client } as const;

function tablesWith(role: keyof typeof roles) {
  const tables = makeTables(1, () => ({ reachable: true, cost: 0 }), {
    medMissing: 'best',
    alwaysCompareMed: false,
    preferOldestExternal: false,
    multipath: 1,
  });
  const source = role === 'local' ? 0 : tables.peers.add(address('192.0.2.7'), roles[role], 65000);
  tables.peers.bgpIdentifier[source] = 0xc0000207;
  const path = (attributes: PathAttributes, nextHop: string) => {
    const bytes = encodePathAttributes(attributes);
    const hop = address(nextHop).bytes;
    const set = tables.attributes.intern(bytes, bytes.length, 0);
    return tables.paths.intern(source, set, tables.nextHops.intern(hop, 0, hop.length), 0);
  };
  return { tables, source, path };
}

// RFC 4271 §9.2: the same route is not advertised again.
it.each([
  ['another MED of an external peer', { med: 2 }, 'external', true],
  ['another LOCAL_PREF', { localPref: 200 }, 'external', true],
  ['another MED', { med: 2 }, 'client', false],
  ['another ORIGIN', { origin: 'egp' }, 'external', false],
  ['another AS_PATH', { asPath: [] }, 'external', false],
] as const)('%s %o makes another route for a peer of kind %s: not so: %s', (_, change, target, same) => {
  const { tables, path } = tablesWith('external');
  const attributes: PathAttributes = { origin: 'igp', asPath: [{ type: 'sequence', asns: [7] }], med: 1 };
  const packer = new UpdatePacker(tables, { ...usual, target }, new Ipv4NlriTable(1));
  const before = path(attributes, '192.0.2.9');
  expect(packer.saysTheSame(before, path({ ...attributes, ...change }, '192.0.2.9'))).toBe(same);
  expect(packer.saysTheSame(before, path(attributes, '192.0.2.10'))).toBe(false);
});

describe('attributes on their way out', () => {
  const target = fc.constantFrom('external' as const, 'client' as const, 'non-client' as const);
  const role = fc.constantFrom('local' as const, 'external' as const, 'client' as const);
  const longPath = fc
    .integer({ min: 250, max: 255 })
    .map((n) => [{ type: 'sequence' as const, asns: Array.from({ length: n }, (_, i) => 70000 + i) }]);
  const attributes = fc.oneof(
    anyAttributes,
    fc.tuple(anyAttributes, longPath).map(([rest, asPath]) => ({ ...rest, asPath })),
    anyAttributes.map(({ localPref: _absent, ...rest }) => rest),
  );

  it('are those of the naive exporter, also for 2-octet AS numbers', () => {
    fc.assert(
      fc.property(attributes, target, role, fc.boolean(), (attributes, target, role, fourOctetAs) => {
        const { tables, source, path } = tablesWith(role);
        const settings: GroupSettings = { ...usual, target, fourOctetAs };
        // Communities decide whether a route goes at all, which is not what is asked here.
        const { communities: _c, originatorId, ...rest } = attributes;
        const sent = { ...rest, ...(originatorId === undefined ? {} : { originatorId }) };
        const expected = naiveExport(
          {
            sourcePeer: source,
            role,
            sourceIdentifier: 0xc0000207,
            sourceAddress: address('192.0.2.7'),
            attributes: sent,
            nextHop: address('198.51.100.1'),
            prefixBytes: new Uint8Array(4),
            prefixLength: 0,
          },
          { peer: 99, bgpIdentifier: 0, settings },
        );
        const writer = new AttributeWriter(tables, settings);
        writer.write(path(sent, '198.51.100.1'), undefined);
        const wide = expected && encodePathAttributes(expected.attributes);
        if (originatorId === 0) return;
        expect(toHex(writer.bytes, 0, writer.length)).toBe(
          wide && toHex(fourOctetAs ? wide : toTwoOctetAs(wide)),
        );
      }),
      { numRuns: 400 },
    );
  });

  it('have NEXT_HOP in its place by type', () => {
    const { tables, path } = tablesWith('client');
    const writer = new AttributeWriter(tables, usual);
    writer.write(
      path({ origin: 'igp', asPath: [], med: 1, localPref: 5 }, '198.51.100.1'),
      Uint8Array.of(1, 2, 3, 4),
    );
    const types: number[] = [];
    for (let at = 0; at < writer.length; at += 3 + writer.bytes[at + 2]) types.push(writer.bytes[at + 1]);
    expect(types).toEqual([1, 2, 3, 4, 5, 9, 10]);
  });
});

describe('frames', () => {
  interface Kind {
    readonly family: FamilyKey;
    readonly nextHop: string;
    readonly extendedNextHop?: boolean;
  }
  const kind = fc.constantFrom<Kind>(
    { family: ipv4Unicast, nextHop: '198.51.100.1' },
    { family: ipv4Unicast, nextHop: '2001:db8::1', extendedNextHop: true },
    { family: ipv6Unicast, nextHop: '2001:db8::1' },
  );

  it('hold every NLRI once, are full, and are never too long', () => {
    fc.assert(
      fc.property(
        kind,
        fc.boolean(),
        fc.constantFrom(4096, 65535),
        fc.nat(3000),
        fc.infiniteStream(ipv4Text),
        fc.infiniteStream(ipv6Text),
        anyAttributes,
        (kind, addPath, maxMessage, count, fours, sixes, attributes) => {
          const { tables, path } = tablesWith('client');
          const { family } = kind;
          const settings: GroupSettings = {
            ...usual,
            family,
            maxMessage,
            extendedNextHop: kind.extendedNextHop ?? false,
            addPathLimit: addPath ? 9 : undefined,
          };
          const nlri = family === ipv4Unicast ? new Ipv4NlriTable(1) : new PrefixNlriTable(16, 1);
          const packer = new UpdatePacker(tables, settings, nlri);
          const texts = family === ipv4Unicast ? fours : sixes;
          const wanted = new Map<string, number>();
          for (let i = 0; i < count; i++) {
            const text = String(texts.next().value);
            const wire = nlriRow(family)?.parse(text);
            if (wire === undefined) throw new Error(`no NLRI: ${text}`);
            const id = nlri.intern(wire, 0);
            wanted.set(routeKey(family, text, addPath ? id + 5 : 0), id);
          }
          if (wanted.size === 0) return;
          const {
            communities: _c,
            unknown: _u,
            clusterList: _l,
            largeCommunities: _g,
            ...small
          } = attributes;
          packer.beginPath(path(small, kind.nextHop), 0);
          for (const id of wanted.values()) packer.announce(id, id + 5);
          packer.endPath();
          const received = new ReceivedRoutes(
            {
              ...plainCodec,
              external: false,
              fourOctetAs: true,
              families: new Set([family]),
              addPathReceive: new Set(addPath ? [family] : []),
              extendedNextHop: new Set(kind.extendedNextHop ? [family] : []),
            },
            maxMessage,
          );
          const announced = packer.take();
          for (const { bytes } of announced) received.take(bytes);
          expect(received.complaints).toEqual([]);
          expect(received.announced).toBe(wanted.size);
          expect([...received.routes.keys()].sort()).toEqual([...wanted.keys()].sort());
          checkFull(announced, maxMessage, 21);
          packer.beginWithdraw(0);
          for (const id of wanted.values()) packer.withdraw(id, id + 5);
          packer.endWithdraw();
          const withdrawn = packer.take();
          for (const { bytes } of withdrawn) received.take(bytes);
          expect([received.complaints, received.routes.size]).toEqual([[], 0]);
          checkFull(withdrawn, maxMessage, 21);
          packer.endOfRib(0);
          for (const { bytes } of packer.take()) received.take(bytes);
          expect(received.endsOfRib).toBe(1);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('of different exclusions lie in different segments, in order, with their numbers', () => {
    const { tables, path } = tablesWith('client');
    const nlri = new Ipv4NlriTable(1);
    const packer = new UpdatePacker(tables, usual, nlri);
    const id = nlri.intern(Uint8Array.of(8, 10), 0);
    const one = path({ origin: 'igp', asPath: [], localPref: 1 }, '198.51.100.1');
    for (const exclusion of [1, 1, 2, 0]) {
      packer.beginPath(one, exclusion);
      packer.announce(id, 0);
      packer.endPath();
    }
    const segments = packer.take();
    expect(segments.map(({ exclusion, messages }) => [exclusion, messages])).toEqual([
      [1, 2],
      [2, 1],
      [0, 1],
    ]);
    expect(packer.take()).toEqual([]);
  });

  it('that were handed out are not written to again', () => {
    const { tables, path } = tablesWith('client');
    const nlri = new Ipv4NlriTable(1);
    const packer = new UpdatePacker(tables, usual, nlri);
    const id = nlri.intern(Uint8Array.of(8, 10), 0);
    const send = () => {
      packer.beginPath(path({ origin: 'igp', asPath: [], localPref: 1 }, '198.51.100.1'), 0);
      packer.announce(id, 0);
      packer.endPath();
      return packer.take().map(({ bytes }) => bytes);
    };
    const first = send();
    const copy = first.map((bytes) => toHex(bytes));
    for (let i = 0; i < 3000; i++) send();
    expect(first.map((bytes) => toHex(bytes))).toEqual(copy);
  });
});

/** All frames but the last have no room for one more NLRI of the longest kind. */
function checkFull(
  segments: readonly { readonly bytes: Uint8Array }[],
  maxMessage: number,
  room: number,
): void {
  const frames = segments.flatMap(({ bytes }) => splitFrames(bytes, maxMessage));
  for (const frame of frames.slice(0, -1)) expect(frame.length).toBeGreaterThan(maxMessage - room);
}
