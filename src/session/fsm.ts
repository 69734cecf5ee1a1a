/**
 * The state machine of one TCP connection (RFC 4271 §8.2): a flat switch per state. Owns the state, the OPENs
 * and the timers of that connection. Whether a second connection exists, what to do when one ends and when to
 * connect is the peer session's business: the machine tells it by an `Outcome`.
 *
 *   connect -> (delay-open) -> open-sent -> (parked) -> open-confirm -> established
 *
 * delay-open is RFC 4271's Connect or Active with the DelayOpenTimer running; parked is OpenSent with the peer's
 * OPEN in hand while the peer chooses between this connection and the Established one (collision.ts).
 */
import { assertNever } from '../net/assert-never.ts';
import type { IpAddress } from '../net/ip-address.ts';
import { NotificationError } from '../wire/errors.ts';
import { keepaliveBytes } from '../wire/keepalive.ts';
import { type ControlMessage, MessageType, type OpenMessage } from '../wire/messages.ts';
import { encodeOpen } from '../wire/open.ts';
import { ConnectionTimers } from './connection-timers.ts';
import type {
  ConnectionId,
  Negotiated,
  RestartState,
  SessionAction,
  SessionEvent,
  SessionServices,
  SessionSettings,
} from './contract.ts';
import {
  collisionLost,
  connectFailed,
  connectionLost,
  type Ending,
  holdTimerExpired,
  notificationReceived,
  protocolError,
  sendHoldTimerExpired,
  unexpectedBeforeOpen,
  wireError,
} from './ending.ts';
import { keepaliveInterval, negotiate } from './negotiation.ts';
import { FsmSubcode, fsmError } from './notification.ts';
import { buildOpen } from './open.ts';

export type ConnectionState =
  | 'connect'
  | 'delay-open'
  | 'open-sent'
  | 'parked'
  | 'open-confirm'
  | 'established'
  | 'closed';

/** What the peer session must act upon. */
export type Outcome =
  /** The peer's OPEN is good: look for collisions, then `resume`, `park` or end it. */
  | { readonly type: 'opened' }
  /** The DelayOpenTimer fired: look for collisions, then `resume` or end it. */
  | { readonly type: 'delay-elapsed' }
  /** On a parked connection the peer went on: it has chosen this one. */
  | { readonly type: 'chosen' }
  | { readonly type: 'established' }
  | { readonly type: 'ended'; readonly ending: Ending };

/** The events that concern a connection. */
export type ConnectionEvent = Extract<SessionEvent, { readonly connection: ConnectionId }>;

/** What a connection needs of its peer session. */
export interface ConnectionContext {
  readonly services: SessionServices;
  readonly settings: () => SessionSettings;
  readonly restartState: () => RestartState;
}

export class ConnectionFsm {
  readonly id: ConnectionId;
  readonly direction: 'incoming' | 'outgoing';
  readonly timers = new ConnectionTimers();
  readonly #context: ConnectionContext;
  #state: ConnectionState = 'connect';
  #localOpen: OpenMessage | undefined;
  #localAddress: IpAddress | undefined;
  #negotiated: Negotiated | undefined;
  #lingering = false;
  #establishedSince = Number.POSITIVE_INFINITY;

  constructor(id: ConnectionId, direction: 'incoming' | 'outgoing', context: ConnectionContext) {
    this.id = id;
    this.direction = direction;
    this.#context = context;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get localAddress(): IpAddress | undefined {
    return this.#localAddress;
  }

  /** Known once the peer's OPEN was good. */
  get negotiated(): Negotiated | undefined {
    return this.#negotiated;
  }

  /** It was in OpenSent when another connection became Established. */
  get lingering(): boolean {
    return this.#lingering;
  }

  /** Host milliseconds; Infinity before. */
  get establishedSince(): number {
    return this.#establishedSince;
  }

  handle(event: ConnectionEvent, now: number, out: SessionAction[]): Outcome | undefined {
    if (event.type === 'send-blocked') return this.#sendBlocked(now);
    if (event.type === 'send-progress') return this.timers.stop('sendHold');
    switch (this.#state) {
      case 'connect':
        return this.#inConnect(event, now, out);
      case 'delay-open':
        return this.#inDelayOpen(event, now);
      case 'open-sent':
        return this.#inOpenSent(event, now);
      case 'parked':
        return this.#inParked(event);
      case 'open-confirm':
        return this.#inOpenConfirm(event, now);
      case 'established':
        return this.#inEstablished(event, now, out);
      case 'closed':
        return undefined;
      default:
        return assertNever(this.#state);
    }
  }

  #inConnect(event: ConnectionEvent, now: number, out: SessionAction[]): Outcome | undefined {
    if (event.type === 'tcp-established') {
      const delayMs = this.#context.settings().delayOpenSeconds * 1_000;
      this.transportUp(event.localAddress, now, delayMs);
      if (delayMs === 0) this.#sendOpen(now, out);
      return undefined;
    }
    // RFC 4271 §8.2.2 leads to Idle here; from Active we retry as late, but the peer may connect meanwhile.
    if (event.type === 'tcp-failed') return ended(connectFailed(event.detail, 'retry'));
    return undefined; // No bytes come before the connection is up.
  }

