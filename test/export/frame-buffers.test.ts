/** Which buffers come again, and when; that no frame is built over one that is still to be sent. */
import { describe, expect, it, test } from 'vitest';
import { FrameBuffers } from '../../src/export/frame-buffers.ts';
import { UpdatePacker } from '../../src/export/update-packer.ts';
import { ipv4Unicast } from '../../src/net/family.ts';
import { Ipv4NlriTable } from '../../src/rib/nlri-table.ts';
import { PeerRole } from '../../src/rib/peer-columns.ts';
import { makeTables } from '../../src/speaker/instance-tables.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import { plainCodec } from '../../src/wire/messages.ts';
import { address, clientGroup } from '../support/settings.ts';
import { ReceivedRoutes } from './received-frames.ts';

const whole = 65536;

describe('a buffer', () => {
  it.each([
    ['comes again when the host has let go of everything', { held: false, octets: whole, again: true }],
    ['does not come again before', { held: true, octets: whole, again: false }],
    ['of another length does not come', { held: false, octets: 4 * whole, again: false }],
  ])('%s', (_, { held, octets, again }) => {
    const frames = new FrameBuffers(() => held);
    const first = frames.take(whole);
    frames.retire([first]);
    const second = frames.take(octets);
    expect(second).toHaveLength(octets);
    expect(second === first).toBe(again);
  });

  it('that is small is not kept', () => {
    const frames = new FrameBuffers(() => false);
    const first = frames.take(8192);
    frames.retire([first]);
    expect(frames.take(8192)).not.toBe(first);
  });

  it('beyond 1 MiB is not kept', () => {
    const frames = new FrameBuffers(() => false);
    const sent = Array.from({ length: 20 }, () => frames.take(whole));
    frames.retire(sent);
    const taken = Array.from({ length: 20 }, () => frames.take(whole));
    expect(taken.filter((buffer) => sent.includes(buffer))).toHaveLength(16);
  });
});

test('a host that holds nothing: what is packed in one go is whole, and the next go uses its buffers again', () => {
  const tables = makeTables(
    1,
    () => ({ reachable: true, cost: 0 }),
    { medMissing: 'best', alwaysCompareMed: false, preferOldestExternal: false, multipath: 1 },
    () => false,
  );
  const source = tables.peers.add(address('192.0.2.7'), PeerRole.client, 65000);
  const bytes = encodePathAttributes({ origin: 'igp', asPath: [], localPref: 100 });
  const set = tables.attributes.intern(bytes, bytes.length, 0);
  const hop = address('192.0.2.9').bytes;
  const path = tables.paths.intern(source, set, tables.nextHops.intern(hop, 0, hop.length), 0);
  const nlri = new Ipv4NlriTable(1);
  const count = 100_000;
  const ids = Array.from({ length: count }, (_, i) =>
    nlri.intern(Uint8Array.of(24, i >>> 16, i >>> 8, i), 0),
  );
  const packer = new UpdatePacker(tables, clientGroup({ ownNextHop: address('203.0.113.1') }), nlri);
  const pack = () => {
    packer.beginPath(path, 0);
    for (const id of ids) packer.announce(id, id);
    packer.endPath();
    return packer.take();
  };
  const heard = new ReceivedRoutes(
    { ...plainCodec, external: false, families: new Set([ipv4Unicast]) },
    4096,
  );
  const buffers = new Set<ArrayBufferLike>();
  for (let round = 0; round < 3; round++) {
    for (const segment of pack()) {
      if (round > 0) buffers.add(segment.bytes.buffer);
      heard.take(segment.bytes);
    }
  }
  expect(heard.routes.size).toBe(count);
  // 400 KB of frames a round, the last two in the same seven or eight buffers.
  expect(buffers.size).toBeLessThanOrEqual(9);
});
