/** Whatever happens, in whatever order: no throw, no orphan, one session at most, and always a way on. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import type { SessionEvent, SessionSettings, StopReason } from '../../src/session/contract.ts';
import { PeerSession } from '../../src/session/peer-session.ts';
import { NotificationError } from '../../src/wire/errors.ts';
import type { ControlMessage } from '../../src/wire/messages.ts';
import { HostModel } from './host-model.ts';
import { localAddress, peerOpen, settingsWith, testServices } from './session-fixture.ts';
import { seeded } from './two-speakers.ts';

const base = settingsWith();
const gracefulRestart = { restartTimeSeconds: 60, notification: true, families: [ipv4Unicast] };
const opens = [
  peerOpen(base),
  peerOpen(base, { routerId: 0x09000001 }),
  peerOpen(base, { gracefulRestart }),
  peerOpen(base, { holdTimeSeconds: 0 }),
  peerOpen(base, { holdTimeSeconds: 3 }),
  peerOpen(base, { localAs: 7 }),
];

const message: fc.Arbitrary<ControlMessage> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...opens) },
  { weight: 6, arbitrary: fc.constant({ type: 'keepalive' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('notification' as const),
      code: fc.constantFrom(2, 3, 4, 6, 99),
      subcode: fc.constantFrom(0, 1, 2, 7, 9),
      data: fc.uint8Array({ maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('route-refresh' as const),
      family: fc.constantFrom(ipv4Unicast, ipv6Unicast),
      subtype: fc.nat(3),
    }),
  },
);

const stop: fc.Arbitrary<StopReason> = fc.constantFrom<StopReason[]>(
  { type: 'admin-shutdown', message: 'bye' },
  { type: 'admin-reset', message: '' },
  { type: 'peer-deconfigured' },
  { type: 'connection-rejected' },
  { type: 'maximum-prefixes', family: ipv4Unicast, limit: 1, restartSeconds: 3 },
  { type: 'silent' },
);

const settings: fc.Arbitrary<SessionSettings> = fc
  .record({
    passive: fc.boolean(),
    delayOpenSeconds: fc.constantFrom(0, 0, 2),
    holdTimeSeconds: fc.constantFrom(90, 9, 0),
    remoteAs: fc.constantFrom(65001, 0),
    gracefulRestart: fc.constantFrom(undefined, gracefulRestart),
    adminDown: fc.constantFrom(undefined, undefined, undefined, { message: 'x' }),
    sendHoldSeconds: fc.constantFrom(0, 5),
  })
  .map(settingsWith);

type Step =
  | { readonly do: 'simple'; readonly what: SimpleStep }
  | { readonly do: 'stop'; readonly reason: StopReason }
  | { readonly do: 'message'; readonly message: ControlMessage }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'lag'; readonly milliseconds: number }
  | { readonly do: 'reconfigure'; readonly settings: SessionSettings };

type SimpleStep =
  | 'start'
  | 'handshake'
  | 'incoming'
  | 'up'
  | 'fail'
  | 'update'
  | 'wire-error'
  | 'blocked'
  | 'progress';

const simple = (weight: number, ...names: SimpleStep[]) => ({
  weight,
  arbitrary: fc.constantFrom(...names).map((what): Step => ({ do: 'simple', what })),
});

const action: fc.Arbitrary<Step> = fc.oneof(
  simple(14, 'up', 'up', 'handshake', 'handshake', 'start', 'incoming'),
  simple(1, 'fail', 'update', 'wire-error', 'blocked', 'progress'),
  { weight: 14, arbitrary: message.map((content): Step => ({ do: 'message', message: content })) },
  { weight: 1, arbitrary: stop.map((reason): Step => ({ do: 'stop', reason })) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(1, 300, 1_000, 6_000, 40_000, 300_000)
      .map((milliseconds): Step => ({ do: 'wait', milliseconds })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 5_000, Infinity).map((ms): Step => ({ do: 'lag', milliseconds: ms })),
  },
  { weight: 1, arbitrary: settings.map((changed): Step => ({ do: 'reconfigure', settings: changed })) },
);

/** `pick` chooses among the host's live connections. */
const step = fc.record({ pick: fc.nat(30), action });

