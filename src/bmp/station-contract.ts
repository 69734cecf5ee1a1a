/** What a station session is told when it begins, and what it needs of whoever has the connection. */
import type { MonitorView } from '../speaker/settings.ts';
import type { PeerTypeCode, WallMilliseconds } from './messages.ts';

export interface StationSessionSettings {
  readonly monitor: ReadonlySet<MonitorView>;
  /** Seconds between Statistics Reports; `undefined` sends none. */
  readonly statisticsSeconds: number | undefined;
  readonly sysName: string;
  readonly sysDescr: string;
  /** Free strings of the Initiation (RFC 7854 §4.4, type 0); none by default. */
  readonly information?: readonly string[];
  /** RFC 9069 §5.2.1: `global` for the table of no VRF. */
  readonly tableName: string;
  /** How peers of this instance are told from those of others (RFC 7854 §4.2). */
  readonly peerType: PeerTypeCode;
  readonly distinguisher: Uint8Array;
  readonly asn: number;
  readonly routerId: number;
}

export interface StationHost {
  /** Monotonic milliseconds. */
  now(): number;
  wallClock(): WallMilliseconds;
  /** Takes the bytes; false when the station reads too slowly: nothing more comes until `writable`. */
  send(bytes: Uint8Array): boolean;
  /** There is something to do: call `work` soon. */
  wake(): void;
}