  #inDelayOpen(event: ConnectionEvent, now: number): Outcome | undefined {
    switch (event.type) {
      case 'tcp-failed':
        return ended(connectFailed(event.detail, 'retry'));
      case 'wire-error': // RFC 4271 §8.1.1 SendNOTIFICATIONwithoutOPEN
        return ended(wireError(event.error));
      case 'update':
        return ended(unexpectedBeforeOpen());
      case 'message':
        if (event.message.type === 'open') return this.#receiveOpen(event.message, now); // event 20
        if (event.message.type !== 'notification') return ended(unexpectedBeforeOpen());
        return ended(notificationReceived(event.message));
      default:
        return undefined;
    }
  }

  #inOpenSent(event: ConnectionEvent, now: number): Outcome | undefined {
    // RFC 4271 §8.2.2: from OpenSent a lost connection leads to Active.
    if (event.type === 'tcp-failed') return ended(connectFailed(event.detail, 'retry'));
    if (event.type === 'message' && event.message.type === 'open')
      return this.#receiveOpen(event.message, now);
    return refuse(event, FsmSubcode.inOpenSent);
  }

  #inParked(event: ConnectionEvent): Outcome | undefined {
    if (event.type === 'tcp-failed') return ended(connectFailed(event.detail, 'retry'));
    if (isKeepalive(event)) return { type: 'chosen' };
    return refuse(event, FsmSubcode.inOpenConfirm);
  }

  #inOpenConfirm(event: ConnectionEvent, now: number): Outcome | undefined {
    if (event.type === 'tcp-failed') return ended(connectFailed(event.detail, 'error'));
    if (!isKeepalive(event)) return refuse(event, FsmSubcode.inOpenConfirm);
    return this.enterEstablished(now);
  }

  #inEstablished(event: ConnectionEvent, now: number, out: SessionAction[]): Outcome | undefined {
    if (event.type === 'tcp-failed') return ended(connectionLost(event.detail));
    if (event.type === 'update' || isKeepalive(event)) return this.timers.touch(now);
    if (event.type === 'message' && event.message.type === 'route-refresh') {
      // RFC 4271 §6.5 does not name it among the life signs.
      const { family } = event.message;
      // RFC 2918 §3: without RFC 7313 the octet is reserved, and ignored; RFC 7313 §5: unknown subtypes are too.
      const subtype = this.#negotiated?.enhancedRouteRefresh ? event.message.subtype : 0;
      if (subtype <= 2 && this.#negotiated?.codec.families.has(family))
        out.push({ type: 'route-refresh', family, subtype });
      return undefined;
    }
    return refuse(event, FsmSubcode.inEstablished);
  }

  /** Serves the first timer that is due; call until `timers.nextDeadline()` lies ahead. */
  advance(now: number, out: SessionAction[]): Outcome | undefined {
    const timer = this.timers.due(now, () => this.#context.services.hostReadLag(this.id));
    if (timer === undefined) return undefined;
    this.timers.stop(timer);
    switch (timer) {
      case 'delayOpen':
        return { type: 'delay-elapsed' };
      case 'keepalive':
        return this.#keepalive(now, out);
      case 'hold':
        return ended(holdTimerExpired());
      case 'sendHold':
        return ended(sendHoldTimerExpired());
      case 'collision':
        return ended(collisionLost('another connection to this peer is Established'));
      default:
        return assertNever(timer);
    }
  }

  /** TCP is up: wait this long for the peer's OPEN before ours is sent. */
  transportUp(localAddress: IpAddress, now: number, delayOpenMs: number): void {
    this.#localAddress = localAddress;
    this.#state = 'delay-open';
    this.timers.arm('delayOpen', now + delayOpenMs);
  }

  /** No other connection stands in the way, or no longer: go on from here. */
  resume(now: number, out: SessionAction[]): undefined {
    this.#lingering = false;
    this.timers.stop('collision');
    if (this.#state === 'connect') return;
    if (this.#negotiated !== undefined) this.#confirm(this.#negotiated, now, out);
    else if (this.#state === 'delay-open') this.#sendOpen(now, out);
  }

  /** Another connection is Established; this one, in OpenSent, may still turn out to be the peer's choice. */
  linger(until: number): void {
    this.#lingering = true;
    this.timers.arm('collision', until);
  }

  /** Wait until `until` for the peer to choose between this connection and the Established one. */
  park(until: number): void {
    this.#state = 'parked';
    this.timers.arm('collision', until);
  }

  enterEstablished(now: number): Outcome {
    this.timers.touch(now);
    this.#state = 'established';
    this.#establishedSince = now;
    return { type: 'established' };
  }

  close(): void {
    this.#state = 'closed';
    this.timers.stopAll();
  }

  /** New keepalive settings count from the next KEEPALIVE on. */
  reconfigured(now: number): void {
    const negotiated = this.#negotiated;
    if (negotiated === undefined) return;
    const { keepaliveSeconds } = this.#context.settings();
    const interval = keepaliveInterval(keepaliveSeconds, negotiated.holdTimeSeconds);
    if (interval === negotiated.keepaliveSeconds) return;
    this.#negotiated = { ...negotiated, keepaliveSeconds: interval };
    this.timers.armKeepalive(interval, now, this.#context.services.random);
  }

  #sendOpen(now: number, out: SessionAction[]): void {
    this.timers.stop('delayOpen');
    this.timers.armLargeHold(now);
    this.#sendLocalOpen(out);
    this.#state = 'open-sent';
  }

  /** RFC 4271 §8.2.2, OpenSent, event 19; with DelayOpen running (event 20) our OPEN goes first. */
  #confirm(negotiated: Negotiated, now: number, out: SessionAction[]): void {
    this.timers.stop('delayOpen');
    if (this.#state === 'delay-open') this.#sendLocalOpen(out);
    out.push({ type: 'codec', connection: this.id, codec: negotiated.codec });
    out.push({ type: 'send', connection: this.id, bytes: keepaliveBytes });
    this.timers.armNegotiated(negotiated, now, this.#context.services.random);
    this.#state = 'open-confirm';
  }

  /** What the OPEN carried is what we sent, or would have sent had it come later. */
  #receiveOpen(open: OpenMessage, now: number): Outcome {
    const settings = this.#context.settings();
    this.#localOpen ??= buildOpen(settings, this.#context.restartState());
    try {
      this.#negotiated = negotiate(settings, this.#localOpen, open);
    } catch (error) {
      if (error instanceof NotificationError) return ended(wireError(error));
      throw error;
    }
    this.timers.touch(now);
    return { type: 'opened' };
  }

  #sendLocalOpen(out: SessionAction[]): void {
    this.#localOpen ??= buildOpen(this.#context.settings(), this.#context.restartState());
    out.push({ type: 'send', connection: this.id, bytes: encodeOpen(this.#localOpen) });
  }

  #keepalive(now: number, out: SessionAction[]): undefined {
    out.push({ type: 'send', connection: this.id, bytes: keepaliveBytes });
    const interval = this.#negotiated?.keepaliveSeconds ?? 0;
    this.timers.armKeepalive(interval, now, this.#context.services.random);
  }

  /** RFC 9687 §3.2: no progress for this long ends the session; not where hold timers are switched off. */
  #sendBlocked(now: number): undefined {
    const { sendHoldSeconds } = this.#context.settings();
    const applies = this.#state === 'established' && this.#negotiated?.holdTimeSeconds !== 0;
    if (!applies || sendHoldSeconds === 0) return;
    this.timers.armOnce('sendHold', now + sendHoldSeconds * 1_000);
  }
}

function ended(ending: Ending): Outcome {
  return { type: 'ended', ending };
}

function isKeepalive(event: ConnectionEvent): boolean {
  return event.type === 'message' && event.message.type === 'keepalive';
}

/** What no state after our OPEN wants: an error, a NOTIFICATION, or a message out of place (RFC 6608 §4). */
function refuse(event: ConnectionEvent, subcode: number): Outcome | undefined {
  switch (event.type) {
    case 'wire-error':
      return ended(wireError(event.error));
    case 'update':
      return ended(unexpectedMessage(subcode, 'update'));
    case 'message':
      if (event.message.type === 'notification') return ended(notificationReceived(event.message));
      return ended(unexpectedMessage(subcode, event.message.type));
    default:
      return undefined;
  }
}

function unexpectedMessage(
  subcode: number,
  type: Exclude<ControlMessage['type'], 'notification'> | 'update',
): Ending {
  return protocolError(fsmError(subcode, messageTypes[type]), `unexpected ${type}`);
}

const messageTypes = {
  open: MessageType.open,
  update: MessageType.update,
  keepalive: MessageType.keepalive,
  'route-refresh': MessageType.routeRefresh,
} as const;
