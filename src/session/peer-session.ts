/**
 * One peer's protocol state: when to connect, how long to rest after an error, what the rest of the speaker
 * is told. Sans-IO: events and the time in, actions out (contract.ts). The machine of one connection is fsm.ts,
 * which of two survives connections.ts. Owns no routes and no bytes of UPDATEs. RFC 4271 §8.
 */
import { assertNever } from '../net/assert-never.ts';
import type { FamilyKey } from '../net/family.ts';
import { encodeRouteRefresh } from '../wire/route-refresh.ts';
import { BackOff } from './back-off.ts';
import { Connections } from './connections.ts';
import type {
  ConnectionId,
  FsmState,
  SessionAction,
  SessionDownReason,
  SessionEvent,
  SessionServices,
  SessionSettings,
  SessionSnapshot,
  StopReason,
} from './contract.ts';
import { connectFailed, type Ending, stopped } from './ending.ts';
import type { ConnectionFsm } from './fsm.ts';
import { restartStateForOpen, retentionAfter } from './graceful-restart.ts';
import { stopRow } from './notification.ts';
import { needsReset } from './reconfigure.ts';
import { connectRetryDelay, never } from './timers.ts';

const nothing: readonly SessionAction[] = [];

export class PeerSession {
  #settings: SessionSettings;
  readonly #services: SessionServices;
  readonly #connections: Connections;
  readonly #backOff = new BackOff();

  /** Idle in two kinds: `stopped` until somebody starts it, `held` until the idle hold timer fires. */
  #mode: 'stopped' | 'held' | 'running' = 'stopped';
  #connectRetryAt = never;
  #idleHoldAt = never;

  #state: FsmState = 'idle';
  #stateSince = 0;
  #establishedCount = 0;
  #stoppedBy: StopReason | undefined;
  #lastDown: SessionSnapshot['lastDown'];
  #lastFailure: SessionSnapshot['lastDown'];

