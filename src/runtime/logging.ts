/**
 * The log: JSON lines on stdout by pino, one table that says how each speaker event reads. Writing never waits for
 * whoever reads stdout: lines are dropped when they cannot be written for long, and a closed stdout is no error.
 */
import pino from 'pino';
import type { SpeakerEvent } from '../speaker/views.ts';
import { RepeatLimiter } from './repeat-limiter.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
  fatal(fields: Fields, message: string): void;
  setLevel(level: LogLevel): void;
  /** Writes what is still held, for at most half a second; nothing is logged afterwards. Once. */
  close(done: () => void): void;
}

/** Lines held while stdout cannot be written; beyond that they are dropped. */
const maxHeldOctets = 4 * 1024 * 1024;

const closeMilliseconds = 250;

/** To stdout, or to another file descriptor. */
export function createLog(level: LogLevel, fileDescriptor = 1): Log {
  const destination = pino.destination({ dest: fileDescriptor, sync: false, maxLength: maxHeldOctets });
  destination.on('error', () => {});
  let closing = false;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    fatal: (fields, message) => logger.fatal(fields, message),
    setLevel: (wanted) => {
      logger.level = wanted;
    },
    close: (done) => {
      if (closing) return;
      closing = true;
      logger.level = 'silent';
      closeDestination(destination, done);
    },
  };
}

interface Destination {
  once(event: 'close', listener: () => void): unknown;
  end(): void;
  destroy(): void;
}

/**
 * The end of a destination that cannot be written never comes: hence the timer. What is not destroyed by then would
 * be written again while the process exits, and throw there.
 */
function closeDestination(destination: Destination, done: () => void): void {
  const timer = setTimeout(() => destination.destroy(), closeMilliseconds);
  const giveUp = setTimeout(done, 2 * closeMilliseconds);
  destination.once('close', () => {
    clearTimeout(timer);
    clearTimeout(giveUp);
    done();
  });
  destination.end();
}

/** What became of a reload; the shape is that of `ConfigPort.reload` in api/ports.ts. */
export type ReloadOutcome =
  | { readonly ok: true; readonly generation: number; readonly diff: { readonly lines: readonly unknown[] } }
  | { readonly ok: false; readonly problems: readonly { readonly text: string }[] };

export function logReload(log: Log, outcome: ReloadOutcome): void {
  if (outcome.ok) {
    log.info({ generation: outcome.generation, changes: outcome.diff.lines }, 'configuration reloaded');
    return;
  }
  const problems = outcome.problems.map(({ text }) => text);
  log.error({ problems }, 'configuration not reloaded: the old one stays');
}

type EventLevel = 'debug' | 'info' | 'warn' | 'error';

const eventLimits = { perWindow: 20, windowMilliseconds: 60_000, maxKeys: 4096 };

/** What a speaker says, and what becomes of the instance it belongs to. */
type LoggedEvent =
  | SpeakerEvent
  | {
      readonly type: 'instance-added' | 'instance-removed' | 'instance-up' | 'instance-down';
      readonly at: number;
      readonly reason: string | undefined;
    };

/** Events as log lines. At most 20 a minute of a kind and peer; the next one says how many were left out. */
export class EventLog {
  readonly #log: Log;
  readonly #labels: Fields;
  readonly #limiter = new RepeatLimiter(eventLimits);

  /** `labels` stand on every line: whose events they are. */
  constructor(log: Log, labels: Fields) {
    this.#log = log;
    this.#labels = labels;
  }

  record(event: LoggedEvent): void {
    // Best-path changes are for watchers, there can be a million of them.
    if (event.type === 'route') return;
    const suppressed = this.#limiter.pass(`${event.type} ${subject(event)}`, event.at);
    if (suppressed === undefined) return;
    const { type, at: _, ...fields } = event;
    const line = { event: type, ...this.#labels, ...fields };
    this.#log[levelOf(event)](suppressed > 0 ? { ...line, suppressed } : line, messageOf(event));
  }
}

function subject(event: LoggedEvent): string {
  if ('peer' in event) return event.peer ?? '';
  return 'remote' in event ? event.remote : '';
}

function levelOf(event: LoggedEvent): EventLevel {
  switch (event.type) {
    case 'peer-state':
      return event.to === 'established' || event.from === 'established' ? 'info' : 'debug';
    case 'end-of-rib':
    case 'route':
      return 'debug';
    case 'notification-sent':
    case 'notification-received':
    case 'malformed-update':
    case 'max-prefixes':
    case 'connection-refused':
    case 'route-limit':
    case 'fib-failure':
    case 'instance-down':
      return 'warn';
    case 'internal-error':
      return 'error';
    default:
      return 'info';
  }
}

function messageOf(event: LoggedEvent): string {
  switch (event.type) {
    case 'peer-state':
      return event.to === 'established' ? 'session established' : `session ${event.to}`;
    case 'notification-sent':
    case 'notification-received':
      return `${event.type.replace('-', ' ')}: ${event.text}`;
    case 'stale-routes':
      return `stale routes ${event.phase}`;
    case 'configuration':
      return 'configuration applied';
    case 'fib-failure':
      return event.prefix === undefined ? 'routes of the kernel' : 'route not installed';
    default:
      return event.type.replaceAll('-', ' ');
  }
}
