/** Which routes outlive a session (RFC 4724 §4.2, RFC 8538 §4), and the peer that comes back while we are up. */
import { describe, expect, test } from 'vitest';
import { familyKey, ipv4Unicast } from '../../src/net/family.ts';
import type { SessionAction, StopReason } from '../../src/session/contract.ts';
import { NotificationError } from '../../src/wire/errors.ts';
import { decodeOpen } from '../../src/wire/open.ts';
import { Drive } from './drive.ts';

const restart = (notification: boolean) => ({
  gracefulRestart: { restartTimeSeconds: 77, notification, families: [ipv4Unicast, familyKey(25, 70)] },
});

/** Established under RFC 4724 only, under RFC 8538, or with neither. */
const sessions = {
  none: () => new Drive().establish(),
  'RFC 4724': () => new Drive(restart(true), restart(false)).establish(),
  'RFC 8538': () => new Drive(restart(true)).establish(),
  'helper only': () =>
    new Drive(restart(true), {
      gracefulRestart: { ...restart(true).gracefulRestart, families: [] },
    }).establish(),
} as const;

type Kind = keyof typeof sessions;

function downOf(drive: Drive) {
  const down = drive.actions.find((action) => action.type === 'down');
  return down?.type === 'down' ? down : undefined;
}

const stop = (reason: StopReason) => (drive: Drive) => drive.stop(reason);

/** [how it ends, kinds in which routes are kept] */
const endings: readonly (readonly [string, (drive: Drive) => unknown, readonly Kind[]])[] = [
  ['TCP fails', (drive) => drive.fails(1), ['RFC 4724', 'RFC 8538']],
  ['NOTIFICATION 6/4', (drive) => drive.notified(1, 6, 4), ['RFC 8538']],
  ['NOTIFICATION 3/1', (drive) => drive.notified(1, 3, 1), ['RFC 8538']],
  ['NOTIFICATION 6/7', (drive) => drive.notified(1, 6, 7), ['RFC 8538']],
  ['Hard Reset', (drive) => drive.notified(1, 6, 9), []],
  ['hold timer', (drive) => drive.after(90_000), ['RFC 8538']],
  ['OPEN out of place', (drive) => drive.hears(1), ['RFC 8538']],
  [
    'malformed UPDATE',
    (drive) => {
      const error = new NotificationError(3, 1);
      drive.actions = drive.session.handle({ type: 'wire-error', connection: 1, error }, 0);
    },
    ['RFC 8538'],
  ],
  ['admin shutdown', stop({ type: 'admin-shutdown', message: '' }), []],
  ['admin reset', stop({ type: 'admin-reset', message: '' }), []],
  ['peer de-configured', stop({ type: 'peer-deconfigured' }), []],
  [
    'maximum prefixes',
    stop({ type: 'maximum-prefixes', family: ipv4Unicast, limit: 1, restartSeconds: 1 }),
    [],
  ],
  ['configuration change', stop({ type: 'configuration-change' }), ['RFC 8538']],
  ['out of resources', stop({ type: 'out-of-resources' }), []],
  ['silent stop', stop({ type: 'silent' }), []],
];

describe.each(endings)('after %s', (_, end, keptIn) => {
  test.each(Object.keys(sessions) as Kind[])('%s', (kind) => {
    const drive = sessions[kind]();
    end(drive);
    const kept = keptIn.includes(kind);
    expect(downOf(drive)?.keepRoutes).toEqual(kept ? [ipv4Unicast] : []);
    if (kept) expect(downOf(drive)?.restartTimeSeconds).toBe(77);
  });
});

describe('Hard Reset (RFC 8538 §3)', () => {
  const bye = { type: 'admin-shutdown', message: 'hé' } as const;

  test.each([
    ['RFC 8538', '6/9 06020368c3a9'],
    ['RFC 4724', '6/2 0368c3a9'],
    ['none', '6/2 0368c3a9'],
  ] as const)('admin shutdown under %s: %s', (kind, notification) => {
    expect(sessions[kind]().stop(bye).said[0]).toBe(`send 1 NOTIFICATION ${notification}`);
  });

  test('a change of configuration lets the peer keep our routes', () => {
    expect(sessions['RFC 8538']().stop({ type: 'configuration-change' }).said[0]).toBe(
      'send 1 NOTIFICATION 6/6',
    );
  });

  test('there is nothing to end for good before Established', () => {
    const drive = new Drive(restart(true)).start().outgoing(1).hears(1).stop(bye);
    expect(drive.said[0]).toBe('send 1 NOTIFICATION 6/2 0368c3a9');
  });
});

