/**
 * What a monitoring station is told of a session (RFC 7854 §4.9, §4.10): the OPENs as they were on the wire, both ends,
 * and how it ended. One small record per established session; routes are watched at the RIBs.
 */
import type { FamilyKey } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { PeerId } from '../rib/ids.ts';
import type { ConnectionId, Negotiated, SessionDownReason } from '../session/contract.ts';
import { encodeNotification } from '../wire/notification.ts';
import { encodeOpen } from '../wire/open.ts';

export interface MonitoredSession {
  readonly peer: PeerId;
  readonly address: IpAddress;
  readonly remoteAs: number;
  readonly bgpIdentifier: number;
  readonly localAddress: IpAddress;
  /** 0 where the host does not say. */
  readonly localPort: number;
  readonly remotePort: number;
  /** Whole messages. */
  readonly sentOpen: Uint8Array;
  readonly receivedOpen: Uint8Array;
  readonly families: ReadonlySet<FamilyKey>;
  /** Families whose NLRI came with a path identifier (RFC 7911). */
  readonly addPath: ReadonlySet<FamilyKey>;
  /** Host milliseconds. */
  readonly since: number;
}

/** RFC 7854 §4.9. Notifications are whole messages. */
export type SessionEnd =
  | { readonly type: 'local-notification'; readonly notification: Uint8Array }
  /** Code of an event of RFC 4271 §8.1, 0 for none that fits. */
  | { readonly type: 'local-close'; readonly fsmEvent: number }
  | { readonly type: 'remote-notification'; readonly notification: Uint8Array }
  | { readonly type: 'remote-close' }
  | { readonly type: 'deconfigured' };

export interface SessionWatcher {
  up(session: MonitoredSession): void;
  down(session: MonitoredSession, end: SessionEnd): void;
}

/** Those who are told of sessions as they come up and go down. */
export class SessionWatchers implements SessionWatcher {
  readonly #watchers = new Set<SessionWatcher>();

  /** Returns the way to stop. */
  watch(watcher: SessionWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  up(session: MonitoredSession): void {
    for (const watcher of this.#watchers) watcher.up(session);
  }

  down(session: MonitoredSession, end: SessionEnd): void {
    for (const watcher of this.#watchers) watcher.down(session, end);
  }
}

/** RFC 4271 §8.1.2, event 2. */
const manualStop = 2;

interface Established {
  readonly peer: PeerId;
  readonly address: IpAddress;
  readonly localAddress: IpAddress;
  readonly connection: ConnectionId;
  readonly negotiated: Negotiated;
  readonly ports: { readonly local: number; readonly remote: number } | undefined;
  readonly since: number;
}

/** Of one peer: gathers what is only seen in passing. */
export class SessionRecord {
  /** Set while the session is Established. */
  current: MonitoredSession | undefined;
  readonly #opens = new Map<ConnectionId, Uint8Array>();
  #notification: Uint8Array | undefined;

  /** A whole message; it is copied. */
  openReceived(connection: ConnectionId, message: Uint8Array): void {
    this.#opens.set(connection, message.slice());
  }

  notificationSent(message: Uint8Array): void {
    this.#notification = message;
  }

  connectionGone(connection: ConnectionId): void {
    this.#opens.delete(connection);
  }

  established({ connection, negotiated, ports, ...rest }: Established): MonitoredSession {
    this.#notification = undefined;
    this.current = {
      ...rest,
      remoteAs: negotiated.remoteAs,
      bgpIdentifier: negotiated.remoteBgpIdentifier,
      localPort: ports?.local ?? 0,
      remotePort: ports?.remote ?? 0,
      sentOpen: encodeOpen(negotiated.localOpen),
      receivedOpen: this.#opens.get(connection) ?? encodeOpen(negotiated.remoteOpen),
      families: negotiated.codec.families,
      addPath: negotiated.codec.addPathReceive,
    };
    return this.current;
  }

  /** How the session ended; what was sent to say so has been sent. */
  ended(reason: SessionDownReason): SessionEnd {
    this.current = undefined;
    switch (reason.type) {
      case 'connection-lost':
        return { type: 'remote-close' };
      case 'notification-received': {
        const notification = encodeNotification(reason.code, reason.subcode, reason.data);
        return { type: 'remote-notification', notification };
      }
      default:
        if (reason.type === 'stopped' && reason.reason.type === 'peer-deconfigured')
          return { type: 'deconfigured' };
        if (this.#notification) return { type: 'local-notification', notification: this.#notification };
        return { type: 'local-close', fsmEvent: reason.type === 'stopped' ? manualStop : 0 };
    }
  }
}
