/**
 * Architecture §3: every member of an update group receives what a naive exporter for that member alone would
 * have sent, under random changes, joins, lags, refreshes and regroupings; and nothing is held afterwards.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributesOf } from '../../src/export/propagation.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { localPeer } from '../../src/rib/ids.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { naiveExport } from '../export/naive-exporter.ts';
import { routeKey } from '../export/received-frames.ts';
import { seededRandom } from '../support/random.ts';
import { GroupWorld, type MemberPeer, roles } from './group-world.ts';

const peerCount = 6;

type Operation =
  | {
      readonly do: 'announce';
      readonly peer: number;
      readonly prefix: number;
      readonly set: number;
      readonly id: number;
    }
  | { readonly do: 'withdraw'; readonly peer: number; readonly prefix: number; readonly id: number }
  | { readonly do: 'join' | 'regroup'; readonly peer: number; readonly variant: number }
  | { readonly do: 'join-all' | 'regroup-all'; readonly variant: number }
  | {
      readonly do: 'leave' | 'refresh' | 'uncongest' | 'sweep' | 'lose-routes' | 'turn-role';
      readonly peer: number;
    }
  | { readonly do: 'work'; readonly turns: number };

const peer = fc.nat(peerCount - 1);
const prefix = fc.nat(11);
/** Any, or one of a few, so that groups meet that have the same settings. */
const variant = fc.oneof(fc.nat(0xffff), fc.constantFrom(0x201, 0x219, 0x419, 0x619, 0x2219, 0x1219, 0x8319));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('announce' as const),
      peer,
      prefix,
      set: fc.nat(15),
      id: fc.nat(1),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('withdraw' as const), peer, prefix, id: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('join' as const), peer, variant }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('regroup' as const), peer, variant }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('join-all', 'regroup-all'), variant }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('leave', 'refresh', 'lose-routes', 'turn-role'), peer }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('uncongest', 'sweep'), peer }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('work' as const), turns: fc.integer({ min: 1, max: 3 }) }),
  },
);

function apply(world: GroupWorld, operation: Operation): void {
  switch (operation.do) {
    case 'announce':
      world.announce(world.peers[operation.peer], operation.prefix, operation.set, operation.id);
      return;
    case 'withdraw':
      world.withdraw(world.peers[operation.peer], operation.prefix, operation.id);
      return;
    case 'join':
      world.join(world.peers[operation.peer], operation.variant);
      return;
    case 'regroup':
      world.regroup(world.peers[operation.peer], operation.variant);
      return;
    case 'join-all':
      for (const each of world.peers) world.join(each, operation.variant);
      return;
    case 'regroup-all':
      for (const each of world.peers) world.regroup(each, operation.variant);
      return;
    case 'leave':
      world.leave(world.peers[operation.peer]);
      return;
    case 'refresh':
      world.refresh(world.peers[operation.peer]);
      return;
    case 'uncongest':
      world.uncongest(world.peers[operation.peer]);
      return;
    case 'sweep':
      world.sweep(world.peers[operation.peer]);
      return;
    case 'lose-routes':
      world.loseRoutes(world.peers[operation.peer]);
      return;
    case 'turn-role':
      world.turnRole(world.peers[operation.peer]);
      return;
    case 'work':
      for (let i = 0; i < operation.turns; i++) world.work();
  }
}

