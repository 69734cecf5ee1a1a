/** What the exchange of routes between instances needs of one: its tables, its RIBs, and word of every decision. */
import type { FamilyKey } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { RouteDistinguisher } from '../net/route-distinguisher.ts';
import type { RouteTarget } from '../net/route-target.ts';
import type { AttributeTable } from '../rib/attribute-table.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import type { NlriId, PeerId } from '../rib/ids.ts';
import type { NextHopTable } from '../rib/next-hop-table.ts';
import type { PathTable } from '../rib/path-table.ts';
import type { PeerColumns, PeerRoleCode } from '../rib/peer-columns.ts';

export interface DecidedFamily {
  readonly family: FamilyKey;
  readonly rib: FamilyRib;
}

export interface LeakingInstance {
  readonly tables: {
    readonly attributes: AttributeTable;
    readonly nextHops: NextHopTable;
    readonly paths: PathTable;
    readonly peers: PeerColumns;
  };
  family(family: FamilyKey): DecidedFamily;
  /** Returns the way to stop. */
  watchBest(listener: (state: DecidedFamily, nlri: NlriId) => void): () => void;
  addSource(address: IpAddress, role: PeerRoleCode, remoteAs: number): PeerId;
  /** Its routes go in slices of the instance's own work. */
  removeSource(source: PeerId): void;
}

/** One instance on the exchange, and how to have its changed routes decided. */
export interface ExchangeSide {
  readonly instance: LeakingInstance;
  /** The instance as routes name their source: its router id. */
  readonly routerId: number;
  wake(): void;
}

/** A VRF (RFC 4364 §3). */
export interface Vrf extends ExchangeSide {
  readonly name: string;
  readonly asn: number;
  readonly rd: RouteDistinguisher;
  readonly importTargets: readonly RouteTarget[];
  readonly exportTargets: readonly RouteTarget[];
}
