/**
 * What a peer's session is told and what it asks for: the events of RFC 4271 §8.1 and the actions of §8.2
 * as data. The session never opens a socket, reads a clock or draws a random number; `speaker/` carries
 * events in and actions out.
 */
import type { FamilyKey } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { NotificationError } from '../wire/errors.ts';
import type { Capability, ControlMessage, OpenMessage, SessionCodec } from '../wire/messages.ts';

export type FsmState = 'idle' | 'connect' | 'active' | 'open-sent' | 'open-confirm' | 'established';

/** Names one TCP connection for as long as the process lives. Given out by the host. */
export type ConnectionId = number;

/** The part of a peer's settings that its session needs. Times in seconds. */
export interface SessionSettings {
  readonly localAs: number;
  /** A peer whose AS may be any is given 0: the number is taken from its OPEN. */
  readonly remoteAs: number;
  readonly routerId: number;
  readonly peerAddress: IpAddress;
  readonly passive: boolean;
  readonly adminDown: { readonly message: string } | undefined;
  readonly holdTimeSeconds: number;
  /** At most a third of the negotiated hold time is used (RFC 4271 §10). */
  readonly keepaliveSeconds: number;
  readonly connectRetrySeconds: number;
  /** RFC 4271 §8.1.1 DelayOpenTime; 0 switches DelayOpen off. */
  readonly delayOpenSeconds: number;
  /** First idle hold time after an error; doubles up to `idleHoldMaxSeconds` (DampPeerOscillations). */
  readonly idleHoldSeconds: number;
  readonly idleHoldMaxSeconds: number;
  /** RFC 9687 §3.1; 0 switches the send hold timer off. */
  readonly sendHoldSeconds: number;
  readonly families: readonly FamilyKey[];
  readonly addPath: readonly { readonly family: FamilyKey; readonly mode: 'receive' | 'send' | 'both' }[];
  readonly extendedNextHop: readonly FamilyKey[];
  readonly extendedMessage: boolean;
  readonly enhancedRouteRefresh: boolean;
  readonly fourOctetAs: boolean;
  readonly gracefulRestart:
    | {
        readonly restartTimeSeconds: number;
        /** RFC 8538 N bit. */
        readonly notification: boolean;
        /** Families for which we ask the peer to keep our routes; empty: helper only. */
        readonly families: readonly FamilyKey[];
      }
    | undefined;
  readonly hostName: string;
}

/** Inputs of the instance that change while it runs (RFC 4724 §4.1): a takeover sets them. */
export interface RestartState {
  /** We have restarted and have not yet finished: R is set in OPENs we send. */
  readonly restarting: boolean;
  /** F per family in OPENs we send. */
  readonly forwardingPreserved: boolean;
}

export type SessionEvent =
  | { readonly type: 'manual-start' } //                                    event 1
  | { readonly type: 'manual-stop'; readonly reason: StopReason } //        event 2
  | { readonly type: 'automatic-start' } //                                 event 3
  /** The local address has come to the machine: an attempt that waits is made now, as by event 9. */
  | { readonly type: 'local-address-up' }
  /** A connection we asked for is up (events 16, 17), or one came in (the same). */
  | {
      readonly type: 'tcp-established';
      readonly connection: ConnectionId;
      readonly direction: 'incoming' | 'outgoing';
      readonly localAddress: IpAddress;
    }
  /** It failed, was closed or reset (event 18). `detail` is for the operator. */
  | { readonly type: 'tcp-failed'; readonly connection: ConnectionId; readonly detail: string }
  | { readonly type: 'message'; readonly connection: ConnectionId; readonly message: ControlMessage }
  /** A whole UPDATE came in on the established connection (event 27): restarts the hold timer. */
  | { readonly type: 'update'; readonly connection: ConnectionId }
  /** Bytes on this connection were wrong (events 21, 22, 28): send exactly this and end the session. */
  | { readonly type: 'wire-error'; readonly connection: ConnectionId; readonly error: NotificationError }
  /** The host could write everything it had: restarts the send hold timer (RFC 9687). */
  | { readonly type: 'send-progress'; readonly connection: ConnectionId }
  /** The host holds unsent bytes for this connection. */
  | { readonly type: 'send-blocked'; readonly connection: ConnectionId };

/** Why we end a session ourselves: becomes a Cease (RFC 4486) or, for `silent`, just a close. */
export type StopReason =
  | { readonly type: 'admin-shutdown'; readonly message: string }
  | { readonly type: 'admin-reset'; readonly message: string }
  | { readonly type: 'peer-deconfigured' }
  | { readonly type: 'configuration-change' }
  | { readonly type: 'connection-rejected' }
  | { readonly type: 'out-of-resources' }
  /** Cease/1 with AFI, SAFI and limit as data (RFC 4486 §4); `idle-hold` for that long if given. */
  | {
      readonly type: 'maximum-prefixes';
      readonly family: FamilyKey;
      readonly limit: number;
      readonly restartSeconds: number | undefined;
    }
  /** Close without NOTIFICATION, so that the peer keeps our routes (RFC 4724 §4). */
  | { readonly type: 'silent' };

