// What a case body works with: peers in any stage of a session, prefixes of its own, sentinels, and judgements.
//
// Absence is proven here and nowhere else: `settle` sends valid routes behind the stimulus, in the same session and
// family, and waits until every observer has them; `seed` is the positive control without which nothing is concluded.

import type { Command, Instance } from '../targets/target.ts';
import { afiOf, type Family } from '../wire/address.ts';
import { community } from '../wire/attributes.ts';
import { type Bytes, hex, seeded, toHex } from '../wire/bytes.ts';
import * as m from '../wire/messages.ts';
import type { BenchOptions, PeerOptions } from './bench-options.ts';
import type { Cache } from './cache.ts';
import type { Collector } from './collector.ts';
import { Connection } from './connection.ts';
import { Listener } from './listener.ts';
import { Peer, type PeerFacts, sentinelPath } from './peer.ts';
import { type Profile, type RoleName, roleOf, type Seat, seats } from './profile.ts';
import type { RouteSpec, SeenRoute } from './routes.ts';
import type { Transcript } from './transcript.ts';
import { Transport } from './transport.ts';
import { CaseFailure, Inconclusive, Unsupported } from './verdict.ts';

export class Bench {
  readonly profile: Profile;
  readonly instance: Instance;
  readonly patienceMs: number;
  readonly random: () => number;
  readonly transcript: Transcript;
  readonly #options: BenchOptions;
  readonly #peers: Peer[] = [];
  readonly #listeners: Listener[] = [];
  readonly #observed: string[] = [];
  readonly #broken = new Set<string>();
  #sentinels = 0;
  #restarted = false;
  #unlisten: (() => void) | undefined;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.profile = options.profile;
    this.instance = options.instance;
    this.patienceMs = options.patienceMs;
    this.random = seeded(options.seed);
    this.transcript = options.transcript;
    this.#unlisten = options.collector?.listen((message) =>
      this.transcript.note('station', `BMP message of type ${message.type}: ${toHex(message.raw)}`),
    );
  }

  /** The station that the target streams to. */
  get collector(): Collector {
    const { collector } = this.#options;
    if (collector === undefined) throw new Error('the profile has no monitoring');
    return collector;
  }

  /** The cache that the target asks. */
  get cache(): Cache {
    const { cache } = this.#options;
    if (cache === undefined) throw new Error('the profile has no validation');
    return cache;
  }

  /** Sentences for the report, whatever the verdict. */
  observe(text: string): void {
    this.#observed.push(text);
  }

  get observed(): string {
    return this.#observed.join('; ');
  }

  /** Rows of the invariants that a message of this case broke. */
  get broken(): readonly string[] {
    return [...this.#broken];
  }

  prefix(family: Family = 'v4'): string {
    return this.#options.takePrefix(family);
  }

  /** Milliseconds since the case began, by the monotonic clock. */
  now(): number {
    return this.transcript.now();
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  facts(seat: Seat, address: string, options: PeerOptions = {}): PeerFacts {
    const role = roleOf(seats[seat]);
    const internal = role.kind !== 'ebgp';
    const asn = options.asn ?? (internal ? this.profile.asn : role.asn);
    const families = options.families ?? ['v4', 'v6'];
    const defaults = [
      ...families.map((family) => m.multiprotocol(afiOf(family))),
      m.refreshCapability,
      ...(options.as4 === false ? [] : [m.fourOctetAs(asn)]),
      ...(options.extra ?? []),
    ];
    return {
      name: seat,
      asn,
      id: options.id ?? address.replace(/^127/, '10'),
      internal,
      nextHop: this.profile.subnet ? address : undefined,
      kind: role.kind,
      member: this.profile.confederation !== undefined && role.name === 'e3',
      holdSeconds: options.holdSeconds ?? 90,
      capabilities: options.capabilities ?? defaults,
      patienceMs: this.patienceMs,
    };
  }

  /** The valid OPEN of a peer, with the deviations its options ask for. */
  openOf(facts: PeerFacts, options: PeerOptions = {}): Bytes {
    const { asn, id, holdSeconds, capabilities } = facts;
    return m.open({ asn, id, holdSeconds, capabilities, ...options.open }, options.header);
  }

  /** TCP connected and nothing sent. */
  async connect(seat: Seat, options: PeerOptions = {}): Promise<Peer> {
    const address = options.address ?? this.#options.takeAddress(roleOf(seats[seat]));
    const { instance, transcript } = this;
    const { namespace, port } = instance;
    const dial = { localAddress: address, address: instance.address, port, namespace };
    const transport = options.transport ?? (namespace === undefined ? undefined : new Transport({}));
    const socket = await transport?.dial(dial, this.patienceMs);
    if (transport !== undefined && socket === undefined)
      throw new Inconclusive(`${seat} could not connect from ${address}`);
    const label = this.#label(seat);
    const connection =
      socket === undefined
        ? Connection.dial(label, dial, transcript)
        : new Connection(label, socket, transcript);
    const peer = this.#adopt(seat, address, connection, options);
    const up = await peer.until(() => (peer.connection.connected ? true : peer.connection.ending));
    if (up === undefined || (up !== true && options.refusable !== true))
      throw new Inconclusive(`${seat} could not connect from ${address}: ${up ?? 'no answer'}`);
    return peer;
  }

  /** The target has sent its OPEN on this connection and we have sent none: OpenSent, seen from the target. */
  async openSent(seat: Seat, options: PeerOptions = {}): Promise<Peer> {
    const peer = await this.connect(seat, options);
    const open = await peer.until(() => peer.remoteOpen ?? peer.connection.ending);
    if (typeof open !== 'object')
      throw new Inconclusive(`${seat}: no OPEN from the target (${peer.state()})`);
    return peer;
  }

  /** Both OPENs are through and the target has sent its KEEPALIVE: OpenConfirm, seen from the target. */
  async openConfirm(seat: Seat, options: PeerOptions = {}): Promise<Peer> {
    const peer = await this.connect(seat, options);
    peer.sendOpen(this.openOf(peer.facts, options));
    const up = await peer.until(() => (peer.established ? true : peer.up ? undefined : false));
    if (up !== true) throw new Inconclusive(`${seat} did not reach OpenConfirm: ${peer.state()}`);
    return peer;
  }

  async peer(seat: Seat, options: PeerOptions = {}): Promise<Peer> {
    const peer = await this.openConfirm(seat, options);
    if (options.silent === true) peer.send(m.keepalive());
    else peer.startKeepalives();
    return peer;
  }

  async peers<const S extends readonly Seat[]>(...names: S): Promise<{ [K in keyof S]: Peer }> {
    const all: Peer[] = [];
    for (const name of names) all.push(await this.peer(name));
    return all as unknown as { [K in keyof S]: Peer };
  }

  /** A socket on a neighbour address of an active profile. */
  async listen(seat: Seat): Promise<Listener> {
    const listener = await Listener.open(this.neighbourAddress(seat), this.#options.testerPort);
    this.#listeners.push(listener);
    return listener;
  }

  /** The one address a role has in an active profile. */
  neighbourAddress(seat: Seat): string {
    return `127.${roleOf(seats[seat] as RoleName).net}.0.1`;
  }

  /** A peer on a connection that the target opened. */
  async accepted(seat: Seat, listener: Listener, withinMs: number, options: PeerOptions = {}): Promise<Peer> {
    const socket = await listener.take(withinMs);
    if (socket === undefined)
      throw new Inconclusive(`the target did not connect to ${seat} within ${withinMs} ms`);
    const connection = new Connection(this.#label(seat), socket, this.transcript);
    return this.#adopt(seat, this.neighbourAddress(seat), connection, options);
  }

  /** Announces and waits for all observers: the positive control. What follows is worth nothing if this fails. */
  async seed(prefix: string, from: Peer, observers: readonly Peer[], spec: RouteSpec = {}): Promise<void> {
    from.announce(prefix, spec);
    for (const observer of observers) {
      const route = await observer.until(() => observer.route(prefix) ?? (from.up ? undefined : 'down'));
      if (typeof route !== 'object')
        throw new Inconclusive(
          `control: ${observer.name} did not receive ${prefix} from ${from.name} (${from.state()})`,
        );
    }
  }

  /**
   * Two sentinel routes, one after the other, from `from` to every observer. When they are there, all that `from` sent
   * before has been processed and what followed from it has been sent. Fails if the session of `from` went down.
   */
  async settle(from: Peer, observers: readonly Peer[], family: Family = 'v4'): Promise<void> {
    const how = await this.trySettle(from, observers, family);
    if (how === 'down') throw new CaseFailure('the session stays up', from.state());
    if (how === 'silent') throw new Inconclusive(`sentinel from ${from.name} was not seen (${from.state()})`);
  }

  async trySettle(
    from: Peer,
    observers: readonly Peer[],
    family: Family = 'v4',
  ): Promise<'up' | 'down' | 'silent'> {
    for (let round = 0; round < 2; round++) {
      const sentinel = this.prefix(family);
      const mark = 1 + (this.#sentinels++ % 400);
      from.announce(sentinel, {
        ...sentinelPath(from.facts, 64512 + mark),
        communities: [community(64512, mark)],
      });
      for (const observer of observers) {
        const probe = () => {
          if (observer.route(sentinel) !== undefined) return 'up';
          return from.up && observer.up ? undefined : 'down';
        };
        // Either end may be the first to know; the other probe answers the same at its next event.
        const seen = await Promise.race([observer.until(probe), from.until(probe)]);
        if (seen !== 'up') return seen ?? 'silent';
      }
    }
    return 'up';
  }

  /** Fails if an observer has a route to the prefix. Call after `settle`. */
  absent(prefix: string, observers: readonly Peer[], why = 'no route'): void {
    for (const observer of observers)
      if (observer.route(prefix) !== undefined)
        throw new CaseFailure(`${observer.name}: ${why}`, observer.describe(prefix));
  }

  /**
   * An operator's command about the neighbour that this peer plays. The case fails if the target refuses it, and is
   * skipped if its adapter has no words for it.
   */
  async control(command: Command, peer: Peer, text = ''): Promise<void> {
    const { control } = this.instance;
    const done = control?.(command, peer.address, text) ?? Promise.resolve(false);
    const known = await done.catch((error: unknown) => {
      throw new CaseFailure(
        `the command ${command} is taken`,
        error instanceof Error ? error.message : 'refused',
      );
    });
    if (!known) throw new Unsupported(`the adapter has no command ${command}`);
  }

  /** Ends the target and starts it again; all sessions are gone then. */
  async restart(): Promise<void> {
    const { restart } = this.instance;
    if (restart === undefined) throw new Unsupported('the adapter cannot restart the target');
    this.#restarted = true;
    await restart();
  }

  /** SIGTERM, as an operator stops the daemon; all sessions end. */
  terminate(): void {
    this.#restarted = true;
    this.instance.terminate();
  }

  /** True once the case has restarted or stopped the target: sessions of others cannot have stayed up. */
  get restarted(): boolean {
    return this.#restarted;
  }

  /** Fails unless `holds`. */
  check(holds: boolean, expected: string, observed: string): void {
    if (!holds) throw new CaseFailure(expected, observed);
  }

  /** The value, or a failure if there is none. */
  must<T>(value: T | undefined, expected: string, observed: string): T {
    if (value === undefined) throw new CaseFailure(expected, observed);
    return value;
  }

  /**
   * Waits for a NOTIFICATION and the end of the connection. `data` is hex, '' means none, undefined any;
   * several subcodes or data may be allowed.
   */
  async notified(
    peer: Peer,
    code: number,
    subcodes?: number | readonly number[],
    data?: string | readonly string[],
  ) {
    await peer.until(() => peer.notification ?? peer.connection.ending);
    const allowed = subcodes === undefined ? undefined : [subcodes].flat();
    const wantedData = data === undefined ? undefined : [data].flat();
    const expected = `NOTIFICATION ${code}/${allowed?.join('|') ?? '*'} data ${wantedData?.map((d) => d || 'none').join('|') ?? '*'}`;
    const got = this.must(peer.notification, expected, peer.state());
    const subcodeGood = allowed === undefined || allowed.includes(got.subcode);
    const dataGood = wantedData === undefined || wantedData.includes(toHex(got.data));
    this.check(got.code === code && subcodeGood && dataGood, expected, peer.state());
    this.check(await peer.ended(), `${expected}, then the connection closed`, 'the connection stayed open');
    return got;
  }

  /** Waits for a NOTIFICATION or the end of the connection, for rows about timers. */
  async notifiedWithin(peer: Peer, withinMs: number): Promise<void> {
    await peer.until(() => peer.notification ?? peer.connection.ending, withinMs);
  }

  /** Fails unless the connection ends without a NOTIFICATION. */
  async closedSilently(peer: Peer, withinMs = this.patienceMs): Promise<void> {
    this.check(await peer.ended(withinMs), 'the connection closed', peer.state());
    this.check(peer.notification === undefined, 'no NOTIFICATION in answer to one', peer.state());
  }

  /** Sends an OPEN on a fresh connection and finishes the handshake; fails unless it becomes Established. */
  async mustEstablish(seat: Seat, options: PeerOptions = {}): Promise<Peer> {
    const peer = await this.connect(seat, options);
    peer.sendOpen(this.openOf(peer.facts, options));
    const up = await peer.until(() => (peer.established ? true : peer.up ? undefined : false));
    this.check(up === true, 'the session reaches Established', peer.state());
    peer.startKeepalives();
    await this.proveUp(peer);
    return peer;
  }

  /** A session is up when it carries a route to somebody else. */
  async proveUp(peer: Peer, family: Family = 'v4'): Promise<void> {
    const witness = await this.peer(peer.facts.kind === 'client' ? 'n2' : 'c3');
    const how = await this.trySettle(peer, [witness], family);
    this.check(how === 'up', 'the session is up and carries routes', peer.state());
  }

  /** The route an observer has, or a failure. */
  need(observer: Peer, prefix: string): SeenRoute {
    return this.must(observer.route(prefix), `${observer.name} has ${prefix}`, observer.state());
  }

  /** Did a session end without a NOTIFICATION, and not by us? */
  get lostWithoutWord(): boolean {
    return this.#peers.some(({ connection, notification }) => {
      const { ending } = connection;
      return notification === undefined && (ending === 'fin' || ending === 'reset');
    });
  }

  bytes(text: string): Bytes {
    return hex(text);
  }

  dispose(): void {
    this.#unlisten?.();
    for (const peer of this.#peers) peer.dispose();
    for (const listener of this.#listeners) listener.close();
  }

  #label(seat: Seat): string {
    const same = this.#peers.filter((peer) => peer.name === seat || peer.name.startsWith(`${seat}#`)).length;
    return same === 0 ? seat : `${seat}#${same + 1}`;
  }

  #adopt(seat: Seat, address: string, connection: Connection, options: PeerOptions): Peer {
    const facts = { ...this.facts(seat, address, options), name: connection.name };
    const peer = new Peer(facts, connection, () => this.now());
    this.#peers.push(peer);
    connection.onFrame(() => this.#judge(peer));
    return peer;
  }

  #judge(peer: Peer): void {
    const { invariants, execution } = this.#options;
    const received = peer.received[peer.received.length - 1];
    if (received === undefined || peer.received.length > 2000) return;
    const { asn, confederation } = this.profile;
    const context = {
      ...{ peer, received, earlier: peer.received.slice(0, -1) },
      ...{ targetAsn: confederation ?? asn, confederation: confederation !== undefined },
    };
    for (const id of invariants.judge(execution, context)) this.#broken.add(id);
  }
}
