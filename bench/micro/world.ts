/** The benchmark's table as the rooms of the speaker see it: messages, attribute sets, destinations, routes. */
import { ipv4Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import type { AttributesId, NlriId, PathId } from '../../src/rib/ids.ts';
import { Ipv4NlriTable } from '../../src/rib/nlri-table.ts';
import { PeerRole } from '../../src/rib/peer-columns.ts';
import { type InstanceTables, makeTables } from '../../src/speaker/instance-tables.ts';
import { UpdateView } from '../../src/wire/update.ts';
import { decodeUpdate } from '../../src/wire/update-decode.ts';
import { type FullTable, makeTable } from '../full-table.ts';

export const seed = 1;

/** A client in our AS, IPv4 unicast, 4-octet AS numbers. */
const context = {
  fourOctetAs: true,
  external: false,
  families: new Set([ipv4Unicast]),
  addPathReceive: new Set<never>(),
  extendedNextHop: new Set<never>(),
};

/** What one UPDATE says. */
export interface Heard {
  readonly canonical: Uint8Array;
  readonly nextHop: Uint8Array;
  /** Offsets of its NLRI in the table's bytes. */
  readonly nlri: readonly number[];
}

export class MicroTable {
  readonly table: FullTable;
  readonly heard: readonly Heard[];

  constructor(routes: number) {
    this.table = makeTable(routes, seed);
    const heard: Heard[] = [];
    const { bytes } = this.table;
    this.decode((view) => {
      if (view.announced.family === 0) return;
      const nlri: number[] = [];
      for (let at = view.announced.start; at < view.announced.end; at += 1 + ((bytes[at] + 7) >> 3))
        nlri.push(at);
      const canonical = view.canonical.slice(0, view.canonicalLength);
      heard.push({ canonical, nextHop: bytes.slice(view.nextHopAt, view.nextHopAt + 4), nlri });
    });
    this.heard = heard;
  }

  get routes(): number {
    return this.table.count;
  }

  /** Every UPDATE through the decoder; the view is only valid during the call. */
  decode(each: (view: UpdateView) => void): void {
    const { bytes } = this.table;
    const view = new UpdateView();
    for (let at = 0; at < bytes.length; ) {
      const end = at + ((bytes[at + 16] << 8) | bytes[at + 17]);
      decodeUpdate(view, bytes, at, end, context);
      each(view);
      at = end;
    }
  }

  /** The attribute sets in a table of attributes, one per UPDATE. */
  intern({ attributes }: InstanceTables): readonly AttributesId[] {
    return this.heard.map(({ canonical }) => attributes.intern(canonical, canonical.length, 0));
  }
}

/** Routes as columns: one entry per route of the table. */
export interface Routes {
  readonly nlri: Ipv4NlriTable;
  readonly nlriIds: readonly NlriId[];
  readonly paths: readonly PathId[];
}

export function emptyTables(): InstanceTables {
  return makeTables(seed, () => ({ reachable: true, cost: 0 }), {
    medMissing: 'best',
    alwaysCompareMed: false,
    preferOldestExternal: false,
    multipath: 1,
  });
}

/** Clients 10.0.0.2 and on. */
export function addClients(tables: InstanceTables, count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => {
    const address = IpAddress.fromUint32(0x0a000002 + n);
    const id = tables.peers.add(address, PeerRole.client, 65000);
    tables.peers.bgpIdentifier[id] = address.toUint32();
    return id;
  });
}

/** The whole table as said by one client, with one path per UPDATE. */
export function routesOf({ table, heard }: MicroTable, tables: InstanceTables, source: number): Routes {
  const nlri = new Ipv4NlriTable(seed);
  const nlriIds: NlriId[] = [];
  const paths: PathId[] = [];
  for (const { canonical, nextHop, nlri: offsets } of heard) {
    const set = tables.attributes.intern(canonical, canonical.length, 0);
    const path = tables.paths.intern(source, set, tables.nextHops.intern(nextHop, 0, 4), 0);
    for (const at of offsets) {
      nlriIds.push(nlri.intern(table.bytes, at));
      paths.push(path);
    }
  }
  return { nlri, nlriIds, paths };
}
