/**
 * One configured station over all its connections: connects, tells it everything in a session, and tries again later and
 * later when it is not there (RFC 7854 §3.2). Without I/O: the host connects and says what became of it.
 */
import type { StationSettings } from '../speaker/settings.ts';
import type { StationCounters } from './outbox.ts';
import type { StationHost, StationSessionSettings } from './station-contract.ts';
import { StationSession } from './station-session.ts';
import type { MonitoredInstance } from './view-table.ts';

/** RFC 7854 §3.2: from 30 to 720 seconds. */
const firstWaitSeconds = 30;
const longestWaitSeconds = 720;
/** What is added to a wait, at most, so that the routers of a network do not all come back at once. */
const jitter = 0.25;

export interface StationConnector extends StationHost {
  /** Uniform in [0, 1). */
  random(): number;
  /** Answered by `connected` or `failed`. */
  connect(): void;
  /** After what was sent has left. */
  close(): void;
}

export type StationState = 'connecting' | 'connected' | 'waiting' | 'stopped';

/** Times in host milliseconds. */
export interface StationStatus {
  readonly state: StationState;
  readonly since: number;
  /** Of the next try, while it waits. */
  readonly retryAt: number | undefined;
  readonly lastError: string | undefined;
  /** How often it was connected. */
  readonly connections: number;
  /** It was told all that there is. */
  readonly synchronised: boolean;
  /** Routes that wait for it to read. */
  readonly owed: number;
  /** Of the present or last connection. */
  readonly counters: Readonly<StationCounters>;
}

const nothingSent: StationCounters = { messages: 0, octets: 0, announced: 0, withdrawn: 0 };

export class Station {
  readonly settings: StationSettings;
  readonly #session: StationSessionSettings;
  readonly #instance: MonitoredInstance;
  readonly #host: StationConnector;
  #current: StationSession | undefined;
  #counters: Readonly<StationCounters> = nothingSent;
  #state: StationState = 'stopped';
  #since = 0;
  #retryAt = Number.POSITIVE_INFINITY;
  #waitSeconds = firstWaitSeconds;
  #connections = 0;
  #lastError: string | undefined;

  constructor(
    settings: StationSettings,
    session: StationSessionSettings,
    instance: MonitoredInstance,
    host: StationConnector,
  ) {
    this.settings = settings;
    this.#session = session;
    this.#instance = instance;
    this.#host = host;
  }

  start(): void {
    this.#enter('connecting');
    this.#host.connect();
  }

  connected(): void {
    if (this.#state !== 'connecting') return;
    this.#enter('connected');
    this.#connections++;
    this.#current = new StationSession(this.#session, this.#instance, this.#host);
    this.#counters = this.#current.counters;
    this.#current.start();
  }

  /** It could not be reached, or the connection has ended; never said after `stop`. */
  failed(detail: string): void {
    if (this.#state !== 'connecting' && this.#state !== 'connected') return;
    const now = this.#host.now();
    // Who stayed for longer than the last wait begins anew.
    const stayed = this.#state === 'connected' && now - this.#since > this.#waitSeconds * 1000;
    if (stayed) this.#waitSeconds = firstWaitSeconds;
    this.#current?.detach();
    this.#current = undefined;
    this.#lastError = detail;
    this.#enter('waiting');
    const seconds = Math.min(this.#waitSeconds * (1 + jitter * this.#host.random()), longestWaitSeconds);
    this.#retryAt = now + seconds * 1000;
    this.#waitSeconds = Math.min(this.#waitSeconds * 2, longestWaitSeconds);
  }

  writable(): void {
    this.#current?.writable();
  }

  /** One turn of about so many routes; true while there is more that can be sent now. */
  work(routes: number): boolean {
    return this.#current?.work(routes) ?? false;
  }

  /** Host milliseconds of the next timer. */
  nextDeadline(): number {
    return this.#current?.nextDeadline() ?? this.#retryAt;
  }

  advance(now: number): void {
    this.#current?.advance(now);
    if (now >= this.#retryAt) this.start();
  }

  /** For good; the station is told so if it is there. */
  stop(text: string): void {
    if (this.#state === 'stopped') return;
    this.#current?.stop(text);
    this.#current = undefined;
    this.#enter('stopped');
    this.#host.close();
  }

  status(): StationStatus {
    return {
      state: this.#state,
      since: this.#since,
      retryAt: Number.isFinite(this.#retryAt) ? this.#retryAt : undefined,
      lastError: this.#lastError,
      connections: this.#connections,
      synchronised: this.#current?.synchronised ?? false,
      owed: this.#current?.owed ?? 0,
      counters: this.#counters,
    };
  }

  #enter(state: StationState): void {
    this.#state = state;
    this.#since = this.#host.now();
    this.#retryAt = Number.POSITIVE_INFINITY;
  }
}
