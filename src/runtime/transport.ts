/**
 * What the sockets of one instance are made with: the world they live in, the keys and hop limits of those who may
 * connect, the marks on our packets. A listener carries the demands of all peers at once, a connection those of its
 * own. Where nothing of this can be done (no koffi), node:net makes plain sockets as long as nothing else is wanted.
 */
import type { IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import type { ConnectRequest } from '../speaker/host.ts';
import type { Place, TransportSettings } from '../speaker/settings.ts';
import { type Access, AccessTable } from './access.ts';
import { KeyRing } from './md5-keys.ts';
import { SharedPorts } from './native/shared-ports.ts';
import {
  ipv6Only,
  keepSyn,
  leastTimeToLive,
  leastTtlAfter,
  maximumTtl,
  md5Key,
  networkControl,
  reuseAddress,
  type SocketOption,
  timeToLive,
  userTimeout,
} from './native/socket-options.ts';
import { type NativeResult, type NativeSockets, SocketOptionError } from './native/sockets.ts';

const sharedPorts = new SharedPorts();

/** What counts since the last `use`. */
interface Rules {
  readonly table: AccessTable;
  readonly keys: KeyRing;
  /** Had a key before, and have none now. */
  readonly keyless: readonly Prefix[];
}

export class Transport {
  readonly #place: Place;
  readonly #native: NativeResult;
  #rules: Rules = { table: new AccessTable([]), keys: new KeyRing([]), keyless: [] };

  constructor(place: Place, native: NativeResult) {
    this.#place = place;
    this.#native = native;
  }

  /**
   * Reads the keys anew; sockets made from now on obey, those that are open once they are updated. Throws, with nothing
   * changed, when a key cannot be read or koffi is missing. Returns what brings the former rules back.
   */
  use(access: readonly Access[]): () => void {
    const wanting = access.find(({ transport }) => !isPlain(transport));
    if (wanting && !this.#native.ok)
      throw new Error(`md5, ttlSecurity or ttl of ${wanting.from}: ${this.#native.problem}`);
    const keys = new KeyRing(access.flatMap(({ transport }) => transport.md5KeyFile ?? []));
    const former = this.#rules;
    this.#change({ table: new AccessTable(access), keys });
    return () => this.#change(former);
  }

  #change({ table, keys }: Pick<Rules, 'table' | 'keys'>): void {
    const keyed = keyedRows(table.rows);
    const keyless = keyedRows(this.#rules.table.rows)
      .map(({ from }) => from)
      .filter((from) => !keyed.some((row) => row.from.equals(from)));
    this.#rules = { table, keys, keyless };
  }

  /** Sockets to connect with are made here, not by node:net. */
  get isNative(): boolean {
    return this.#native.ok;
  }

  /** A bound socket for a listener; `undefined`: node:net shall make one. */
  listenerDescriptor(address: IpAddress, port: number): number | undefined {
    const sockets = this.#sockets();
    if (!sockets) return undefined;
    const { version } = address;
    const options = [
      reuseAddress(),
      ...(version === 6 ? [ipv6Only()] : []),
      networkControl(version),
      ...this.#listenerOptions(version),
    ];
    return sharedPorts.open(sockets, { place: this.#place, version, options, bind: { address, port } });
  }

  /** Say it before it is closed: a descriptor that is free is soon another's. */
  listenerCloses(descriptor: number): void {
    sharedPorts.closed(descriptor);
  }

  /** Brings a listener that is open in line with the last `use`. */
  updateListener(descriptor: number, version: 4 | 6): void {
    if (!this.#native.ok) return;
    const gone = this.#rules.keyless.filter((from) => from.version === version);
    for (const from of gone) this.#dropKey(this.#native.sockets, descriptor, from);
    this.#native.sockets.set(descriptor, this.#listenerOptions(version));
  }

  /**
   * Hands `make` a socket to connect with, bound where wanted, which it owns unless it throws; `undefined`: node:net
   * shall make one.
   */
  connect<T>(
    { address, localAddress, transport }: ConnectRequest,
    make: (descriptor: number | undefined) => T,
  ): T {
    const sockets = this.#sockets();
    if (!sockets) return make(undefined);
    const options = [
      ...(localAddress ? [reuseAddress()] : []),
      ...this.#connectionOptions(address, transport),
    ];
    const bind = localAddress && { address: localAddress, port: 0 };
    const request = { place: this.#place, version: address.version, options, bind };
    const descriptor = sockets.open(request);
    try {
      return make(descriptor);
    } catch (error) {
      sockets.close(descriptor);
      throw error;
    }
  }

  /** Of a connection that was accepted from there, before anything is read of it. */
  prepareAccepted(descriptor: number | undefined, remote: IpAddress): void {
    const row = this.#rules.table.find(remote);
    if (!this.#native.ok || !row) return;
    if (descriptor === undefined) {
      if (isPlain(row.transport)) return;
      throw new Error('this Node.js hides the descriptor of a socket');
    }
    const { sockets } = this.#native;
    sockets.set(descriptor, this.#connectionOptions(remote, row.transport));
    refuseFar(sockets.synTtl(descriptor), row.transport);
  }

  /** Brings a live connection in line with the last `use`: its key, so that both ends can change it in turn. */
  updateConnection(descriptor: number, remote: IpAddress): void {
    if (!this.#native.ok) return;
    const row = this.#rules.table.find(remote);
    const key = this.#rules.keys.key(row?.transport.md5KeyFile);
    if (key) this.#native.sockets.set(descriptor, [md5Key(host(remote), key)]);
    else if (this.#rules.keyless.some((from) => from.contains(remote)))
      this.#dropKey(this.#native.sockets, descriptor, host(remote));
  }

  #sockets(): NativeSockets | undefined {
    if (this.#native.ok) return this.#native.sockets;
    if (this.#place.type === 'host') return undefined;
    throw new Error(this.#native.problem);
  }

  #connectionOptions(remote: IpAddress, transport: TransportSettings): SocketOption[] {
    const { version } = remote;
    const { md5KeyFile, ttlSecurityHops: hops, ttl } = transport;
    const key = this.#rules.keys.key(md5KeyFile);
    const timeout = this.#rules.table.find(remote)?.userTimeoutMilliseconds ?? 0;
    return [
      networkControl(version),
      // RFC 5082 §3: what we send starts with 255, and what did not start so at the peer is not believed.
      timeToLive(version, hops === undefined ? ttl : maximumTtl),
      leastTimeToLive(version, hops === undefined ? 0 : leastTtlAfter(hops)),
      userTimeout(timeout),
      ...(key ? [md5Key(host(remote), key)] : []),
    ];
  }

  #listenerOptions(version: 4 | 6): SocketOption[] {
    const rows = this.#rules.table.rows.filter(({ from }) => from.version === version);
    const hops = rows.map(({ transport }) => transport.ttlSecurityHops);
    // A peer with GTSM drops our SYN-ACK unless it too starts with 255; to others that does no harm.
    const limited = hops.some((limit) => limit !== undefined);
    const ttl = limited ? maximumTtl : undefined;
    // The limit of the farthest, none when somebody has none: until it is accepted we do not know who it is.
    const farthest = Math.max(...hops.map((limit) => limit ?? Number.POSITIVE_INFINITY));
    const least = Number.isFinite(farthest) ? leastTtlAfter(farthest) : 0;
    return [
      timeToLive(version, ttl),
      leastTimeToLive(version, least),
      ...(limited ? [keepSyn()] : []),
      ...keyedRows(rows).map(({ from, transport }) =>
        md5Key(from, this.#rules.keys.key(transport.md5KeyFile)),
      ),
    ];
  }

  #dropKey(sockets: NativeSockets, descriptor: number, from: Prefix): void {
    try {
      sockets.set(descriptor, [md5Key(from, undefined)]);
    } catch (error) {
      // It never had one: this socket is younger than the key's removal.
      if (!(error instanceof SocketOptionError) || error.code !== 'ENOENT') throw error;
    }
  }
}

/**
 * RFC 5082 §3: a peer with a limit that came from farther away. What it sent before it was accepted waits to be read, and
 * no limit set now is applied to that; so its SYN is looked at.
 */
function refuseFar(ttl: number | undefined, { ttlSecurityHops: hops }: TransportSettings): void {
  if (hops === undefined || ttl === undefined || ttl >= leastTtlAfter(hops)) return;
  throw new Error(`ttlSecurity: it came with TTL ${ttl}, ${leastTtlAfter(hops)} is the least`);
}

/** Nothing but what node:net can do. */
function isPlain({ md5KeyFile, ttlSecurityHops, ttl }: TransportSettings): boolean {
  return md5KeyFile === undefined && ttlSecurityHops === undefined && ttl === undefined;
}

function keyedRows(rows: readonly Access[]): readonly Access[] {
  return rows.filter(({ transport }) => transport.md5KeyFile !== undefined);
}

function host(address: IpAddress): Prefix {
  return new Prefix(address, address.bytes.length * 8);
}