describe('a new connection from a peer that may have restarted (RFC 4724 §5)', () => {
  const replaced = ['close 1 abort', 'down connection-lost keep 1'];
  const restarted = (drive: Drive) => ({
    ...drive.open,
    capabilities: drive.open.capabilities.map((capability) =>
      capability.type === 'graceful-restart' ? { ...capability, restarting: true } : capability,
    ),
  });

  test.each(['RFC 4724', 'RFC 8538'] as const)(
    '%s: its OPEN ends the old one without a NOTIFICATION',
    (kind) => {
      const drive = sessions[kind]().after(10_000).incoming(70);
      expect(drive.said).toEqual([]);
      expect(drive.hears(70).said).toEqual([
        ...replaced,
        'send 70 OPEN',
        'codec 70',
        'send 70 KEEPALIVE',
        'established > open-confirm',
      ]);
      expect(drive.keepalive(70).said).toContain('established 70');
    },
  );

  test('without an OPEN the old one is given up after a second', () => {
    const drive = sessions['RFC 4724']().after(10_000).incoming(70).after(1_000);
    expect(drive.said).toEqual([...replaced, 'send 70 OPEN', 'established > open-sent']);
  });

  test('one that was on its way when the session came up is a collision', () => {
    const drive = sessions['RFC 4724']().incoming(70).hears(70);
    expect(drive.said).toEqual(['send 70 NOTIFICATION 6/7', 'close 70 flush']);
  });

  test('unless its OPEN says that the peer has restarted', () => {
    const drive = sessions['RFC 4724']().incoming(70);
    expect(drive.hears(70, restarted(drive)).said.slice(0, 2)).toEqual(replaced);
  });

  test('an OPEN that is refused leaves the session alone', () => {
    const drive = sessions['RFC 4724']().after(10_000).incoming(70);
    drive.hears(70, { ...drive.open, bgpIdentifier: 0 });
    expect(drive.said).toEqual(['send 70 NOTIFICATION 2/3 00000000', 'close 70 flush']);
    expect(drive.session.connection).toBe(1);
  });

  test.each(['none', 'helper only'] as const)('%s: Established wins', (kind) => {
    const drive = sessions[kind]().after(10_000).incoming(70).hears(70);
    expect(drive.said).toEqual(['send 70 NOTIFICATION 6/7', 'close 70 flush']);
  });
});

describe('the R and F bits we send', () => {
  function openBits(actions: readonly SessionAction[]) {
    const send = actions.find((action) => action.type === 'send');
    if (send?.type !== 'send') throw new Error('no OPEN was sent');
    const open = decodeOpen(send.bytes, 0, send.bytes.length);
    const capability = open.capabilities.find(({ type }) => type === 'graceful-restart');
    if (capability?.type !== 'graceful-restart') throw new Error('no graceful restart capability');
    return { r: capability.restarting, f: capability.families.every(({ forwarding }) => forwarding) };
  }

  test('as the instance says while it restarts', () => {
    const drive = new Drive(restart(true));
    drive.services.restart = { restarting: true, forwardingPreserved: true };
    expect(openBits(drive.start().outgoing(1).actions)).toEqual({ r: true, f: true });
  });

  test('F is not claimed at the first start, and is after a session that we outlived (RFC 8538 §4)', () => {
    const drive = new Drive(restart(true)).start();
    expect(openBits(drive.outgoing(1).actions)).toEqual({ r: false, f: false });
    drive.hears(1).keepalive(1).fails(1);
    expect(openBits(drive.outgoing(2).actions)).toEqual({ r: false, f: true });
  });
});