class World {
  readonly services = testServices();
  readonly session: PeerSession;
  readonly host: HostModel;
  now = 1_000;

  constructor(own: SessionSettings, seed: number) {
    const random = seeded(seed);
    this.session = new PeerSession(own, { ...this.services, random, hostReadLag: () => this.services.lag });
    this.host = new HostModel(this.session);
  }

  play(pick: number, step: Step): void {
    const live = this.host.live;
    // Now and then a connection nobody knows.
    const connection = live.length === 0 || pick === 0 ? 9_999 : live[pick % live.length];
    switch (step.do) {
      case 'simple':
        this.#playSimple(step.what, connection);
        break;
      case 'message':
        this.host.tell({ type: 'message', connection, message: step.message }, this.now);
        break;
      case 'stop':
        this.host.tell({ type: 'manual-stop', reason: step.reason }, this.now);
        break;
      case 'lag':
        this.services.lag = step.milliseconds;
        break;
      case 'reconfigure':
        this.host.take(this.session.reconfigure(step.settings, this.now));
        break;
      case 'wait':
        this.now += step.milliseconds;
        this.host.take(this.session.advance(this.now));
        expect(this.session.nextDeadline()).toBeGreaterThan(this.now);
    }
  }

  #playSimple(what: SimpleStep, connection: number): void {
    if (what === 'incoming') this.#up(this.services.nextId++, 'incoming');
    else if (what === 'handshake') this.#handshake(connection);
    else if (what !== 'up') this.host.tell(simpleEvents[what](connection), this.now);
    else if (this.host.live.includes(connection)) this.#up(connection, 'outgoing');
  }

  /** What a good peer says; cut short when the session closes the connection. */
  #handshake(connection: number): void {
    for (const content of [opens[0], { type: 'keepalive' } as const]) {
      this.host.tell({ type: 'message', connection, message: content }, this.now);
    }
  }

  #up(connection: number, direction: 'incoming' | 'outgoing'): void {
    this.host.tell({ type: 'tcp-established', connection, direction, localAddress }, this.now);
  }
}

const simpleEvents: Record<
  Exclude<SimpleStep, 'up' | 'incoming' | 'handshake'>,
  (connection: number) => SessionEvent
> = {
  start: () => ({ type: 'manual-start' }),
  fail: (connection) => ({ type: 'tcp-failed', connection, detail: '' }),
  update: (connection) => ({ type: 'update', connection }),
  'wire-error': (connection) => ({ type: 'wire-error', connection, error: new NotificationError(3, 1) }),
  blocked: (connection) => ({ type: 'send-blocked', connection }),
  progress: (connection) => ({ type: 'send-progress', connection }),
};

test('random events keep every promise', () => {
  let established = 0;
  fc.assert(
    fc.property(
      settings,
      fc.integer(),
      fc.array(step, { minLength: 30, maxLength: 120 }),
      (own, seed, steps) => {
        const world = new World(own, seed);
        world.host.tell({ type: 'manual-start' }, world.now);
        for (const each of steps) world.play(each.pick, each.action);
        established += world.session.snapshot().establishedCount;
        world.host.tell({ type: 'manual-stop', reason: { type: 'peer-deconfigured' } }, world.now);
        expect(world.host.live).toEqual([]);
        expect(world.session.nextDeadline()).toBe(Infinity);
      },
    ),
    { numRuns: 5_000 },
  );
  // The walk is worth something only if it gets there.
  expect(established).toBeGreaterThan(1_000);
});

test('an UPDATE on the Established connection makes nothing new', () => {
  const world = new World(base, 1);
  for (const what of ['start', 'up', 'handshake'] as const) world.play(1, { do: 'simple', what });
  expect(world.session.state).toBe('established');
  const first = world.session.handle({ type: 'update', connection: 1 }, 2_000);
  expect(first).toEqual([]);
  expect(world.session.handle({ type: 'update', connection: 1 }, 3_000)).toBe(first);
});
