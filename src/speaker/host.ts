/**
 * The speaker's two sides. `SpeakerHost` is what a host does for it; the methods of `Speaker` (speaker.ts)
 * are what a host tells it:
 *
 *   connectionEstablished(connection, localAddress)      an outgoing connect succeeded
 *   acceptConnection(connection, remote, local)          -> false: refused, close it
 *   received(connection, bytes)                          a TCP chunk; the bytes are only valid during the call
 *   connectionFailed(connection, detail)                 failed, ended or reset; the id is dead afterwards
 *   writable(connection)                                 everything handed to `send` has left for the kernel
 *   advance(now)                                         fires due timers
 *   work(now, budgetMilliseconds)                        one turn of route work; true while there is more
 *   backlog                                              destinations that wait for `work`
 *   restUntil                                            host milliseconds before which no more is to be read
 *   setInterfaces(interfaces)                            at start and whenever they change
 *   nextDeadline()                                       host milliseconds of the next timer, Infinity for none
 *
 * Every call is synchronous and never throws for what a peer sent.
 */
import type { IpAddress } from '../net/ip-address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { ConnectionId } from '../session/contract.ts';
import type { TransportSettings } from './settings.ts';
import type { SpeakerEvent } from './views.ts';

/** An interface of the machine, as `Speaker.setInterfaces` is told of it. */
export interface LocalInterface {
  readonly name: string;
  /** Its addresses with the lengths of their subnets: host bits are kept. */
  readonly addresses: readonly Prefix[];
}

export interface ConnectRequest {
  readonly connection: ConnectionId;
  readonly address: IpAddress;
  readonly port: number;
  readonly localAddress: IpAddress | undefined;
  readonly transport: TransportSettings;
}

export interface SpeakerHost {
  /** Monotonic milliseconds. The speaker keeps no other clock. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  connect(request: ConnectRequest): void;
  /**
   * Takes the bytes; while `holdsSent` they are not changed. Returns false when the socket holds more than its
   * high-water mark: the speaker then sends this peer nothing but session messages until `writable`.
   */
  send(connection: ConnectionId, bytes: Uint8Array): boolean;
  /** Are there bytes of any `send` that the host has not done with? */
  holdsSent(): boolean;
  close(connection: ConnectionId, how: 'flush' | 'abort'): void;
  /** There is route work: call `work` soon, after pending input was read. */
  wake(): void;
  /** Milliseconds since the host found this socket without unread bytes; see SessionServices. */
  readLag(connection: ConnectionId): number;
  /** TCP ports of both ends, for monitoring stations; `undefined` where there are none to tell. */
  ports?(connection: ConnectionId): { readonly local: number; readonly remote: number } | undefined;
  /** For logs and event streams. Never blocks, never throws. */
  event(event: SpeakerEvent): void;
}

/** Its functions by themselves: they may be called without it. */
export function bindHost(host: SpeakerHost): SpeakerHost {
  return {
    now: () => host.now(),
    random: () => host.random(),
    connect: (request) => host.connect(request),
    send: (connection, bytes) => host.send(connection, bytes),
    holdsSent: () => host.holdsSent(),
    close: (connection, how) => host.close(connection, how),
    wake: () => host.wake(),
    readLag: (connection) => host.readLag(connection),
    ports: (connection) => host.ports?.(connection),
    event: (event) => host.event(event),
  };
}
