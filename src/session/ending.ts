/**
 * How one connection ends: what is said on it, what the operator is told, and what the peer session does next.
 * Shapes and their constructors only.
 */
import type { NotificationError } from '../wire/errors.ts';
import type { NotificationMessage } from '../wire/messages.ts';
import { CeaseSubcode, NotificationCode } from '../wire/notification-codes.ts';
import type { SessionDownReason, StopReason } from './contract.ts';
import type { Farewell } from './graceful-restart.ts';
import {
  ceaseFor,
  collisionCease,
  hardReset,
  type NotificationContent,
  OpenSubcode,
  stopRow,
} from './notification.ts';

export interface Ending {
  readonly reason: SessionDownReason;
  /** To be sent before the close. */
  readonly notification: NotificationContent | undefined;
  /** What happens to the transport; `gone`: it has ended by itself. */
  readonly transport: 'flush' | 'abort' | 'gone';
  readonly farewell: Farewell;
  /**
   * What the peer session does when no other connection is left:
   * `retry` listens in Active, `error` rests in Idle with back-off, `uncounted` rests without adding to it,
   * `lost` was Established without an error, `stop` is up to who stopped it.
   */
  readonly sequel: 'retry' | 'error' | 'uncounted' | 'lost' | 'stop';
  /** Another connection to the peer may go on although this one, Established, has ended. */
  readonly sparesOthers: boolean;
}

/** We tell the peer what it did wrong. */
export function protocolError(content: NotificationContent, detail: string): Ending {
  return {
    reason: { type: 'notification-sent', ...content, detail },
    notification: content,
    transport: 'flush',
    farewell: 'notification',
    sequel: 'error',
    sparesOthers: false,
  };
}

export function wireError(error: NotificationError): Ending {
  return protocolError({ code: error.code, subcode: error.subcode, data: error.data }, error.message);
}

/** RFC 4271 §8.2.2, Connect and Active: anything but an OPEN closes the connection without a word. */
export function unexpectedBeforeOpen(): Ending {
  return { ...connectFailed('a message before the OPEN', 'error'), transport: 'flush' };
}

/** RFC 4271 §6.5. */
export function holdTimerExpired(): Ending {
  return {
    ...protocolError({ code: NotificationCode.holdTimerExpired, subcode: 0, data: new Uint8Array(0) }, ''),
    reason: { type: 'hold-timer-expired' },
  };
}

/** RFC 9687 §3.2: the peer does not read, so a NOTIFICATION would not arrive either. */
export function sendHoldTimerExpired(): Ending {
  return {
    reason: { type: 'send-hold-timer-expired' },
    notification: undefined,
    transport: 'abort',
    farewell: 'notification',
    sequel: 'error',
    sparesOthers: false,
  };
}

/** RFC 4271 §6.4: never answered. */
export function notificationReceived(message: NotificationMessage): Ending {
  const { code, subcode, data } = message;
  const cease = code === NotificationCode.cease;
  const collision = cease && subcode === CeaseSubcode.connectionCollision;
  // RFC 4271 §8.2.2, event 24: a version mismatch does not count as a failure.
  const version = code === NotificationCode.open && subcode === OpenSubcode.unsupportedVersion;
  return {
    reason: { type: 'notification-received', code, subcode, data },
    notification: undefined,
    transport: 'flush',
    farewell: cease && subcode === CeaseSubcode.hardReset ? 'hard' : 'notification',
    sequel: collision ? 'retry' : version ? 'uncounted' : 'error',
    sparesOthers: collision,
  };
}

/** The transport failed before a session was up: `sequel` depends on the state (RFC 4271 §8.2.2). */
export function connectFailed(detail: string, sequel: 'retry' | 'error'): Ending {
  return { ...connectionLost(detail), reason: { type: 'connect-failed', detail }, sequel };
}

/** The transport of an Established session failed. */
export function connectionLost(detail: string): Ending {
  return {
    reason: { type: 'connection-lost', detail },
    notification: undefined,
    transport: 'gone',
    farewell: 'silent',
    sequel: 'lost',
    sparesOthers: true,
  };
}

/** RFC 4724 §5: closed without a NOTIFICATION; the new connection goes on. */
export function replacedByRestart(): Ending {
  return { ...connectionLost('the peer has restarted: it opened a new connection'), transport: 'abort' };
}

/** RFC 4271 §6.8: this connection gives way. */
export function collisionLost(detail: string): Ending {
  return { ...protocolError(collisionCease, detail), sequel: 'retry', sparesOthers: true };
}

/** Not worth a word: no OPEN of ours was sent on it. */
export function abandoned(detail: string): Ending {
  return { ...connectFailed(detail, 'retry'), transport: 'abort' };
}

/** `hardResetAllowed`: both ends negotiated RFC 8538. */
export function stopped(reason: StopReason, session: { readonly hardResetAllowed: boolean }): Ending {
  const row = stopRow(reason);
  const cease = ceaseFor(reason);
  return {
    reason: { type: 'stopped', reason },
    notification: cease && row.hard && session.hardResetAllowed ? hardReset(cease) : cease,
    transport: 'flush',
    farewell: row.keepRoutes ? 'notification' : 'hard',
    sequel: 'stop',
    sparesOthers: false,
  };
}
