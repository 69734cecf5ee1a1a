/**
 * A reflector's Loc-RIB as the controller hears it: one BMP connection in (RFC 7854, RFC 9069), a RouteFeed out. Whose
 * it is says a string of the Initiation; a stream that does not say so, or says it of an older epoch than the
 * controller knows, is refused. Owns no socket. Nothing of a feed is deleted here when its connection ends: what is
 * stale, and for how long, is the planner's to say.
 */
import { BmpError, type BmpMessage, BmpStream, isLocRib } from '../bmp/decode.ts';
import { type Information, InformationType } from '../bmp/messages.ts';
import { type FamilyKey, ipv4Unicast, ipv6Unicast } from '../net/family.ts';
import { formatAddress } from '../net/ip-address.ts';
import { readU32 } from '../net/octets.ts';
import { withdrawsRoutes } from '../wire/attributes/faults.ts';
import { forEachNlri, nlriWords } from '../wire/nlri/run.ts';
import { nlriRow } from '../wire/nlri/table.ts';
import { decodeOpen } from '../wire/open.ts';
import { type NlriRun, UpdateView } from '../wire/update.ts';
import { decodeUpdate } from '../wire/update-decode.ts';
import type { FeedIdentity } from './agent-protocol.ts';
import type { FeedRoute, RouteFeed } from './observations.ts';

const identityPattern = /^heliograph tenant=(\S+) slot=(\S+) epoch=(\d{1,15})$/;

export function identityOf(information: readonly Information[]): FeedIdentity | undefined {
  for (const { type, text } of information) {
    const match = type === InformationType.string ? identityPattern.exec(text) : null;
    if (match) return { tenant: match[1], slot: match[2], epoch: Number(match[3]) };
  }
  return undefined;
}

/** An overlay carries unicast alone. */
const families: ReadonlySet<FamilyKey> = new Set([ipv4Unicast, ipv6Unicast]);
const none: ReadonlySet<FamilyKey> = new Set();
/** RFC 9069 §4.2: four-octet AS numbers. Read as an external peer's: a Loc-RIB may lack LOCAL_PREF. */
const context = {
  fourOctetAs: true,
  external: true,
  families,
  addPathReceive: none,
  extendedNextHop: families,
};
const medType = 4;
/** Of one tenant; what is beyond it is a mistake, and would cost all other tenants. */
const mostRoutes = 100_000;

export interface FeedListener {
  /** Is this epoch of the slot still the newest that the controller knows? */
  admits(identity: FeedIdentity): boolean;
  /** The table changed; once per chunk, however many routes did. What it is now is asked of `table`. */
  changed(): void;
}

export class RouteFeedReceiver {
  readonly #listener: FeedListener;
  readonly #stream = new BmpStream();
  readonly #view = new UpdateView();
  readonly #routes = new Map<string, FeedRoute>();
  /** Families whose End-of-RIB is still to come; `undefined` before the Loc-RIB's Peer Up. */
  #awaited: Set<FamilyKey> | undefined;
  #identity: FeedIdentity | undefined;
  #touched = false;

  constructor(listener: FeedListener) {
    this.#listener = listener;
  }

  get identity(): FeedIdentity | undefined {
    return this.#identity;
  }