  constructor(settings: SessionSettings, services: SessionServices) {
    this.#settings = settings;
    this.#services = services;
    const context = {
      services,
      settings: () => this.#settings,
      restartState: () => restartStateForOpen(services.restartState(), this.#establishedCount > 0),
    };
    this.#connections = new Connections(context, {
      sessionUp: (connection, now, out) => this.#sessionUp(connection, now, out),
      sessionDown: (connection, ending, now, out) => this.#sessionDown(connection, ending, now, out),
    });
  }

  get state(): FsmState {
    return this.#state;
  }

  get settings(): SessionSettings {
    return this.#settings;
  }

  /** The Established connection. */
  get connection(): ConnectionId | undefined {
    return this.#connections.established?.id;
  }

  /** Every connection this session has not yet closed or seen end. */
  get connections(): readonly ConnectionId[] {
    return this.#connections.all.map(({ id }) => id);
  }

  /**
   * A whole UPDATE came in: what `handle` does for an `update` event, without an object. False when this is not
   * the Established connection: then hand the event to `handle`, it is an error of the peer's.
   */
  touch(connection: ConnectionId, now: number): boolean {
    const { established } = this.#connections;
    if (established === undefined || established.id !== connection) return false;
    established.timers.touch(now);
    return true;
  }

  /** All that was sent has left: as `touch`, for a `send-progress` event. */
  progress(connection: ConnectionId): boolean {
    const { established } = this.#connections;
    if (established === undefined || established.id !== connection) return false;
    established.timers.stop('sendHold');
    return true;
  }

  handle(event: SessionEvent, now: number): readonly SessionAction[] {
    if (event.type === 'update' && this.touch(event.connection, now)) return nothing;
    if (event.type === 'send-progress' && this.progress(event.connection)) return nothing;
    const out: SessionAction[] = [];
    switch (event.type) {
      case 'manual-start':
        this.#manualStart(now, out);
        break;
      case 'automatic-start':
        // RFC 4271 §8.1.1: not against an operator, and not before the idle hold time is over.
        if (this.#mode === 'stopped' && this.#stoppedBy === undefined) this.#manualStart(now, out);
        break;
      case 'manual-stop':
        this.#stop(event.reason, now, out);
        break;
      case 'local-address-up':
        if (this.#waitsToRetry) this.#connectRetry(now, out);
        break;
      default:
        if (this.#mode !== 'running') this.#connections.refuse(event, out);
        else this.#settle(this.#connections.handle(event, now, out), now, out);
    }
    return out;
  }

  /** Fires what is due. Late calls are fine: every timer fires once. */
  advance(now: number): readonly SessionAction[] {
    if (this.nextDeadline() > now) return nothing;
    const out: SessionAction[] = [];
    for (const connection of this.#connections.all) {
      while (connection.timers.nextDeadline() <= now) {
        this.#settle(this.#connections.advance(connection, now, out), now, out);
      }
    }
    if (this.#idleHoldAt <= now) this.#start(now, out);
    if (this.#connectRetryAt <= now) this.#connectRetry(now, out);
    return out;
  }

  /** Host milliseconds at which `advance` wants to be called, Infinity for never. */
  nextDeadline(): number {
    let at = Math.min(this.#connectRetryAt, this.#idleHoldAt);
    for (const { timers } of this.#connections.all) at = Math.min(at, timers.nextDeadline());
    return at;
  }

  /**
   * New settings. Where `needsReset` says so, a running session is reset with Cease/6; otherwise it stays.
   * `adminDown` stops it, and its removal starts it again.
   */
  reconfigure(settings: SessionSettings, now: number): readonly SessionAction[] {
    const out: SessionAction[] = [];
    const old = this.#settings;
    if (settings.adminDown !== undefined && this.#mode !== 'stopped') {
      this.#stop({ type: 'admin-shutdown', message: settings.adminDown.message }, now, out);
    } else if (this.#mode === 'running' && needsReset(old, settings)) {
      this.#stop({ type: 'configuration-change' }, now, out);
    }
    this.#settings = settings;
    if (old.adminDown !== undefined && settings.adminDown === undefined) this.#manualStart(now, out);
    if (this.#mode === 'running') this.#applySettings(now, out);
    return out;
  }

  /** RFC 2918 §3, RFC 7313 §4: nothing where the peer does not understand it. */
  sendRouteRefresh(family: FamilyKey, subtype: 0 | 1 | 2): readonly SessionAction[] {
    const connection = this.#connections.established;
    const negotiated = connection?.negotiated;
    if (connection === undefined || !negotiated?.codec.families.has(family)) return nothing;
    if (!(subtype === 0 ? negotiated.routeRefresh : negotiated.enhancedRouteRefresh)) return nothing;
    const bytes = encodeRouteRefresh(family, subtype);
    return [{ type: 'send', connection: connection.id, bytes }];
  }

  snapshot(): SessionSnapshot {
    const shown = this.#connections.mostAdvanced;
    const timers: Record<string, number> = { ...shown?.timers.armed() };
    if (this.#connectRetryAt !== never) timers.connectRetry = this.#connectRetryAt;
    if (this.#idleHoldAt !== never) timers.idleHold = this.#idleHoldAt;
    return {
      state: this.#state,
      stateSince: this.#stateSince,
      establishedCount: this.#establishedCount,
      lastDown: this.#lastDown,
      lastFailure: this.#lastFailure,
      negotiated: shown?.negotiated,
      adminDown: this.#settings.adminDown !== undefined || this.#stoppedBy?.type === 'admin-shutdown',
      timers,
    };
  }

  // Starting and stopping

  #manualStart(now: number, out: SessionAction[]): void {
    if (this.#settings.adminDown !== undefined || this.#mode === 'running') return;
    this.#backOff.reset();
    this.#start(now, out);
  }

  #start(now: number, out: SessionAction[]): void {
    this.#mode = 'running';
    this.#stoppedBy = undefined;
    this.#idleHoldAt = never;
    // RFC 4271 §8.2.2, events 4 and 5: a passive peer waits in Active.
    if (!this.#settings.passive) this.#connect(now, out);
    this.#publish(undefined, now, out);
  }

  #connect(now: number, out: SessionAction[]): void {
    this.#connections.connect(out);
    this.#armConnectRetry(now);
  }

  #armConnectRetry(now: number): void {
    const { passive, connectRetrySeconds } = this.#settings;
    this.#connectRetryAt = passive
      ? never
      : now + connectRetryDelay(connectRetrySeconds, this.#services.random);
  }

  /** Active, with nothing under way until the ConnectRetryTimer expires. */
  get #waitsToRetry(): boolean {
    const { alive, pending } = this.#connections;
    return this.#connectRetryAt !== never && !alive && !pending;
  }

  /** RFC 4271 §8.2.2, event 9: give up the pending attempt, make another. */
  #connectRetry(now: number, out: SessionAction[]): void {
    this.#connectRetryAt = never;
    if (this.#connections.pending) this.#failed(connectFailed('no answer', 'retry'), now);
    this.#connections.closePending(out);
    // With another connection under way there is nothing to retry.
    if (!this.#connections.alive) this.#connect(now, out);
    this.#publish(undefined, now, out);
  }

  #stop(reason: StopReason, now: number, out: SessionAction[]): void {
    const endingOf = (connection: ConnectionFsm) =>
      stopped(reason, {
        hardResetAllowed:
          connection.state === 'established' && connection.negotiated?.gracefulNotification === true,
      });
    this.#connections.closeAll(endingOf, now, out);
    this.#idle(this.#restAfter(reason), now);
    this.#stoppedBy = this.#mode === 'stopped' ? reason : undefined;
    this.#publish({ type: 'stopped', reason }, now, out);
  }

  /** Milliseconds in Idle after a stop; Infinity until manual-start. */
  #restAfter(reason: StopReason): number {
    if (this.#mode === 'stopped') return never;
    const { sequel } = stopRow(reason);
    switch (sequel) {
      case 'stopped':
        return never;
      case 'restart':
        return this.#backOff.uncounted(this.#settings);
      case 'restart-counted':
        return this.#backOff.afterError(this.#settings);
      case 'restart-after-delay': {
        const seconds = reason.type === 'maximum-prefixes' ? reason.restartSeconds : undefined;
        return seconds === undefined ? never : seconds * 1_000;
      }
      default:
        return assertNever(sequel);
    }
  }

  #idle(restMs: number, now: number): void {
    this.#mode = restMs === never ? 'stopped' : 'held';
    this.#idleHoldAt = now + restMs;
    this.#connectRetryAt = never;
  }

  #applySettings(now: number, out: SessionAction[]): void {
    for (const connection of this.#connections.all) connection.reconfigured(now);
    if (this.#settings.passive) {
      this.#connections.closePending(out);
      this.#connectRetryAt = never;
    } else if (this.#connections.all.length === 0 && this.#connectRetryAt === never) this.#connect(now, out);
    this.#publish(undefined, now, out);
  }

  // What became of a connection

  #sessionUp(connection: ConnectionFsm, now: number, out: SessionAction[]): void {
    const { id, negotiated, localAddress } = connection;
    if (negotiated === undefined || localAddress === undefined) return;
    this.#establishedCount++;
    this.#lastFailure = undefined;
    // One Established connection took the place of another.
    if (this.#state === 'established') this.#changeState('open-confirm', undefined, now, out);
    this.#publish(undefined, now, out);
    out.push({ type: 'established', connection: id, negotiated, localAddress });
  }

  #sessionDown(connection: ConnectionFsm, ending: Ending, now: number, out: SessionAction[]): void {
    const { negotiated, establishedSince } = connection;
    if (negotiated === undefined) return;
    this.#lastDown = { at: now, reason: ending.reason };
    this.#backOff.sessionEnded(now - establishedSince, this.#settings);
    out.push({ type: 'down', reason: ending.reason, ...retentionAfter(negotiated, ending.farewell) });
  }

  #failed(ending: Ending, now: number): void {
    this.#lastFailure = { at: now, reason: ending.reason };
  }

  /** After every event and timer: what is to be done when a connection ended, and which timers run. */
  #settle(ending: Ending | undefined, now: number, out: SessionAction[]): void {
    if (ending !== undefined) {
      if (this.#state !== 'established') this.#failed(ending, now);
      if (!this.#connections.alive) {
        this.#afterLast(ending, now, out);
        return;
      }
    }
    // RFC 4271 §8.2.2: with TCP up and no attempt pending the ConnectRetryTimer stands still.
    if (this.#connections.alive && !this.#connections.pending) this.#connectRetryAt = never;
    this.#publish(ending?.reason, now, out);
  }

  /** No connection has TCP up any more. */
  #afterLast(ending: Ending, now: number, out: SessionAction[]): void {
    const wasEstablished = this.#state === 'established';
    if (ending.sequel === 'retry' && !wasEstablished) {
      if (!this.#connections.pending) this.#armConnectRetry(now);
      this.#publish(ending.reason, now, out);
      return;
    }
    this.#connections.closePending(out);
    const restMs = this.#restAfterEnding(ending);
    this.#idle(restMs, now);
    this.#publish(ending.reason, now, out);
    if (restMs === 0) this.#start(now, out);
  }

  #restAfterEnding(ending: Ending): number {
    switch (ending.sequel) {
      case 'uncounted':
        return this.#backOff.uncounted(this.#settings);
      case 'lost':
      case 'retry':
        return this.#backOff.afterLoss(this.#settings);
      default:
        return this.#backOff.afterError(this.#settings);
    }
  }

  #publish(reason: SessionDownReason | undefined, now: number, out: SessionAction[]): void {
    const to = this.#mode === 'running' ? this.#connections.state : 'idle';
    if (to !== this.#state) this.#changeState(to, reason, now, out);
  }

  #changeState(to: FsmState, reason: SessionDownReason | undefined, now: number, out: SessionAction[]): void {
    const from = this.#state;
    const lost = from === 'established' ? this.#lastDown?.reason : undefined;
    this.#state = to;
    this.#stateSince = now;
    out.push({ type: 'state', from, to, reason: reason ?? lost });
  }
}
