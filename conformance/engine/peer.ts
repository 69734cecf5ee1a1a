// One neighbour played by the tester: its OPEN, its keepalives, and the table of routes it was sent.
//
// Owns the session as the tester's side sees it. It never reacts to a fault of the target: it records, and the case
// judges. `sees`, `loses` and `notified` wait for an event and fail the case when it does not come in time.

import { confederate, sequence } from '../wire/attributes.ts';
import type { Bytes } from '../wire/bytes.ts';
import {
  type DecodedOpen,
  type DecodedUpdate,
  decodeOpen,
  decodeUpdate,
  type Frame,
} from '../wire/decode.ts';
import * as m from '../wire/messages.ts';
import type { Connection } from './connection.ts';
import {
  announcement,
  describeRoute,
  type RouteSpec,
  type SeenRoute,
  type Sender,
  withdrawal,
} from './routes.ts';
import { CaseFailure } from './verdict.ts';

export interface PeerFacts {
  readonly name: string;
  readonly asn: number;
  readonly id: string;
  readonly internal: boolean;
  /** Next hop of its IPv4 routes; the suite's own where undefined. */
  readonly nextHop: string | undefined;
  readonly kind: 'ebgp' | 'client' | 'nonclient';
  /** Of the target's confederation, in another AS of it (RFC 5065). */
  readonly member: boolean;
  readonly holdSeconds: number;
  /** What the tester put into its OPEN; the session's features follow from both OPENs. */
  readonly capabilities: readonly m.Capability[];
  readonly patienceMs: number;
}

export interface Received {
  readonly atMs: number;
  readonly frame: Frame;
  readonly update: DecodedUpdate | undefined;
}

export interface SeenNotification {
  readonly code: number;
  readonly subcode: number;
  readonly data: Bytes;
  readonly atMs: number;
}

export class Peer {
  readonly facts: PeerFacts;
  readonly connection: Connection;
  readonly #received: Received[] = [];
  readonly #routes = new Map<string, SeenRoute>();
  readonly #now: () => number;
  #remoteOpen: DecodedOpen | undefined;
  #notification: SeenNotification | undefined;
  #keepaliveTimer: NodeJS.Timeout | undefined;
  #updates = 0;
  #openSent = false;
  #refreshed = false;

