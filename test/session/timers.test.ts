/** Timers under virtual time: exact deadlines, jitter at both ends of its range, the busy host. */
import { describe, expect, test } from 'vitest';
import { BackOff } from '../../src/session/back-off.ts';
import { Drive } from './drive.ts';

const sent = 'send 1 KEEPALIVE';
const expired = [
  'send 1 NOTIFICATION 4/0',
  'close 1 flush',
  'down hold-timer-expired keep 0',
  'established > idle',
];

/** Established at time 0 with hold time 9; KEEPALIVEs are of no interest. */
function established(settings = {}): Drive {
  return new Drive({ holdTimeSeconds: 9, ...settings }).establish();
}

function withoutKeepalives(drive: Drive): readonly string[] {
  return drive.said.filter((action) => action !== sent);
}

describe('hold timer', () => {
  test('fires exactly when the peer was silent for the negotiated time', () => {
    const drive = established();
    expect(withoutKeepalives(drive.after(8_999))).toEqual([]);
    expect(withoutKeepalives(drive.after(1))).toEqual(expired);
  });

  test.each(['touch', 'update', 'keepalive'] as const)('%s moves it', (life) => {
    const drive = established();
    drive.after(8_000);
    if (life === 'touch') expect(drive.session.touch(1, drive.now)).toBe(true);
    else if (life === 'update') drive.session.handle({ type: 'update', connection: 1 }, drive.now);
    else drive.keepalive(1);
    expect(drive.session.snapshot().timers.hold).toBe(17_000);
    expect(withoutKeepalives(drive.after(8_999))).toEqual([]);
    expect(withoutKeepalives(drive.after(1))).toEqual(expired);
  });

  test('ROUTE-REFRESH does not move it', () => {
    const drive = established().after(8_000);
    drive.hears(1, { type: 'route-refresh', family: drive.settings.families[0], subtype: 0 });
    expect(withoutKeepalives(drive.after(1_000))).toEqual(expired);
  });

  test('a life sign does not change the deadline the host waits for', () => {
    const drive = established({ keepaliveSeconds: 3 });
    const before = drive.session.nextDeadline();
    drive.session.touch(1, 100);
    expect(drive.session.nextDeadline()).toBe(before);
  });

  test('touch is for the Established connection only', () => {
    const drive = new Drive().start().outgoing(1);
    expect(drive.session.touch(1, 0)).toBe(false);
    expect(established().session.touch(2, 0)).toBe(false);
  });

  test('is off with a hold time of 0, and so are KEEPALIVEs', () => {
    const drive = new Drive({ holdTimeSeconds: 0 }).establish();
    expect(drive.session.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(drive.after(10 ** 9).said).toEqual([]);
    expect(drive.session.state).toBe('established');
  });

  test('is 4 minutes in OpenSent whatever is configured', () => {
    const drive = new Drive({ holdTimeSeconds: 3 }).start().outgoing(1);
    expect(drive.after(239_999).said).toEqual([]);
    expect(drive.after(1).said[0]).toBe('send 1 NOTIFICATION 4/0');
  });

  test('is the negotiated one in OpenConfirm', () => {
    const drive = new Drive({ holdTimeSeconds: 9 }).start().outgoing(1).hears(1);
    expect(withoutKeepalives(drive.after(8_999))).toEqual([]);
    expect(drive.after(1).said).toContain('send 1 NOTIFICATION 4/0');
  });
});

describe('the host was busy', () => {
  test('it gets ten seconds to read, no more', () => {
    const drive = established();
    drive.services.lag = Number.POSITIVE_INFINITY;
    expect(withoutKeepalives(drive.after(18_999))).toEqual([]);
    expect(withoutKeepalives(drive.after(1))).toEqual(expired);
  });

  test('it reads, and the peer had spoken', () => {
    const drive = established();
    drive.services.lag = 5_000;
    drive.after(12_000).keepalive(1);
    drive.services.lag = 0;
    expect(withoutKeepalives(drive.after(8_999))).toEqual([]);
    expect(withoutKeepalives(drive.after(1))).toEqual(expired);
  });

  test('it reads, and there was nothing: expired at once', () => {
    const drive = established();
    drive.services.lag = 5_000;
    expect(withoutKeepalives(drive.after(10_000))).toEqual([]);
    drive.services.lag = 0;
    expect(withoutKeepalives(drive.after(250))).toEqual(expired);
  });

  test('the timer itself came late: the ten seconds count from then', () => {
    const drive = established();
    drive.services.lag = Number.POSITIVE_INFINITY;
    drive.now = 60_000;
    expect(drive.session.advance(drive.now).map(({ type }) => type)).toEqual(['send']);
    expect(withoutKeepalives(drive.after(9_999))).toEqual([]);
    expect(withoutKeepalives(drive.after(1))).toEqual(expired);
  });

  test('every silence gets its own ten seconds', () => {
    const drive = established();
    drive.services.lag = Number.POSITIVE_INFINITY;
    drive.after(18_000).keepalive(1);
    expect(withoutKeepalives(drive.after(18_999))).toEqual([]);
    expect(withoutKeepalives(drive.after(1))).toEqual(expired);
  });
});

describe('keepalive timer', () => {
  test.each([
    // hold, configured keepalive, random: milliseconds between KEEPALIVEs
    [90, 30, 0, 22_500],
    [90, 30, 0.999999, 30_000],
    [90, 10, 0, 7_500],
    [9, 30, 0, 2_250],
    [3, 30, 0, 1_000],
    [3, 1, 0.999999, 1_000],
  ])('hold %i, keepalive %i, random %f: every %i ms', (hold, keepalive, random, every) => {
    const drive = new Drive({ holdTimeSeconds: hold, keepaliveSeconds: keepalive });
    drive.services.randomValue = random;
    drive.establish();
    for (let beat = 0; beat < 20; beat++) {
      expect(drive.after(every - 1).said).toEqual([]);
      expect(drive.after(1).said).toEqual([sent]);
      drive.keepalive(1);
    }
  });

  test('a host that slept sends one, not all it missed', () => {
    const drive = new Drive().establish();
    expect(drive.session.advance(85_000).map(({ type }) => type)).toEqual(['send']);
  });
});

describe('connect retry timer', () => {
  test.each([
    [10, 0, 7_500],
    [10, 0.999999, 10_000],
    [0, 0, 1_000],
  ])('%i s, random %f: a new attempt after %i ms', (connectRetrySeconds, random, after) => {
    const drive = new Drive({ connectRetrySeconds });
    drive.services.randomValue = random;
    drive.start();
    expect(drive.after(after - 1).said).toEqual([]);
    expect(drive.after(1).said).toEqual(['close 1 abort', 'connect 2']);
    expect(drive.session.snapshot().lastFailure?.reason).toEqual({
      type: 'connect-failed',
      detail: 'no answer',
    });
  });

  test('a refused attempt waits in Active for it', () => {
    const drive = new Drive().start().after(100).fails(1);
    expect(drive.session.state).toBe('active');
    expect(drive.after(8_749).said).toEqual([]);
    expect(drive.after(1).said).toEqual(['connect 2', 'active > connect']);
  });

  test('a passive peer never connects', () => {
    const drive = new Drive({ passive: true }).start();
    expect(drive.said).toEqual(['idle > active']);
    expect(drive.after(10 ** 9).said).toEqual([]);
    drive.incoming(70).fails(70);
    expect(drive.session.state).toBe('active');
    expect(drive.after(10 ** 9).said).toEqual([]);
  });

  test('stands still while the peer talks to us', () => {
    const drive = new Drive().start().fails(1).incoming(70);
    expect(drive.session.snapshot().timers.connectRetry).toBeUndefined();
    expect(drive.after(200_000).said).toEqual([]);
  });
});

describe('DelayOpen', () => {
  test('our OPEN waits', () => {
    const drive = new Drive({ delayOpenSeconds: 5 }).start().outgoing(1);
    expect(drive.after(4_999).said).toEqual([]);
    expect(drive.after(1).said).toEqual(['send 1 OPEN', 'connect > open-sent']);
  });
});

describe('idle hold', () => {
  /** Milliseconds in Idle after each failure in a row. */
  function rests(drive: Drive, failures: number, fail: (connection: number) => unknown): number[] {
    const result: number[] = [];
    drive.start();
    for (let i = 0; i < failures; i++) {
      fail(drive.services.nextId - 1);
      expect(drive.session.state).toBe('idle');
      result.push(drive.session.nextDeadline() - drive.now);
      drive.after(drive.session.nextDeadline() - drive.now);
      expect(drive.session.state).toBe('connect');
    }
    return result;
  }

  test('doubles up to its limit', () => {
    const drive = new Drive();
    const refused = (id: number) => drive.outgoing(id).notified(id, 2, 2);
    expect(rests(drive, 7, refused)).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  });

  test('a version mismatch does not count (RFC 4271 §8.2.2, event 24)', () => {
    const drive = new Drive();
    const refused = (id: number) => drive.outgoing(id).notified(id, 2, 1);
    expect(rests(drive, 3, refused)).toEqual([5_000, 5_000, 5_000]);
  });

  test('an unstable session counts, a stable one wipes the slate', () => {
    const drive = new Drive();
    const session = (upMs: number) => (id: number) => {
      drive.outgoing(id).hears(id).keepalive(id);
      for (let t = 0; t < upMs; t += 10_000) drive.after(10_000).keepalive(id);
      drive.notified(id, 6, 4);
    };
    expect(rests(drive, 3, session(10_000))).toEqual([5_000, 10_000, 20_000]);
    session(120_000)(drive.services.nextId - 1);
    expect(drive.session.nextDeadline() - drive.now).toBe(5_000);
  });

  test('manual-start ends it and forgets the failures', () => {
    const drive = new Drive().start().outgoing(1).notified(1, 2, 2).start();
    expect(drive.said).toContain('connect 2');
    drive.outgoing(2).notified(2, 2, 2);
    expect(drive.session.nextDeadline() - drive.now).toBe(5_000);
  });

  test('a lost connection is tried again at once, then with back-off', () => {
    const drive = new Drive().establish().fails(1);
    expect(drive.said.slice(-3)).toEqual(['established > idle', 'connect 2', 'idle > connect']);
    drive.outgoing(2).hears(2).keepalive(2).fails(2);
    expect(drive.session.state).toBe('idle');
    expect(drive.session.nextDeadline() - drive.now).toBe(5_000);
  });

  test('is never a busy loop', () => {
    const never = { idleHoldSeconds: 0, idleHoldMaxSeconds: 0 };
    expect(new BackOff().afterError(never)).toBe(1_000);
    expect(new BackOff().uncounted(never)).toBe(1_000);
  });
});

describe('send hold timer (RFC 9687)', () => {
  const blocked = { type: 'send-blocked', connection: 1 } as const;
  const progress = { type: 'send-progress', connection: 1 } as const;
  const aborted = ['close 1 abort', 'down send-hold-timer-expired keep 0', 'established > idle'];

  function talking(drive: Drive, seconds: number): readonly string[] {
    const said: string[] = [];
    for (let i = 0; i < seconds; i++) {
      said.push(...withoutKeepalives(drive.after(1_000)));
      if (drive.session.state === 'established') drive.keepalive(1);
    }
    return said;
  }

  test('ends a session that cannot send, however alive the peer sounds', () => {
    const drive = established({ sendHoldSeconds: 20 });
    drive.session.handle(blocked, drive.now);
    expect(talking(drive, 19)).toEqual([]);
    drive.session.handle(blocked, drive.now);
    expect(talking(drive, 1)).toEqual(aborted);
  });

  test('progress stops it', () => {
    const drive = established({ sendHoldSeconds: 20 });
    for (let i = 0; i < 10; i++) {
      drive.session.handle(blocked, drive.now);
      expect(talking(drive, 19)).toEqual([]);
      drive.session.handle(progress, drive.now);
    }
    expect(talking(drive, 60)).toEqual([]);
  });

  test.each([{ sendHoldSeconds: 0 }, { sendHoldSeconds: 20, holdTimeSeconds: 0 }])(
    'is off with %j',
    (off) => {
      const drive = established(off);
      drive.session.handle(blocked, drive.now);
      expect(talking(drive, 100)).toEqual([]);
    },
  );
});
