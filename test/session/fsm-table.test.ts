/**
 * Every state against every event of RFC 4271 §8.1 (and RFC 9687's): the next state, the actions in order and
 * the exact NOTIFICATION. A row that is empty but for its state says that the event is ignored there.
 */
import { describe, expect, test } from 'vitest';
import { familyKey, ipv4Unicast } from '../../src/net/family.ts';
import type {
  ConnectionId,
  FsmState,
  SessionAction,
  SessionSettings,
  StopReason,
} from '../../src/session/contract.ts';
import { PeerSession } from '../../src/session/peer-session.ts';
import { NotificationError } from '../../src/wire/errors.ts';
import type { ControlMessage } from '../../src/wire/messages.ts';
import { namedStates, type Row, statesBetween } from './fsm-rows.ts';
import { describeActions, localAddress, peerOpen, settingsWith, testServices } from './session-fixture.ts';

const settings = settingsWith({ sendHoldSeconds: 20 });
const delayed = settingsWith({ delayOpenSeconds: 20 });
const open = peerOpen(settings);
const startAt = 1_000;

interface Preparation {
  readonly state: FsmState;
  readonly settings: SessionSettings;
  readonly steps: readonly ((session: PeerSession) => unknown)[];
  /** The connection the event is about. */
  readonly subject: ConnectionId;
}

const start = (session: PeerSession) => session.handle({ type: 'manual-start' }, startAt);
const up = (direction: 'incoming' | 'outgoing', connection: ConnectionId) => (session: PeerSession) =>
  session.handle({ type: 'tcp-established', connection, direction, localAddress }, startAt);
const failed = (session: PeerSession) =>
  session.handle({ type: 'tcp-failed', connection: 1, detail: 'refused' }, startAt);
const hears = (message: ControlMessage, connection: ConnectionId) => (session: PeerSession) =>
  session.handle({ type: 'message', connection, message }, startAt);

const opened = [start, up('outgoing', 1), hears(open, 1)];
const keepalive: ControlMessage = { type: 'keepalive' };
const cease: ControlMessage = { type: 'notification', code: 6, subcode: 2, data: new Uint8Array(0) };

const preparations = {
  idle: { state: 'idle', settings, steps: [], subject: 1 },
  'idle, held': { state: 'idle', settings, steps: [...opened, hears(cease, 1)], subject: 1 },
  connect: { state: 'connect', settings, steps: [start], subject: 1 },
  'connect, DelayOpen': {
    state: 'connect',
    settings: delayed,
    steps: [start, up('outgoing', 1)],
    subject: 1,
  },
  active: { state: 'active', settings, steps: [start, failed], subject: 1 },
  'active, DelayOpen': {
    state: 'active',
    settings: delayed,
    steps: [start, failed, up('incoming', 70)],
    subject: 70,
  },
  'open-sent': { state: 'open-sent', settings, steps: [start, up('outgoing', 1)], subject: 1 },
  'open-confirm': { state: 'open-confirm', settings, steps: opened, subject: 1 },
  established: { state: 'established', settings, steps: [...opened, hears(keepalive, 1)], subject: 1 },
  'established, the other connection parked': {
    state: 'established',
    settings,
    steps: [...opened, up('incoming', 70), hears(keepalive, 1), hears(open, 70)],
    subject: 70,
  },
} as const satisfies Record<string, Preparation>;

type StateName = keyof typeof preparations;

type Apply = (session: PeerSession, now: number, subject: ConnectionId) => readonly SessionAction[];

/** Fires this timer if it runs, at its time. */
const timer =
  (name: string): Apply =>
  (session) => {
    const at = session.snapshot().timers[name];
    return at === undefined ? [] : session.advance(at);
  };

const message =
  (content: ControlMessage): Apply =>
  (session, now, connection) =>
    session.handle({ type: 'message', connection, message: content }, now);

const wireError =
  (error: NotificationError): Apply =>
  (session, now, connection) =>
    session.handle({ type: 'wire-error', connection, error }, now);

const stop =
  (reason: StopReason): Apply =>
  (session, now) =>
    session.handle({ type: 'manual-stop', reason }, now);

const none = new Uint8Array(0);

const events = {
  '1 ManualStart': (session, now) => session.handle({ type: 'manual-start' }, now),
  '2 ManualStop': stop({ type: 'admin-shutdown', message: 'bye' }),
  '3 AutomaticStart': (session, now) => session.handle({ type: 'automatic-start' }, now),
  '8 AutomaticStop': stop({
    type: 'maximum-prefixes',
    family: ipv4Unicast,
    limit: 1000,
    restartSeconds: 60,
  }),
  '9 ConnectRetryTimer_Expires': timer('connectRetry'),
  '10 HoldTimer_Expires': timer('hold'),
  '11 KeepaliveTimer_Expires': timer('keepalive'),
  '12 DelayOpenTimer_Expires': timer('delayOpen'),
  '13 IdleHoldTimer_Expires': timer('idleHold'),
  '16 Tcp_CR_Acked': (session, now) =>
    session.handle({ type: 'tcp-established', connection: 1, direction: 'outgoing', localAddress }, now),
  '17 TcpConnectionConfirmed': (session, now) =>
    session.handle({ type: 'tcp-established', connection: 77, direction: 'incoming', localAddress }, now),
  '18 TcpConnectionFails': (session, now, connection) =>
    session.handle({ type: 'tcp-failed', connection, detail: 'reset' }, now),
  '19 BGPOpen': message(open),
  '21 BGPHeaderErr': wireError(new NotificationError(1, 2, Uint8Array.of(0, 18))),
  '22 BGPOpenMsgErr': message({ ...open, holdTimeSeconds: 2 }),
  '24 NotifMsgVerErr': message({ type: 'notification', code: 2, subcode: 1, data: Uint8Array.of(0, 4) }),
  '25 NotifMsg': message(cease),
  '25 NotifMsg of a collision': message({ type: 'notification', code: 6, subcode: 7, data: none }),
  '26 KeepAliveMsg': message(keepalive),
  '27 UpdateMsg': (session, now, connection) => session.handle({ type: 'update', connection }, now),
  '28 UpdateMsgErr': wireError(new NotificationError(3, 1, none, 'bad list')),
  '29 SendHoldTimer_Expires': (session, now, connection) => [
    ...session.handle({ type: 'send-blocked', connection }, now),
    ...timer('sendHold')(session, now, connection),
  ],
  'ROUTE-REFRESH': message({ type: 'route-refresh', family: ipv4Unicast, subtype: 0 }),
  'ROUTE-REFRESH for another family': message({
    type: 'route-refresh',
    family: familyKey(25, 70),
    subtype: 0,
  }),
} as const satisfies Record<string, Apply>;

type EventName = keyof typeof events;

/** `[state after, ...actions]` */
const table: Record<StateName, Record<EventName, Row>> = { ...namedStates, ...statesBetween };

describe.each(Object.keys(preparations) as StateName[])('%s', (name) => {
  const { state, steps, subject, settings: own } = preparations[name];

  test.each(Object.keys(events) as EventName[])('%s', (event) => {
    const session = new PeerSession(own, testServices());
    for (const step of steps) step(session);
    expect(session.state).toBe(state);
    const actions = events[event](session, startAt + 500, subject);
    expect([session.state, ...describeActions(actions)]).toEqual(table[name][event]);
  });
});