  /** Bytes of the connection. Throws BmpError where it has to end. */
  received(chunk: Uint8Array): void {
    this.#stream.push(chunk, (message) => this.#take(message));
    if (!this.#touched || !this.#identity) return;
    this.#touched = false;
    this.#listener.changed();
  }

  /** All of it: a copy, so that it is not asked for with every chunk. `undefined` before the Initiation. */
  get table(): RouteFeed | undefined {
    if (!this.#identity) return undefined;
    const endOfRib = this.#awaited?.size === 0;
    return { ...this.#identity, endOfRib, routes: [...this.#routes.values()] };
  }

  #take(message: BmpMessage): void {
    if (message.type === 'initiation') {
      this.#begin(message.information);
      return;
    }
    if (!this.#identity) throw new BmpError('the stream does not begin with whose it is');
    if (!this.#listener.admits(this.#identity)) throw new BmpError('a newer epoch of this slot is known');
    if (!('peer' in message) || !isLocRib(message.peer)) return;
    if (message.type === 'peer-up') this.#peerUp(message.sentOpen);
    else if (message.type === 'peer-down') this.#clear(undefined);
    else if (message.type === 'route-monitoring') this.#update(message.update);
  }

  #begin(information: readonly Information[]): void {
    const identity = identityOf(information);
    if (!identity) throw new BmpError('the Initiation does not say whose Loc-RIB this is');
    if (!this.#listener.admits(identity)) throw new BmpError('a newer epoch of this slot is known');
    this.#identity = identity;
  }

  /** RFC 9069 §4.4: what the OPENs list is what will be told. */
  #peerUp(open: Uint8Array): void {
    const listed = decodeOpen(open, 0, open.length).capabilities.flatMap((capability) =>
      capability.type === 'multiprotocol' && families.has(capability.family) ? [capability.family] : [],
    );
    this.#clear(new Set(listed.length > 0 ? listed : [ipv4Unicast]));
  }

  /** An empty table that did not end yet is no news: it must sweep nothing. */
  #clear(awaited: Set<FamilyKey> | undefined): void {
    this.#routes.clear();
    this.#awaited = awaited;
    this.#touched = true;
  }

  #update(update: Uint8Array): void {
    if (!this.#awaited) throw new BmpError('routes of a Loc-RIB that was not announced with a Peer Up');
    const view = this.#view;
    decodeUpdate(view, update, 0, update.length, context);
    if (view.endOfRib !== 0) {
      if (this.#awaited.delete(view.endOfRib) && this.#awaited.size === 0) this.#touched = true;
      return;
    }
    const withdraws = withdrawsRoutes(view.faults);
    for (const run of [view.withdrawn, view.mpWithdrawn]) this.#each(run, (prefix) => this.#remove(prefix));
    const metric = this.#metric();
    for (const { run, at, length } of [
      { run: view.announced, at: view.nextHopAt, length: 4 },
      { run: view.mpAnnounced, at: view.mpNextHopAt, length: Math.min(view.mpNextHopLength, 16) },
    ]) {
      this.#each(run, (prefix) => {
        if (withdraws) this.#remove(prefix);
        else this.#put({ prefix, nextHop: formatAddress(view.bytes, at, length), metric });
      });
    }
  }

  /** RFC 4271 §4.3: MULTI_EXIT_DISC; 0 where there is none. */
  #metric(): number {
    const { canonical, canonicalLength } = this.#view;
    for (let at = 0; at < canonicalLength; ) {
      const extended = (canonical[at] & 0x10) !== 0;
      const value = at + (extended ? 4 : 3);
      if (canonical[at + 1] === medType) return readU32(canonical, value);
      at = value + (extended ? (canonical[at + 2] << 8) | canonical[at + 3] : canonical[at + 2]);
    }
    return 0;
  }

  #put(route: FeedRoute): void {
    this.#routes.set(route.prefix, route);
    if (this.#routes.size > mostRoutes) throw new BmpError(`a Loc-RIB of more than ${mostRoutes} routes`);
    this.#touched = true;
  }

  #remove(prefix: string): void {
    if (this.#routes.delete(prefix)) this.#touched = true;
  }

  #each(run: NlriRun, visit: (prefix: string) => void): void {
    const { family } = run;
    const row = family === 0 || !families.has(family) ? undefined : nlriRow(family);
    if (row === undefined) return;
    forEachNlri(this.#view.bytes, run.start, run.end, row, run.addPath, (at, length) =>
      visit(nlriWords(row, this.#view.bytes, at, length).text),
    );
  }
}
