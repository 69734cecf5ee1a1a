/** One family's RIB with its tables, and short words to fill it. */
import { ipv4Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { AttributeTable } from '../../src/rib/attribute-table.ts';
import { Decision, type DecisionOptions } from '../../src/rib/decision.ts';
import { FamilyRib } from '../../src/rib/family-rib.ts';
import { NextHopTable } from '../../src/rib/next-hop-table.ts';
import { Ipv4NlriTable } from '../../src/rib/nlri-table.ts';
import { PathTable } from '../../src/rib/path-table.ts';
import { PeerColumns, type PeerRoleCode } from '../../src/rib/peer-columns.ts';
import { decisionReasons } from '../../src/rib/reasons.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';

export interface TestPeer {
  readonly role: PeerRoleCode;
  readonly bgpIdentifier: number;
  /** Unsigned 32 bits. */
  readonly address: number;
}

export interface TestRoute {
  /** Index into the world's peers; -1 for our own. */
  readonly peer: number;
  readonly pathId?: number;
  readonly attributes?: Partial<PathAttributes>;
  /** The next hop 10.0.0.cost has this IGP cost. */
  readonly cost?: number;
}

export const usual: DecisionOptions = {
  medMissing: 'best',
  alwaysCompareMed: false,
  preferOldestExternal: false,
  multipath: 1,
};

export class RibWorld {
  readonly attributes = new AttributeTable(1);
  readonly nextHops = new NextHopTable((bytes) => ({ reachable: true, cost: bytes[3] }));
  readonly paths = new PathTable(this.attributes, this.nextHops, 2);
  readonly peers = new PeerColumns();
  readonly rib = new FamilyRib(ipv4Unicast, new Ipv4NlriTable(3), this.paths);
  readonly decision: Decision;
  readonly peerIds: readonly number[];

  constructor(peers: readonly TestPeer[], options: DecisionOptions = usual) {
    const { attributes, nextHops } = this;
    this.decision = new Decision({ attributes, nextHops, peers: this.peers, options });
    this.peerIds = peers.map(({ role, bgpIdentifier, address }) => {
      const id = this.peers.add(IpAddress.fromUint32(address), role, 65000);
      this.peers.bgpIdentifier[id] = bgpIdentifier;
      return id;
    });
  }

  /** The NLRI of 10.0.`number`.0/24. */
  nlri(number: number): number {
    return this.rib.nlri.intern(Uint8Array.of(24, 10, 0, number), 0);
  }

  /** Puts a route in; `reason` other than 0 makes it ineligible. */
  announce(nlri: number, route: TestRoute, reason = 0): number {
    const { attributes, peer, pathId = 0, cost = 1 } = { ...route };
    const source = peer < 0 ? 0 : this.peerIds[peer];
    const bytes = encodePathAttributes({ origin: 'igp', asPath: [], ...attributes });
    const set = this.attributes.intern(bytes, bytes.length, 0);
    const nextHop = this.nextHops.intern(Uint8Array.of(10, 0, 0, cost), 0, 4);
    const path = this.paths.intern(source, set, nextHop, 0);
    return this.rib.announce(nlri, source, pathId, path, reason === 0 ? path : 0, reason);
  }

  /** Decides every dirty NLRI. */
  decide(): void {
    for (let nlri = this.rib.takeDirty(); nlri !== 0; nlri = this.rib.takeDirty()) {
      const best = this.decision.select(this.rib, nlri);
      this.rib.setBest(nlri, best, this.decision.decidedBy);
      if (this.rib.head[nlri] === 0) this.rib.freeNlri(nlri);
    }
  }

  reasonOf(nlri: number): string {
    return decisionReasons[this.rib.decidedBy[nlri]];
  }
}
