/** A station: what it was told, replayed. Complains of everything that RFC 7854 does not allow at that place. */

import { supportedFamilies } from '../../../src/net/family.ts';
import { ReceivedRoutes } from '../../export/received-frames.ts';
import { type Decoded, decodeStream } from './decode.ts';

export interface PeerSeen {
  /** By view: `pre-policy`, `post-policy` or `loc-rib`. */
  readonly views: Map<string, ReceivedRoutes>;
  readonly opens: readonly Buffer[];
}

export class ReplayedStation {
  readonly peers = new Map<string, PeerSeen>();
  readonly log: string[] = [];
  readonly complaints: string[] = [];
  readonly statistics: Decoded[] = [];
  messages: Decoded[] = [];

  take(bytes: Uint8Array): void {
    for (const message of decodeStream(bytes)) {
      this.messages.push(message);
      this.#one(message);
    }
  }

  /** All routes of a peer in a view, `family prefix pathId` -> route. */
  routes(peer: string, view: string): ReadonlyMap<string, unknown> {
    return this.peers.get(peer)?.views.get(view)?.routes ?? new Map();
  }

  #one(message: Decoded): void {
    const { type, peer } = message;
    if (this.messages.length === 1 && type !== 'initiation') this.complaints.push('no Initiation first');
    if (peer === undefined) {
      this.log.push(type);
      return;
    }
    const name = peer.type === 3 ? 'loc-rib' : addressText(peer.address);
    const seen = this.peers.get(name);
    switch (type) {
      case 'peer-up':
        if (seen) this.complaints.push(`Peer Up of ${name}, which is up`);
        this.peers.set(name, { views: new Map(), opens: message.bgp });
        this.log.push(`up ${name}`);
        return;
      case 'peer-down':
        if (!seen) this.complaints.push(`Peer Down of ${name}, which is not up`);
        this.peers.delete(name);
        this.log.push(`down ${name} ${message.body[0]}`);
        return;
      case 'statistics-report':
        this.statistics.push(message);
        return;
      default:
        if (!seen) this.complaints.push(`routes of ${name}, which is not up`);
        else this.#route(name, seen, peer.flags, message.bgp[0]);
    }
  }

  #route(name: string, seen: PeerSeen, flags: number, update: Buffer): void {
    const view = name === 'loc-rib' ? name : (flags & 0x40) === 0 ? 'pre-policy' : 'post-policy';
    let routes = seen.views.get(view);
    if (routes === undefined) {
      routes = new ReceivedRoutes(
        {
          fourOctetAs: true,
          external: false,
          families: new Set(supportedFamilies),
          addPathReceive: hasAddPath(seen.opens) ? new Set(supportedFamilies) : new Set(),
          extendedNextHop: new Set(),
        },
        65535,
      );
      seen.views.set(view, routes);
    }
    const ends = routes.endsOfRib;
    routes.takeFrame(new Uint8Array(update));
    if (routes.endsOfRib > ends) this.log.push(`end ${name} ${view}`);
    for (const complaint of routes.complaints.splice(0)) {
      // What is originated here has none before it is sent.
      if (name === 'loc-rib' && complaint === 'malformed: LOCAL_PREF is missing') continue;
      this.complaints.push(`${name} ${view}: ${complaint}`);
    }
  }
}

/** Both OPENs have capability 69 (these tests: for all families, one way). */
function hasAddPath(opens: readonly Buffer[]): boolean {
  return opens.every((open) => {
    for (let at = 29 + 2; at < open.length; at += 2 + open[at + 1]) if (open[at] === 69) return true;
    return false;
  });
}

function addressText(hex: string): string {
  const octets = Buffer.from(hex, 'hex');
  return [...octets.subarray(12)].join('.');
}
