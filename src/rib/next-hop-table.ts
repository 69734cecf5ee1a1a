/**
 * Interned next hops with what is known of their reachability (RFC 4271 §9.1.2).
 * A handful per instance, so plain objects; routes hold the id only, and when a next hop changes, the route
 * columns are scanned for it: no chain per route.
 */
import { formatAddress } from '../net/ip-address.ts';
import { IdPool } from './columns.ts';
import type { NextHopId } from './ids.ts';

export interface NextHop {
  readonly id: NextHopId;
  /** 4, 16, or 32 octets (global and link-local, RFC 2545 §3), as received. */
  readonly bytes: Uint8Array;
  reachable: boolean;
  /** IGP cost to it; 0 where nothing resolves next hops. */
  cost: number;
  references: number;
}

export interface Resolution {
  readonly reachable: boolean;
  readonly cost: number;
}

/** Says whether and how far away a next hop is. Pure for as long as `NextHopTable.reresolve` was not called. */
export type Resolver = (bytes: Uint8Array) => Resolution;

export class NextHopTable {
  readonly #ids = new IdPool();
  readonly #byId: (NextHop | undefined)[] = [undefined];
  readonly #ipv4 = new Map<number, NextHop>();
  readonly #other = new Map<string, NextHop>();
  #resolver: Resolver;
  /** The IPv4 one that was asked for last: a table has few, and says the same one often. */
  #last: NextHop | undefined;
  #lastKey = 0;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  get size(): number {
    return this.#ids.inUse;
  }

  /** `undefined` only for id 0, our own address. */
  get(id: NextHopId): NextHop | undefined {
    return this.#byId[id];
  }

  /** The id of the next hop whose `length` octets lie at `at`, made if it is new. The caller retains it. */
  intern(bytes: Uint8Array, at: number, length: number): NextHopId {
    if (length === 4) {
      const key = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      if (key === this.#lastKey && this.#last !== undefined) return this.#last.id;
      let nextHop = this.#ipv4.get(key);
      if (nextHop === undefined) {
        nextHop = this.#make(bytes.slice(at, at + length));
        this.#ipv4.set(key, nextHop);
      }
      this.#last = nextHop;
      this.#lastKey = key;
      return nextHop.id;
    }
    const value = bytes.slice(at, at + length);
    const key = keyOf(value);
    const known = this.#other.get(key);
    if (known !== undefined) return known.id;
    const made = this.#make(value);
    this.#other.set(key, made);
    return made.id;
  }

  /** Does any path go through this address? As the global address of a pair it counts too. */
  has(address: Uint8Array): boolean {
    return this.#byId.some(
      (nextHop) =>
        nextHop !== undefined &&
        (nextHop.bytes.length === 4) === (address.length === 4) &&
        address.every((octet, i) => nextHop.bytes[i] === octet),
    );
  }

  /** Is there one that cannot be reached, as far as is known now? */
  get hasUnreachable(): boolean {
    return this.#byId.some((nextHop) => nextHop !== undefined && !nextHop.reachable);
  }

  retain(id: NextHopId): void {
    const nextHop = this.#byId[id];
    if (nextHop !== undefined) nextHop.references++;
  }

  release(id: NextHopId): void {
    const nextHop = this.#byId[id];
    if (nextHop === undefined || --nextHop.references > 0) return;
    this.#remove(nextHop);
  }

  discardUnreferenced(id: NextHopId): void {
    const nextHop = this.#byId[id];
    if (nextHop !== undefined && nextHop.references === 0) this.#remove(nextHop);
  }

  /** Asks the (new) resolver for every next hop; returns those whose answer changed. */
  reresolve(resolver: Resolver): ReadonlySet<NextHopId> {
    this.#resolver = resolver;
    const changed = new Set<NextHopId>();
    for (const nextHop of this.#byId) {
      if (nextHop === undefined) continue;
      const { reachable, cost } = resolver(nextHop.bytes);
      if (reachable !== nextHop.reachable || cost !== nextHop.cost) changed.add(nextHop.id);
      nextHop.reachable = reachable;
      nextHop.cost = cost;
    }
    return changed;
  }

  #make(bytes: Uint8Array): NextHop {
    const nextHop: NextHop = { id: this.#ids.take(), bytes, references: 0, ...this.#resolver(bytes) };
    this.#byId[nextHop.id] = nextHop;
    return nextHop;
  }

  #remove(nextHop: NextHop): void {
    if (this.#last === nextHop) this.#last = undefined;
    if (nextHop.bytes.length === 4) {
      const b = nextHop.bytes;
      this.#ipv4.delete((b[0] << 24) | (b[1] << 16) | (b[2] << 8) | b[3]);
    } else this.#other.delete(keyOf(nextHop.bytes));
    this.#byId[nextHop.id] = undefined;
    this.#ids.give(nextHop.id);
  }
}

function keyOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** `192.0.2.1`, `2001:db8::1`, or `2001:db8::1 fe80::1` for a pair. */
export function formatNextHop(bytes: Uint8Array): string {
  if (bytes.length === 32) return `${formatAddress(bytes, 0, 16)} ${formatAddress(bytes, 16, 16)}`;
  if (bytes.length === 4 || bytes.length === 16) return formatAddress(bytes, 0, bytes.length);
  return `0x${Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')}`;
}
