/**
 * A network of speakers in one process under virtual time: links with delay, loss of connections, congestion.
 * The same seed gives the same run, event for event.
 */
import { IpAddress } from '../../src/net/ip-address.ts';
import type { ConnectionId } from '../../src/session/contract.ts';
import type { ConnectRequest, SpeakerHost } from '../../src/speaker/host.ts';
import { Management } from '../../src/speaker/management.ts';
import type { InstanceSettings } from '../../src/speaker/settings.ts';
import { Speaker } from '../../src/speaker/speaker.ts';
import type { SpeakerEvent } from '../../src/speaker/views.ts';
import { seededRandom } from '../support/random.ts';

interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A binary heap by time, then by order of scheduling. */
class Agenda {
  readonly #heap: Scheduled[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  add(at: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ at, order: this.#order++, run });
    let i = heap.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(heap[i], heap[parent])) break;
      [heap[i], heap[parent]] = [heap[parent], heap[i]];
      i = parent;
    }
  }

  take(): Scheduled | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      if (left >= heap.length) break;
      const child = left + 1 < heap.length && before(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!before(heap[child], heap[i])) break;
      [heap[i], heap[child]] = [heap[child], heap[i]];
      i = child;
    }
    return first;
  }
}

function before(a: Scheduled, b: Scheduled): boolean {
  return a.at !== b.at ? a.at < b.at : a.order < b.order;
}

/** One direction's end of a TCP connection. */
interface End {
  readonly node: Node;
  readonly connection: ConnectionId;
  other: End | undefined;
  open: boolean;
  inFlight: number;
  blocked: boolean;
}

export class Network {
  now = 0;
  readonly random: () => number;
  readonly nodes = new Map<string, Node>();
  readonly #agenda = new Agenda();
  /** One way, milliseconds. */
  delayMs = 1;
  /** Octets under way in one direction before `send` says stop. */
  windowOctets = 1 << 20;
  nextConnection = 1 << 20;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  node(address: string, settings: InstanceSettings, options?: { readonly restarted: boolean }): Node {
    const node = new Node(this, address, settings, options);
    this.nodes.set(address, node);
    return node;
  }

  schedule(inMs: number, run: () => void): void {
    this.#agenda.add(this.now + inMs, run);
  }

  /** Runs what is due in the next `seconds`. */
  run(seconds: number): void {
    const end = this.now + seconds * 1000;
    while (this.#agenda.nextAt <= end) this.#step();
    this.now = end;
  }

  /** Runs until the condition holds; throws when that takes longer than `seconds`. */
  runUntil(condition: () => boolean, seconds: number, what: string): void {
    const end = this.now + seconds * 1000;
    while (!condition()) {
      if (this.#agenda.nextAt > end) throw new Error(`after ${seconds} s of virtual time still not: ${what}`);
      this.#step();
    }
  }

  #step(): void {
    const next = this.#agenda.take();
    if (next === undefined) throw new Error('nothing is scheduled');
    this.now = Math.max(this.now, next.at);
    next.run();
  }

  /** Cuts every connection between two nodes, as a link that resets them would. */
  cut(a: Node, b: Node): void {
    for (const end of a.ends.values()) if (end.other?.node === b) this.reset(end);
  }

  reset(end: End): void {
    for (const side of [end, end.other]) {
      if (side === undefined || !side.open) continue;
      side.open = false;
      side.node.ends.delete(side.connection);
      side.node.tell(() => side.node.speaker.connectionFailed(side.connection, 'reset'));
    }
  }
}

export class Node implements SpeakerHost {
  readonly network: Network;
  readonly address: IpAddress;
  readonly speaker: Speaker;
  readonly management: Management;
  readonly ends = new Map<ConnectionId, End>();
  readonly events: SpeakerEvent[] = [];
  up = true;
  #workScheduled = false;
  #sentInFlight = 0;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(
    network: Network,
    address: string,
    settings: InstanceSettings,
    options?: { readonly restarted: boolean },
  ) {
    this.network = network;
    const parsed = IpAddress.parse(address);
    if (parsed === undefined) throw new Error(`no address: ${address}`);
    this.address = parsed;
    this.speaker = new Speaker(settings, this, options);
    this.management = new Management(this.speaker, 'test');
  }

  start(): void {
    this.tell(() => this.speaker.start());
  }

  /** Stops as a killed process does: its connections are reset, nothing more is heard of it. */
  kill(): void {
    this.up = false;
    for (const end of [...this.ends.values()]) this.network.reset(end);
    if (this.network.nodes.get(this.address.toString()) === this)
      this.network.nodes.delete(this.address.toString());
  }

  /** Every call into the speaker goes through here: afterwards its next timer is armed. */
  tell(action: () => void): void {
    if (!this.up) return;
    action();
    this.#arm();
  }