/** Why a session is not up, or is up no more. Reaches the CLI. */
export type SessionDownReason =
  | { readonly type: 'never-established' }
  | { readonly type: 'stopped'; readonly reason: StopReason }
  | { readonly type: 'connect-failed'; readonly detail: string }
  | { readonly type: 'connection-lost'; readonly detail: string }
  | { readonly type: 'hold-timer-expired' }
  | { readonly type: 'send-hold-timer-expired' }
  | {
      readonly type: 'notification-sent';
      readonly code: number;
      readonly subcode: number;
      readonly data: Uint8Array;
      readonly detail: string;
    }
  | {
      readonly type: 'notification-received';
      readonly code: number;
      readonly subcode: number;
      readonly data: Uint8Array;
    };

/** What both ends agreed on, known from OpenConfirm on. */
export interface Negotiated {
  readonly codec: SessionCodec;
  readonly localOpen: OpenMessage;
  readonly remoteOpen: OpenMessage;
  /** From capability 65 where present. */
  readonly remoteAs: number;
  readonly remoteBgpIdentifier: number;
  /** 0: no hold timer and no keepalives. */
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
  /** Subtype 0 may be sent. */
  readonly routeRefresh: boolean;
  readonly enhancedRouteRefresh: boolean;
  /** The peer's graceful restart capability, when both sent one. */
  readonly gracefulRestart: Extract<Capability, { type: 'graceful-restart' }> | undefined;
  /** Both set the N bit (RFC 8538 §2). */
  readonly gracefulNotification: boolean;
}

export type SessionAction =
  /** Open a TCP connection to the peer; answer with tcp-established or tcp-failed for this id. */
  | { readonly type: 'connect'; readonly connection: ConnectionId }
  /** Bytes of a whole message. */
  | { readonly type: 'send'; readonly connection: ConnectionId; readonly bytes: Uint8Array }
  /** Flush what was sent, then close; `abort` drops what is unsent (send hold timer). */
  | { readonly type: 'close'; readonly connection: ConnectionId; readonly how: 'flush' | 'abort' }
  /** From here on the framer of this connection decodes with this codec. */
  | { readonly type: 'codec'; readonly connection: ConnectionId; readonly codec: SessionCodec }
  | {
      readonly type: 'established';
      readonly connection: ConnectionId;
      readonly negotiated: Negotiated;
      readonly localAddress: IpAddress;
    }
  /**
   * The session was established and is no more. `keepRoutes`: graceful restart applies to these families;
   * the speaker keeps their routes as stale until `restartTimeSeconds` have passed or the peer is back.
   */
  | {
      readonly type: 'down';
      readonly reason: SessionDownReason;
      readonly keepRoutes: readonly FamilyKey[];
      readonly restartTimeSeconds: number;
    }
  | { readonly type: 'route-refresh'; readonly family: FamilyKey; readonly subtype: number }
  | {
      readonly type: 'state';
      readonly from: FsmState;
      readonly to: FsmState;
      readonly reason: SessionDownReason | undefined;
    };

/** What the session needs of its surroundings, handed in. */
export interface SessionServices {
  /** Uniform in [0, 1): connect-retry and keepalive jitter (RFC 4271 §10). */
  readonly random: () => number;
  readonly nextConnectionId: () => ConnectionId;
  readonly restartState: () => RestartState;
  /**
   * Milliseconds since the host last read this connection's socket with nothing left unread; Infinity when it
   * has never. A hold timer that fires while the host has not read is re-armed once, for at most 10 s.
   */
  readonly hostReadLag: (connection: ConnectionId) => number;
}

/** For the operator: everything the CLI shows of a session. Times are host milliseconds. */
export interface SessionSnapshot {
  readonly state: FsmState;
  readonly stateSince: number;
  readonly establishedCount: number;
  /** The end of the latest Established session. */
  readonly lastDown: { readonly at: number; readonly reason: SessionDownReason } | undefined;
  /** The latest attempt that failed since: why it is still not up. */
  readonly lastFailure?: { readonly at: number; readonly reason: SessionDownReason } | undefined;
  readonly negotiated: Negotiated | undefined;
  readonly adminDown: boolean;
  /** Armed timers by name and the time they fire. */
  readonly timers: Readonly<Record<string, number>>;
}
