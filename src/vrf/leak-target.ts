/**
 * Where leaked routes arrive: an instance, in which they have a source of their own. Everything is interned anew. When the
 * target closes, its source and all its routes go.
 */
import { IpAddress } from '../net/ip-address.ts';
import { countAs } from '../rib/attribute-walk.ts';
import type { PeerId } from '../rib/ids.ts';
import { PathFlag } from '../rib/path-table.ts';
import type { PeerRoleCode } from '../rib/peer-columns.ts';
import { ineligibleCode } from '../rib/reasons.ts';
import type { LeakedRoute } from './leaked-route.ts';
import type { ExchangeSide } from './leaking-instance.ts';

const asLoop = ineligibleCode('as-loop');

export interface LeakTargetOptions {
  /** How the routes stand to the instance: its own (`local`), or from elsewhere in the AS (`vpn`). */
  readonly role: PeerRoleCode;
  /** RFC 4271 §9.1.2: routes with this AS in their path take no part; 0 for none. */
  readonly loopAs: number;
  /** What stands for the source in views. */
  readonly name: string;
}

let targets = 0;

export class LeakTarget {
  /** Unlike any other target's. */
  readonly number: number = ++targets;
  readonly source: PeerId;
  readonly #side: ExchangeSide;
  readonly #loopAs: number;
  #closed = false;

  constructor(side: ExchangeSide, { role, loopAs, name }: LeakTargetOptions) {
    const { instance, routerId } = side;
    this.#side = side;
    this.#loopAs = loopAs;
    this.source = instance.addSource(IpAddress.fromUint32(routerId), role, 0);
    const { peers } = instance.tables;
    peers.bgpIdentifier[this.source] = routerId;
    peers.setName(this.source, name);
  }

  apply({ family, key, pathId, path }: LeakedRoute): void {
    if (this.#closed) return;
    const { rib } = this.#side.instance.family(family);
    if (path === undefined) {
      const nlri = rib.nlri.find(key, 0);
      const route = nlri === 0 ? 0 : rib.findRoute(nlri, this.source, pathId);
      if (route !== 0) rib.withdraw(route);
      return;
    }
    const { attributes, nextHops, paths } = this.#side.instance.tables;
    const set = attributes.intern(path.attributes, path.attributes.length, 0);
    const { nextHop } = path;
    const hop = nextHop.length === 0 ? 0 : nextHops.intern(nextHop, 0, nextHop.length);
    // Its next hop is where it came from; who we tell of it reaches it through us.
    const id = paths.internLabelled(this.source, set, hop, PathFlag.nextHopSelf, path.label);
    const loops = this.#loopAs !== 0 && countAs(attributes, set, this.#loopAs) > 0;
    rib.announce(rib.nlri.intern(key, 0), this.source, pathId, id, loops ? 0 : id, loops ? asLoop : 0);
  }

  /** Its instance has changed routes to decide. */
  wake(): void {
    if (!this.#closed) this.#side.wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#side.instance.removeSource(this.source);
    this.#side.wake();
    this.#closed = true;
  }
}
