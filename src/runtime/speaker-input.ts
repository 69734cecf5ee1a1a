/**
 * What this host tells a speaker: the host-facing methods of `Speaker`, as listed at the head of speaker/host.ts.
 * A type of its own so that the host can be tried with a speaker of a few lines.
 */
import type { IpAddress } from '../net/ip-address.ts';
import type { ConnectionId } from '../session/contract.ts';

export interface SpeakerInput {
  connectionEstablished(connection: ConnectionId, localAddress: IpAddress): void;
  /** False: nobody wants this connection, close it. */
  acceptConnection(connection: ConnectionId, remote: IpAddress, local: IpAddress): boolean;
  /** The bytes are only valid during the call: the next read overwrites them. */
  received(connection: ConnectionId, bytes: Uint8Array): void;
  connectionFailed(connection: ConnectionId, detail: string): void;
  writable(connection: ConnectionId): void;
  advance(now: number): void;
  work(now: number, budgetMilliseconds: number): boolean;
  /** Destinations that wait for a decision. */
  readonly backlog: number;
  /** Host milliseconds before which no more of its connections is to be read. */
  readonly restUntil: number;
  nextDeadline(): number;
}