  constructor(facts: PeerFacts, connection: Connection, now: () => number) {
    this.facts = facts;
    this.connection = connection;
    this.#now = now;
    connection.onFrame((frame) => this.#frame(frame));
  }

  get name(): string {
    return this.facts.name;
  }

  get id(): string {
    return this.facts.id;
  }

  get address(): string {
    return this.connection.localAddress;
  }

  get remoteOpen(): DecodedOpen | undefined {
    return this.#remoteOpen;
  }

  get received(): readonly Received[] {
    return this.#received;
  }

  get notification(): SeenNotification | undefined {
    return this.#notification;
  }

  /** Established as far as the tester can know: KEEPALIVE received after both OPENs, and no end. */
  get established(): boolean {
    return this.#openSent && this.#count(m.KEEPALIVE) > 0 && this.up;
  }

  get up(): boolean {
    return this.connection.ending === undefined && this.#notification === undefined;
  }

  get width(): 2 | 4 {
    return this.has(65) ? 4 : 2;
  }

  /** True if both sides advertised the capability. */
  has(code: number): boolean {
    const listed = (list: readonly m.Capability[] | undefined) => list?.some((c) => c.code === code) ?? false;
    return listed(this.facts.capabilities) && listed(this.#remoteOpen?.capabilities);
  }

  get sender(): Sender {
    const { asn, internal, nextHop } = this.facts;
    return { asn, internal, nextHop, width: this.width };
  }

  get routes(): readonly SeenRoute[] {
    return [...this.#routes.values()];
  }

  route(prefix: string): SeenRoute | undefined {
    return this.routes.find((route) => route.prefix === prefix);
  }

  paths(prefix: string): readonly SeenRoute[] {
    return this.routes.filter((route) => route.prefix === prefix);
  }

  /** True once the tester asked for a ROUTE-REFRESH on this session. */
  get refreshed(): boolean {
    return this.#refreshed;
  }

  get updates(): readonly DecodedUpdate[] {
    return this.#received.flatMap((r) => (r.update === undefined ? [] : [r.update]));
  }

  send(...messages: readonly Bytes[]): void {
    for (const bytes of messages) {
      if (bytes[18] === m.ROUTE_REFRESH) this.#refreshed = true;
      this.connection.send(bytes);
    }
  }

  sendOpen(bytes: Bytes): void {
    this.#openSent = true;
    this.send(bytes);
  }

  announce(prefixes: string | readonly string[], spec: RouteSpec = {}): void {
    this.send(announcement(this.sender, typeof prefixes === 'string' ? [prefixes] : prefixes, spec));
  }

  withdraw(prefixes: string | readonly string[], pathId?: number): void {
    this.send(withdrawal(typeof prefixes === 'string' ? [prefixes] : prefixes, pathId));
  }

  /** Sends a KEEPALIVE now and then every third of the hold time until the connection ends. */
  startKeepalives(): void {
    this.send(m.keepalive());
    const holdSeconds = Math.min(this.facts.holdSeconds, this.#remoteOpen?.holdSeconds ?? 90);
    if (holdSeconds === 0) return;
    this.#keepaliveTimer = setInterval(() => this.up && this.send(m.keepalive()), (holdSeconds * 1000) / 3);
  }

  stopKeepalives(): void {
    clearInterval(this.#keepaliveTimer);
  }

  until<T>(probe: () => T | undefined, withinMs = this.facts.patienceMs): Promise<T | undefined> {
    return this.connection.until(probe, withinMs);
  }

  /** Waits for the connection to end in any way; false if it did not within the time. */
  async ended(withinMs = this.facts.patienceMs): Promise<boolean> {
    return (await this.until(() => this.connection.ending, withinMs)) !== undefined;
  }

  /** Waits until the route is there and `wanted` holds for it. */
  async sees(
    prefix: string,
    wanted?: (route: SeenRoute) => boolean,
    words = 'the route',
  ): Promise<SeenRoute> {
    const found = await this.until(() => {
      if (this.connection.ending !== undefined) return { route: undefined };
      const route = this.paths(prefix).find((candidate) => wanted?.(candidate) ?? true);
      return route === undefined ? undefined : { route };
    });
    if (found?.route !== undefined) return found.route;
    throw new CaseFailure(
      `${this.name} sees ${prefix}: ${words}`,
      `${this.state()}; ${this.describe(prefix)}`,
    );
  }

  /** Waits until no path to the prefix is left. */
  async loses(prefix: string, withinMs = this.facts.patienceMs): Promise<void> {
    const gone = await this.until(() => (this.route(prefix) === undefined ? true : undefined), withinMs);
    if (gone === true) return;
    throw new CaseFailure(`${this.name} sees ${prefix} withdrawn`, this.describe(prefix));
  }

  /** How many messages of a type came after the given ordinal of `received`. */
  messages(type: number, from = 0): readonly Received[] {
    return this.#received.slice(from).filter((r) => r.frame.type === type);
  }

  describe(prefix: string): string {
    const paths = this.paths(prefix);
    return paths.length === 0 ? `no route to ${prefix}` : paths.map(describeRoute).join('; ');
  }

  /** The session in a few words, for reports. */
  state(): string {
    const n = this.#notification;
    if (n !== undefined) return `NOTIFICATION ${n.code}/${n.subcode} ${hexOr(n.data)}`;
    if (this.connection.ending !== undefined) return `connection ended (${this.connection.ending})`;
    return this.established ? 'session up' : 'connected, not established';
  }

  dispose(): void {
    this.stopKeepalives();
    this.connection.destroy();
  }

  #count(type: number): number {
    return this.#received.reduce((sum, r) => sum + (r.frame.type === type ? 1 : 0), 0);
  }

  #frame(frame: Frame): void {
    const update =
      frame.type === m.UPDATE ? decodeUpdate(frame.body, { pathIds: this.#pathIds() }) : undefined;
    const atMs = this.#now();
    this.#received.push({ atMs, frame, update });
    if (frame.type === m.OPEN) this.#remoteOpen ??= decodeOpen(frame.body);
    if (frame.type === m.NOTIFICATION) {
      const [code = 0, subcode = 0] = frame.body;
      this.#notification ??= { code, subcode, data: frame.body.slice(2), atMs };
    }
    if (update !== undefined) this.#learn(update);
  }

  #learn(update: DecodedUpdate): void {
    this.#updates++;
    for (const gone of [...update.withdrawn, ...(update.unreach?.nlri ?? [])])
      this.#routes.delete(`${gone.prefix} ${gone.pathId ?? ''}`);
    const plainHop = update.attributes.find((a) => a.type === 3)?.value ?? new Uint8Array();
    const learned = [
      ...update.nlri.map((nlri) => ({ nlri, nextHop: plainHop })),
      ...(update.reach?.nlri ?? []).map((nlri) => ({ nlri, nextHop: update.reach?.nextHop ?? plainHop })),
    ];
    for (const { nlri, nextHop } of learned) {
      const { attributes } = update;
      const route = { ...nlri, attributes, nextHop, width: this.width, updateNumber: this.#updates };
      this.#routes.set(`${nlri.prefix} ${nlri.pathId ?? ''}`, route);
    }
  }

  /** Families in which the target sends path identifiers: it can send, and we can receive (RFC 7911 §4). */
  #pathIds(): ReadonlySet<string> {
    const ours = addPathModes(this.facts.capabilities);
    const theirs = addPathModes(this.#remoteOpen?.capabilities ?? []);
    return new Set(
      [...ours].filter(([key, mode]) => mode & 1 && (theirs.get(key) ?? 0) & 2).map(([key]) => key),
    );
  }
}

const hexOr = (data: Bytes): string =>
  data.length === 0 ? 'without data' : `data ${Buffer.from(data).toString('hex')}`;

/** RFC 7911 §4: AFI, SAFI, Send/Receive (1 receive, 2 send, 3 both) per family. */
export function addPathModes(capabilities: readonly m.Capability[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const { code, value } of capabilities) {
    if (code !== 69) continue;
    for (let at = 0; at + 4 <= value.length; at += 4) {
      const family = value[at + 1] === 1 ? 'v4' : 'v6';
      out.set(`${family}/${value[at + 2]}`, value[at + 3] ?? 0);
    }
  }
  return out;
}

/** What a speaker of its kind would send for a route of AS `origin`. */
export function sentinelPath({ internal, member, asn }: PeerFacts, origin: number): RouteSpec {
  if (internal) return { path: [origin] };
  // RFC 5065 §4: between members the path begins with a segment of the confederation, and LOCAL_PREF is sent.
  return member ? { path: [confederate(asn), sequence(origin)], localPref: 100 } : { path: [asn, origin] };
}
