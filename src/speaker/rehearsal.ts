/**
 * A speaker that plays through the day of a route reflector with nobody listening, so that the code of the real ones is
 * compiled before the first peer says anything: a table that comes, others' views of it, changes, single prefixes, a peer
 * that comes late, one that goes. Without it the first hundred thousand routes take twice as long, and single prefixes in the first seconds
 * meet the compiler. It is a speaker like any other, shares nothing with them, and is garbage in the end.
 */
import { ipv4Unicast } from '../net/family.ts';
import { IpAddress } from '../net/ip-address.ts';
import { keepaliveBytes } from '../wire/keepalive.ts';
import { encodeEndOfRib } from '../wire/update-encode.ts';
import type { SpeakerHost } from './host.ts';
import { RehearsalTable, rehearsalOpen } from './rehearsal-table.ts';
import type { InstanceSettings } from './settings.ts';
import { Speaker } from './speaker.ts';

export interface RehearsalOptions {
  /** Of the speaker: IPv4 unicast, and four passive peers. */
  readonly settings: InstanceSettings;
  /** UPDATEs in a table. */
  readonly updates: number;
  /** Single prefixes that come and go. */
  readonly single: number;
}

/** What has been played. */
export interface Rehearsed {
  /** UPDATEs heard by the speaker. */
  readonly heard: number;
  /** Octets it had for its peers. */
  readonly sentOctets: number;
  /** Sessions that are up, before the last scene. */
  readonly sessions: number;
  /** Routes that are left: none. */
  readonly routes: number;
  /** Errors of our own. */
  readonly errors: readonly string[];
}

/** A documentation address (RFC 5737): nobody's. */
const ownAddress = IpAddress.fromUint32(0xc0000201);

/** What is read at once; messages begin and end anywhere in it. */
const chunkOctets = 16 * 1024;
/** Single prefixes between two breaths. */
const singleAtOnce = 25;

/**
 * Plays it, a few milliseconds between two yields. `now`: monotonic milliseconds. Whoever stops asking stops it, and has
 * nothing to clean up.
 */
export function* rehearse(now: () => number, options: RehearsalOptions): Generator<void, Rehearsed> {
  // Two speakers: what the compiler has seen once only, it takes for the only one there will be.
  const first = yield* play(new Stage(now, options), { ...options, single: 0 });
  const second = yield* play(new Stage(now, options), options);
  return {
    heard: first.heard + second.heard,
    sentOctets: first.sentOctets + second.sentOctets,
    sessions: first.sessions + second.sessions,
    routes: first.routes + second.routes,
    errors: [...first.errors, ...second.errors],
  };
}

function* play(stage: Stage, options: RehearsalOptions): Generator<void, Rehearsed> {
  const table = new RehearsalTable(options.updates);
  yield;
  // Two peers have the same destinations, each with attributes of its own; one thinks again, and says so twice.
  for (const [peer, edition] of [
    [0, 0],
    [1, 1],
    [0, 2],
    [0, 2],
  ]) {
    yield* stage.say(peer, table, (n) => table.announcement(n, edition));
    yield* stage.single(0, table, options.single / 4);
  }
  yield* stage.say(1, table, (n) => (n % 2 === 0 ? table.withdrawal(n) : table.announcement(n, 3)));
  stage.connect(3);
  yield* stage.work();
  const sessions = stage.sessions;
  stage.leave(0);
  yield* stage.work();
  yield* stage.say(1, table, (n) => table.withdrawal(n));
  const { heard, sentOctets, errors, routes } = stage;
  return { heard, sentOctets, sessions, routes, errors };
}

/** The speaker, and peers that are nothing but bytes. */
class Stage {
  heard = 0;
  sentOctets = 0;
  readonly errors: string[] = [];
  readonly #now: () => number;
  readonly #speaker: Speaker;

  constructor(now: () => number, { settings }: RehearsalOptions) {
    this.#now = now;
    this.#speaker = new Speaker(settings, this.#host());
    this.#speaker.start();
    for (const peer of [0, 1, 2]) this.connect(peer);
  }

  get sessions(): number {
    return this.#speaker.directory.all().filter((peer) => peer.routes.up !== undefined).length;
  }

  get routes(): number {
    return this.#speaker.instance.families.get(ipv4Unicast)?.rib.routeCount ?? 0;
  }

  /** The whole table as `message` has each UPDATE, and End-of-RIB, in chunks. */
  *say(peer: number, table: RehearsalTable, message: (n: number) => Uint8Array): Generator<void> {
    const chunk = new Uint8Array(chunkOctets);
    let filled = 0;
    for (let n = 0; n <= table.updates; n++) {
      const bytes = n < table.updates ? message(n) : encodeEndOfRib(ipv4Unicast);
      this.heard++;
      const fits = Math.min(bytes.length, chunkOctets - filled);
      chunk.set(bytes.subarray(0, fits), filled);
      filled += fits;
      if (filled < chunkOctets) continue;
      this.#receive(peer, chunk);
      chunk.set(bytes.subarray(fits));
      filled = bytes.length - fits;
      yield* this.work();
    }
    this.#receive(peer, chunk.subarray(0, filled));
    yield* this.work();
  }

  /** One prefix that comes and goes, again and again. */
  *single(peer: number, table: RehearsalTable, count: number): Generator<void> {
    for (let n = 0; n < count; n++) {
      // Beyond the table: a destination nobody has.
      const at = table.updates + 1 + (n % 256) * 16;
      for (const bytes of [table.announcement(at, 4), table.withdrawal(at)]) {
        this.#receive(peer, bytes);
        this.#speaker.work(this.#now(), 1);
        this.heard++;
      }
      if (n % singleAtOnce === 0) yield;
    }
    yield* this.work();
  }

  /** It has its number as connection, too; it is told everything there is. */
  connect(peer: number): void {
    const { peers, router } = this.#speaker.settings;
    this.#speaker.acceptConnection(peer, peers[peer].address, ownAddress);
    this.#receive(peer, rehearsalOpen(router.asn, 10 + peer));
    this.#receive(peer, keepaliveBytes);
  }

  leave(peer: number): void {
    this.#speaker.connectionFailed(peer, 'the rehearsal goes on');
  }

  *work(): Generator<void> {
    while (this.#speaker.work(this.#now(), 2)) yield;
    yield;
  }

  #receive(peer: number, bytes: Uint8Array): void {
    this.#speaker.received(peer, bytes);
  }

  #host(): SpeakerHost {
    return {
      now: this.#now,
      random: () => 0.5,
      connect: () => {},
      send: (_, bytes) => {
        this.sentOctets += bytes.length;
        return true;
      },
      holdsSent: () => false,
      close: () => {},
      wake: () => {},
      readLag: () => 0,
      event: (event) => {
        if (event.type === 'internal-error') this.errors.push(event.detail);
      },
    };
  }
}