/** What the naive exporter would have told this member by now. */
function naiveState(world: GroupWorld, member: MemberPeer): Map<string, unknown> {
  const { tables, rib } = world;
  const settings = member.settings;
  const expected = new Map<string, unknown>();
  if (settings === undefined) return expected;
  const ranked: number[] = [];
  for (let nlri = 1; nlri < rib.nlri.top; nlri++) {
    if (!rib.nlri.isUsed(nlri) || rib.head[nlri] === 0) continue;
    tables.decision.rank(rib, nlri, settings.addPathLimit ?? 1, ranked);
    const wire = new Uint8Array(8);
    rib.nlri.write(nlri, wire, 0);
    for (const route of ranked) {
      const path = rib.acceptedOf(route);
      const source = tables.paths.source[path];
      const nextHop = tables.nextHops.get(tables.paths.nextHop[path]);
      const result = naiveExport(
        {
          sourcePeer: source === localPeer ? -1 : source,
          role: roles[tables.peers.role[source]],
          sourceIdentifier: tables.peers.bgpIdentifier[source],
          sourceAddress: tables.peers.addressOf(source),
          attributes: attributesOf(tables, tables.paths.attributes[path]),
          nextHop: nextHop && IpAddress.fromBytes(nextHop.bytes),
          prefixBytes: wire.slice(1, 5),
          prefixLength: wire[0],
        },
        { peer: member.source.id, bgpIdentifier: member.identifier, settings },
      );
      if (result === undefined) continue;
      const pathId = settings.addPathLimit === undefined ? 0 : route;
      expected.set(routeKey(rib.family, world.prefixText(nlri), pathId), {
        nextHop: result.nextHop.toString(),
        attributes: toHex(encodePathAttributes(result.attributes)),
      });
    }
  }
  return expected;
}

function check(world: GroupWorld): void {
  for (const member of world.peers) {
    const { received } = member;
    if (received === undefined) continue;
    expect(received.complaints, `${member.name}`).toEqual([]);
    expect(sorted(received.routes), `${member.name} ${JSON.stringify(member.settings?.target)}`).toEqual(
      sorted(naiveState(world, member)),
    );
    expect(received.endsOfRib, `${member.name}: End-of-RIB`).toBe(1);
    const { group, member: place } = member.membership ?? {};
    expect(group && place && group.announcedTo(place), `${member.name}: counted`).toBe(received.routes.size);
    expect(member.refreshesDue, `${member.name}: refreshes answered`).toBe(0);
  }
}

/** Nobody is served twice: members with the same settings share one group, and no group is without members. */
function checkGroups({ state }: GroupWorld): void {
  const groups = [...state.groups.values()];
  expect(new Set(groups.map(({ key }) => key)).size, 'groups with the same settings').toBe(groups.length);
  expect([...state.groups.keys()]).toEqual(groups.map(({ key }) => key));
  expect(groups.map(({ members }) => members.length)).not.toContain(0);
}

function sorted(map: ReadonlyMap<string, unknown>): readonly unknown[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function checkEmpty(world: GroupWorld): void {
  const { tables, rib, state } = world;
  expect({
    attributes: tables.attributes.size,
    paths: tables.paths.size,
    nextHops: tables.nextHops.size,
    nlri: rib.nlri.size,
    routes: rib.routeCount,
    best: rib.bestCount,
    groups: state.groups.size,
  }).toEqual({ attributes: 0, paths: 0, nextHops: 0, nlri: 0, routes: 0, best: 0, groups: 0 });
}

/** A route waits for its decision just when the members of its group are told everything in other bytes. */
const waitsWhileRetold: Operation[] = [
  { do: 'join', peer: 1, variant: 513 },
  { do: 'join-all', variant: 36864 },
  { do: 'regroup-all', variant: 1049 },
  { do: 'announce', peer: 5, prefix: 0, set: 0, id: 0 },
  { do: 'work', turns: 1 },
  { do: 'work', turns: 2 },
  { do: 'work', turns: 2 },
  { do: 'announce', peer: 1, prefix: 0, set: 0, id: 0 },
  { do: 'work', turns: 3 },
  { do: 'lose-routes', peer: 1 },
  { do: 'announce', peer: 0, prefix: 0, set: 0, id: 0 },
];

describe('an update group', () => {
  it('tells each member what an exporter for it alone would have told', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 1, maxLength: 120, size: 'max' }),
        fc.nat(),
        (operations, seed) => {
          const world = new GroupWorld(peerCount, seededRandom(seed));
          for (const each of operations) apply(world, each);
          world.settle();
          check(world);
          checkGroups(world);
          for (const each of world.peers) {
            world.leave(each);
            world.loseRoutes(each);
          }
          world.settle();
          checkEmpty(world);
        },
      ),
      { numRuns: 600, examples: [[waitsWhileRetold, 935_773_571]] },
    );
  });
});
