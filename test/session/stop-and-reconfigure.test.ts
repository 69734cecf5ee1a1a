/** Stops and what the peer is told, restarts after them, new settings on a running session, and odds and ends. */
import { describe, expect, test } from 'vitest';
import { familyKey, ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import type { SessionSettings, StopReason } from '../../src/session/contract.ts';
import { needsReset } from '../../src/session/reconfigure.ts';
import { Drive } from './drive.ts';
import { baseSettings, settingsWith } from './session-fixture.ts';

const maximum = (restartSeconds: number | undefined): StopReason => ({
  type: 'maximum-prefixes',
  family: ipv6Unicast,
  limit: 0x01020304,
  restartSeconds,
});

describe('the local address comes', () => {
  const comes = (drive: Drive) => drive.session.handle({ type: 'local-address-up' }, drive.now);

  test('an attempt that failed for want of it is made again at once', () => {
    const drive = new Drive().start().fails(1);
    expect(drive.session.snapshot().state).toBe('active');
    expect(comes(drive)).toMatchObject([
      { type: 'connect', connection: 2 },
      { type: 'state', to: 'connect' },
    ]);
  });

  test.each<readonly [string, () => Drive]>([
    ['while an attempt is under way', () => new Drive().start()],
    ['on an established session', () => new Drive().establish()],
    ['with an incoming connection', () => new Drive().start().fails(1).incoming(70)],
    ['against an operator', () => new Drive().establish().stop({ type: 'admin-shutdown', message: '' })],
    ['where we only wait for the peer', () => new Drive(settingsWith({ passive: true })).start()],
  ])('changes nothing %s', (_what, drive) => {
    expect(comes(drive())).toEqual([]);
  });
});

describe('a stop: what is sent, and when we come back', () => {
  const cases: readonly (readonly [string, StopReason, string | undefined, number | undefined])[] = [
    ['admin shutdown', { type: 'admin-shutdown', message: 'ab' }, '6/2 026162', undefined],
    ['without a message', { type: 'admin-shutdown', message: '' }, '6/2', undefined],
    ['admin reset', { type: 'admin-reset', message: 'x' }, '6/4 0178', 5_000],
    ['de-configured', { type: 'peer-deconfigured' }, '6/3', undefined],
    ['configuration change', { type: 'configuration-change' }, '6/6', 5_000],
    ['rejected', { type: 'connection-rejected' }, '6/5', 5_000],
    ['out of resources', { type: 'out-of-resources' }, '6/8', 5_000],
    ['maximum prefixes with a restart', maximum(30), '6/1 00020101020304', 30_000],
    ['maximum prefixes for good', maximum(undefined), '6/1 00020101020304', undefined],
    ['silent', { type: 'silent' }, undefined, undefined],
  ];
  test.each(cases)('%s', (_, reason, notification, backAfterMs) => {
    const drive = new Drive().establish().stop(reason);
    const send = notification === undefined ? [] : [`send 1 NOTIFICATION ${notification}`];
    expect(drive.said).toEqual([...send, 'close 1 flush', 'down stopped keep 0', 'established > idle']);
    expect(drive.session.nextDeadline()).toBe(backAfterMs ?? Number.POSITIVE_INFINITY);
    expect(drive.incoming(70).said).toEqual(['close 70 flush']);
    if (backAfterMs === undefined) drive.start();
    else drive.after(backAfterMs);
    expect(drive.said).toEqual(['connect 2', 'idle > connect']);
  });

  test('automatic-start does not go against an operator', () => {
    const drive = new Drive().establish().stop({ type: 'admin-shutdown', message: '' });
    expect(drive.session.handle({ type: 'automatic-start' }, drive.now)).toEqual([]);
    expect(drive.session.snapshot()).toMatchObject({ state: 'idle', adminDown: true });
  });

  test('two connections: both are told', () => {
    const drive = new Drive().start().outgoing(1).incoming(70).stop({ type: 'peer-deconfigured' });
    expect(drive.said.filter((action) => action.startsWith('send'))).toEqual([
      'send 1 NOTIFICATION 6/3',
      'send 70 NOTIFICATION 6/3',
    ]);
    expect(drive.session.connections).toEqual([]);
  });

  test('a shutdown communication is cut between characters at 255 octets (RFC 9003 §2)', () => {
    const drive = new Drive().establish().stop({ type: 'admin-shutdown', message: 'é'.repeat(200) });
    expect(drive.said[0]).toBe(`send 1 NOTIFICATION 6/2 fe${'c3a9'.repeat(127)}`);
  });
});

describe('new settings', () => {
  const changes: readonly (readonly [Partial<SessionSettings>, boolean])[] = [
    [{}, false],
    [{ localAs: 1 }, true],
    [{ remoteAs: 1 }, true],
    [{ routerId: 1 }, true],
    [{ peerAddress: IpAddress.fromUint32(7) }, true],
    [{ peerAddress: IpAddress.fromBytes(baseSettings.peerAddress.bytes) }, false],
    [{ families: [ipv4Unicast] }, true],
    [{ families: [...baseSettings.families] }, false],
    [{ addPath: [{ family: ipv4Unicast, mode: 'send' }] }, true],
    [{ extendedNextHop: [ipv4Unicast] }, true],
    [{ extendedMessage: false }, true],
    [{ enhancedRouteRefresh: false }, true],
    [{ fourOctetAs: false }, true],
    [{ gracefulRestart: { restartTimeSeconds: 1, notification: true, families: [] } }, true],
    [{ holdTimeSeconds: 30 }, false],
    [{ keepaliveSeconds: 5 }, false],
    [{ connectRetrySeconds: 5 }, false],
    [{ delayOpenSeconds: 5 }, false],
    [{ idleHoldSeconds: 1, idleHoldMaxSeconds: 2 }, false],
    [{ sendHoldSeconds: 9 }, false],
    [{ passive: true }, false],
    [{ hostName: 'other' }, false],
    [{ adminDown: { message: '' } }, false],
  ];
  test.each(changes)('%j: reset %s', (change, expected) => {
    const changed = settingsWith(change);
    expect(needsReset(baseSettings, changed)).toBe(expected);
    const drive = new Drive().establish();
    const states = drive.session.reconfigure(changed, 0).filter(({ type }) => type === 'state');
    expect(states.length > 0).toBe(expected || changed.adminDown !== undefined);
    expect(drive.session.settings).toBe(changed);
  });

  test('a change that needs it resets with Cease/6 and comes back with the new settings', () => {
    const drive = new Drive().establish();
    const actions = drive.session.reconfigure(settingsWith({ localAs: 65123 }), 0);
    expect(actions.map(({ type }) => type)).toEqual(['send', 'close', 'down', 'state']);
    const open = drive.after(5_000).outgoing(2).actions[0];
    if (open.type !== 'send') throw new Error('no OPEN');
    expect([open.bytes[20], open.bytes[21]]).toEqual([65123 >> 8, 65123 & 255]);
  });

  test('a new keepalive interval counts from now on', () => {
    const drive = new Drive().establish();
    drive.session.reconfigure(settingsWith({ keepaliveSeconds: 4 }), 0);
    expect(drive.session.snapshot().timers.keepalive).toBe(3_500);
    expect(drive.session.snapshot().negotiated?.keepaliveSeconds).toBe(4);
  });

  test('shut down by settings, and started by them again', () => {
    const drive = new Drive().establish();
    const down = settingsWith({ adminDown: { message: 'x' } });
    expect(drive.session.reconfigure(down, 0)).toContainEqual(
      expect.objectContaining({ type: 'close', connection: 1 }),
    );
    expect(drive.start().said).toEqual([]);
    expect(drive.session.snapshot().adminDown).toBe(true);
    expect(drive.session.reconfigure(settingsWith(), 0).map(({ type }) => type)).toEqual([
      'connect',
      'state',
    ]);
    expect(drive.session.snapshot().adminDown).toBe(false);
  });

  test('passive gives up a pending attempt, active makes one', () => {
    const drive = new Drive().start();
    drive.session.reconfigure(settingsWith({ passive: true }), 0);
    expect(drive.session.state).toBe('active');
    expect(drive.session.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    drive.session.reconfigure(settingsWith(), 0);
    expect(drive.session.state).toBe('connect');
  });

  test('a session that was never started is not started by new settings', () => {
    const drive = new Drive();
    expect(drive.session.reconfigure(settingsWith({ localAs: 1 }), 0)).toEqual([]);
    expect(drive.session.state).toBe('idle');
  });
});

describe('route refresh', () => {
  const evpn = familyKey(25, 70);

  test.each([
    [true, ipv4Unicast, 0, 1, ['route-refresh 257/0']],
    [true, ipv4Unicast, 1, 1, ['route-refresh 257/1']],
    [true, ipv4Unicast, 2, 1, ['route-refresh 257/2']],
    [true, evpn, 0, 0, []],
    [false, ipv4Unicast, 0, 1, ['route-refresh 257/0']],
    // RFC 2918 §3: the octet is reserved there, and ignored.
    [false, ipv4Unicast, 1, 0, ['route-refresh 257/0']],
    [false, ipv4Unicast, 5, 0, ['route-refresh 257/0']],
  ] as const)(
    'enhanced %s, family %i, subtype %i: %i sent, taken: %j',
    (enhanced, family, subtype, sent, taken) => {
      const drive = new Drive({}, { enhancedRouteRefresh: enhanced }).establish();
      if (subtype <= 2)
        expect(drive.session.sendRouteRefresh(family, subtype as 0 | 1 | 2)).toHaveLength(sent);
      expect(drive.hears(1, { type: 'route-refresh', family, subtype }).said).toEqual(taken);
    },
  );

  test('enhanced: an unknown subtype is ignored (RFC 7313 §5)', () => {
    const drive = new Drive({}, { enhancedRouteRefresh: true }).establish();
    expect(drive.hears(1, { type: 'route-refresh', family: ipv4Unicast, subtype: 77 }).said).toEqual([]);
  });

  test('other subtypes are ignored (RFC 7313 §5)', () => {
    const drive = new Drive().establish();
    expect(drive.hears(1, { type: 'route-refresh', family: ipv4Unicast, subtype: 3 }).said).toEqual([]);
  });

  test('nothing before Established', () => {
    expect(new Drive().start().outgoing(1).hears(1).session.sendRouteRefresh(ipv4Unicast, 0)).toEqual([]);
  });
});

describe('the snapshot', () => {
  test('tells why the session is not up', () => {
    const drive = new Drive().establish();
    expect(drive.session.snapshot()).toMatchObject({
      lastDown: undefined,
      establishedCount: 1,
      stateSince: 0,
    });
    drive.after(7_000).keepalive(1).notified(1, 6, 4);
    expect(drive.session.snapshot()).toMatchObject({
      state: 'idle',
      stateSince: 7_000,
      lastDown: { at: 7_000, reason: { type: 'notification-received', code: 6, subcode: 4 } },
      timers: { idleHold: 12_000 },
    });
    drive.after(5_000).fails(2);
    expect(drive.session.snapshot()).toMatchObject({
      lastDown: { at: 7_000 },
      lastFailure: { at: 12_000, reason: { type: 'connect-failed', detail: 'reset' } },
    });
  });

  test('names the timers that run', () => {
    const { timers } = new Drive().establish().session.snapshot();
    expect(Object.keys(timers).sort()).toEqual(['hold', 'keepalive']);
  });
});
