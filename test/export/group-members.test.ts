/** Who must not get a path: asked again and again, and remembered no longer than it is true. */
import { expect, it } from 'vitest';
import { excludes, GroupMembers } from '../../src/export/group-members.ts';
import { GroupMember } from '../../src/export/member.ts';
import { PeerRole } from '../../src/rib/peer-columns.ts';
import { makeTables } from '../../src/speaker/instance-tables.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import { address, clientGroup } from '../support/settings.ts';

const originatorId = 0x0a000009;

function world() {
  const tables = makeTables(1, () => ({ reachable: true, cost: 0 }), {
    medMissing: 'best',
    alwaysCompareMed: false,
    preferOldestExternal: false,
    multipath: 1,
  });
  const source = tables.peers.add(address('192.0.2.7'), PeerRole.client, 65000);
  const bytes = encodePathAttributes({ origin: 'igp', asPath: [], originatorId });
  const set = tables.attributes.intern(bytes, bytes.length, 0);
  const path = tables.paths.intern(source, set, 0, 0);
  const members = new GroupMembers(tables, clientGroup());
  const member = (peer: number, identifier: number) => new GroupMember(peer, identifier, () => true);
  return { members, path, source: member(source, 1), originator: member(source + 1, originatorId) };
}

it('names the source and the originator as they come and go, whatever was asked before', () => {
  const { members, path, source, originator } = world();
  expect(members.exclusionOf(path)).toBe(0);
  members.add(source);
  expect(members.exclusionOf(path)).toBe(source.slot);
  members.add(originator);
  const both = members.exclusionOf(path);
  expect([source, originator].map((member) => excludes(both, member))).toEqual([true, true]);
  members.remove(source);
  expect(members.exclusionOf(path)).toBe(originator.slot << 16);
  members.remove(originator);
  expect(members.exclusionOf(path)).toBe(0);
});