  #arm(): void {
    const at = this.speaker.nextDeadline();
    if (at >= this.#timerAt || at === Number.POSITIVE_INFINITY) return;
    this.#timerAt = at;
    this.network.schedule(Math.max(0, at - this.network.now), () => {
      if (this.#timerAt === at) this.#timerAt = Number.POSITIVE_INFINITY;
      this.tell(() => this.speaker.advance(this.network.now));
    });
  }

  now(): number {
    return this.network.now;
  }

  random(): number {
    return this.network.random();
  }

  connect({ connection, address, localAddress }: ConnectRequest): void {
    const { network } = this;
    const mine: End = { node: this, connection, other: undefined, open: true, inFlight: 0, blocked: false };
    this.ends.set(connection, mine);
    network.schedule(network.delayMs, () => {
      const target = network.nodes.get(address.toString());
      const local = localAddress ?? this.address;
      const theirs: End | undefined = target && {
        node: target,
        connection: network.nextConnection++,
        other: mine,
        open: true,
        inFlight: 0,
        blocked: false,
      };
      if (target === undefined || theirs === undefined || !mine.open) {
        this.#fail(mine, 'connection refused');
        return;
      }
      mine.other = theirs;
      target.ends.set(theirs.connection, theirs);
      let wanted = false;
      // Scheduled first: what the other side sends at once must find the connection up.
      network.schedule(network.delayMs, () => {
        if (mine.open) this.tell(() => this.speaker.connectionEstablished(connection, local));
        if (!wanted) network.schedule(0, () => this.#fail(mine, 'closed by peer'));
      });
      target.tell(() => {
        wanted = target.speaker.acceptConnection(theirs.connection, local, address);
      });
      if (!wanted) {
        theirs.open = false;
        target.ends.delete(theirs.connection);
      }
    });
  }

  #fail(end: End, detail: string): void {
    if (!end.open) return;
    end.open = false;
    this.ends.delete(end.connection);
    this.tell(() => this.speaker.connectionFailed(end.connection, detail));
  }

  send(connection: ConnectionId, bytes: Uint8Array): boolean {
    const end = this.ends.get(connection);
    const other = end?.other;
    if (end === undefined || other === undefined || !end.open) return true;
    end.inFlight += bytes.length;
    this.#sentInFlight++;
    this.network.schedule(this.network.delayMs, () => {
      end.inFlight -= bytes.length;
      this.#sentInFlight--;
      if (other.open) other.node.tell(() => other.node.speaker.received(other.connection, bytes));
      if (end.blocked && end.open && end.inFlight <= this.network.windowOctets / 2) {
        end.blocked = false;
        this.tell(() => this.speaker.writable(connection));
      }
    });
    if (end.inFlight > this.network.windowOctets) end.blocked = true;
    return !end.blocked;
  }

  /** Bytes lie in the network as they were sent: who uses their buffer again too early is found out. */
  holdsSent(): boolean {
    return this.#sentInFlight > 0;
  }

  close(connection: ConnectionId): void {
    const end = this.ends.get(connection);
    if (end === undefined) return;
    end.open = false;
    this.ends.delete(connection);
    const { other } = end;
    if (other) this.network.schedule(this.network.delayMs, () => other.node.#fail(other, 'closed by peer'));
  }

  wake(): void {
    if (this.#workScheduled) return;
    this.#workScheduled = true;
    this.network.schedule(0, () => {
      this.#workScheduled = false;
      this.tell(() => {
        if (this.speaker.work(this.network.now)) this.wake();
      });
    });
  }

  readLag(): number {
    return 0;
  }

  event(event: SpeakerEvent): void {
    this.events.push(event);
  }
}

/** Errors of our own, which no simulation may cause. */
export function internalErrors(network: Network): readonly string[] {
  return [...network.nodes.values()].flatMap((node) =>
    node.events.flatMap((event) =>
      event.type === 'internal-error' ? [`${node.address}: ${event.detail}`] : [],
    ),
  );
}

/** All routes of a view as `prefix attributes` lines, sorted: two speakers with equal RIBs give equal lines. */
export function ribLines(
  node: Node,
  view: 'loc-rib' | 'adj-in' = 'loc-rib',
  options: { readonly best: boolean } = { best: true },
): readonly string[] {
  const lines: string[] = [];
  for (const family of ['ipv4-unicast', 'ipv6-unicast']) {
    const cursor = node.management.routes({ view, family, best: options.best });
    for (let page = cursor.next(10_000); page !== undefined; page = cursor.next(10_000)) {
      for (const route of page)
        lines.push(
          `${route.prefix} ${route.attributes.nextHop} ${route.attributes.asPath} ${route.attributes.localPref ?? ''}`,
        );
    }
  }
  return lines.sort();
}
