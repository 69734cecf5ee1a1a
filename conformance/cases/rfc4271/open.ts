// RFC 4271 §4.2 and §6.2: the OPEN message and its errors.

import type { Bench } from '../../engine/bench.ts';
import type { PeerOptions } from '../../engine/bench-options.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Seat } from '../../engine/profile.ts';
import { hex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

/** Sends an OPEN in the target's OpenSent and waits for the NOTIFICATION. */
export async function refused(
  t: Bench,
  seat: Seat,
  options: PeerOptions,
  subcodes: number | readonly number[] | undefined,
  data?: string,
) {
  const peer = await t.openSent(seat, options);
  peer.sendOpen(t.openOf(peer.facts, options));
  return t.notified(peer, 2, subcodes, data);
}

/** Sends an OPEN and records what became of it. */
export async function recordOpen(t: Bench, seat: Seat, options: PeerOptions): Promise<void> {
  const peer = await t.openSent(seat, options);
  peer.sendOpen(t.openOf(peer.facts, options));
  await peer.until(() => (peer.established || !peer.up ? true : undefined));
  t.observe(peer.state());
}

/** The Optional Parameters field as plain hex, from its length octet on. */
const raw = (parameters: string): PeerOptions => ({ open: { parameters: hex(parameters) } });

export const openCases: readonly Case[] = [
  {
    id: 'RFC4271-4.2-01',
    level: 'MUST',
    title: 'read the OPEN of the target',
    expected: 'version 4, AS 65000, hold time 0 or at least 3, id 10.0.0.1, consistent lengths',
    run: async (t) => {
      const e1 = await t.openSent('e1');
      const open = t.must(e1.remoteOpen, 'an OPEN', e1.state());
      const words = `version ${open.version}, AS ${open.asn}, hold ${open.holdSeconds}, id ${open.id}`;
      t.check(open.problems.length === 0, 'consistent lengths', open.problems.join(', '));
      const holdGood = open.holdSeconds === 0 || open.holdSeconds >= 3;
      const good = open.version === 4 && open.asn === 65000 && holdGood && open.id === '10.0.0.1';
      t.check(good, 'version 4, AS 65000, hold 0 or ≥ 3, id 10.0.0.1', words);
      t.observe(words);
    },
  },
  {
    id: 'RFC4271-4.2-02',
    level: 'MUST',
    slow: true,
    title: 'hold times of both OPENs differ',
    expected: 'KEEPALIVEs and expiry follow the smaller of the two',
    variants: {
      'tester-9': async (t) => holdFollowsMinimum(t, 9),
      'target-30': async (t) => {
        const e1 = await t.peer('e1', { holdSeconds: 90 });
        await e1.until(() => (e1.messages(m.KEEPALIVE).length >= 3 ? true : undefined), 26_000);
        const count = e1.messages(m.KEEPALIVE).length;
        t.check(count >= 3, 'KEEPALIVEs every 10 s or less', `${count} in 26 s`);
      },
    },
    profile: 'P30',
  },
  ...['3', '5'].map((version, i): Case => {
    return {
      id: `RFC4271-6.2-0${i + 1}`,
      level: 'MUST',
      title: `OPEN with version ${version}`,
      expected: 'NOTIFICATION 2/1 with the largest supported version, 4',
      run: async (t) => {
        await refused(t, 'e1', { open: { version: Number(version) } }, 1, '0004');
      },
    };
  }),
  {
    id: 'RFC4271-6.2-03',
    level: 'MUST',
    title: 'OPEN with an AS number that is not the neighbour’s',
    expected: 'NOTIFICATION 2/2',
    run: async (t) => {
      await refused(t, 'e1', { asn: 65077 }, 2);
    },
  },
  {
    id: 'RFC4271-6.2-04',
    level: 'MUST',
    title: 'hold time of one or two seconds',
    expected: 'NOTIFICATION 2/6',
    variants: each({ 'hold-1': 1, 'hold-2': 2 }, async (t, holdSeconds) => {
      const got = await refused(t, 'e1', { holdSeconds }, 6);
      t.observe(`data ${Buffer.from(got.data).toString('hex') || 'none'}`);
    }),
  },
  {
    id: 'RFC4271-6.2-05',
    level: 'MUST',
    title: 'hold time zero',
    expected: 'Established; no KEEPALIVE after the handshake, no expiry',
    run: async (t) => {
      const e1 = await t.peer('e1', { holdSeconds: 0 });
      await t.proveUp(e1);
      const before = e1.messages(m.KEEPALIVE).length;
      await t.pause(5000);
      const after = e1.messages(m.KEEPALIVE).length;
      t.check(after === before, 'no KEEPALIVE in 5 s', `${after - before} KEEPALIVEs`);
      t.check(e1.up, 'the session stays up', e1.state());
      // Positive control: a session with a hold time of 3 s does get them.
      const e2 = await t.peer('e2', { holdSeconds: 3 });
      const control = await e2.until(() => (e2.messages(m.KEEPALIVE).length >= 3 ? true : undefined));
      t.check(control === true, 'KEEPALIVEs on a session with hold time 3', 'none');
    },
  },
  {
    id: 'RFC4271-6.2-06',
    level: 'MUST',
    title: 'the smallest and the largest hold time',
    expected: 'Established',
    variants: each({ 'hold-3': 3, 'hold-65535': 65535 }, async (t, holdSeconds) => {
      await t.mustEstablish('e1', { holdSeconds });
    }),
  },
  {
    id: 'RFC4271-6.2-07',
    level: 'MUST',
    title: 'BGP Identifier 0.0.0.0',
    expected: 'NOTIFICATION 2/3',
    run: async (t) => {
      await refused(t, 'e1', { id: '0.0.0.0' }, 3);
    },
  },
  {
    id: 'RFC4271-6.2-08',
    level: 'MUST',
    title: 'an optional parameter of an unknown type, 99',
    expected: 'NOTIFICATION 2/4',
    run: async (t) => {
      await refused(t, 'e1', raw('0463020000'), 4);
    },
  },
  {
    id: 'RFC4271-6.2-09',
    level: 'MUST',
    title: 'the deprecated authentication parameter, type 1',
    expected: 'NOTIFICATION 2/4, or the old 2/5',
    run: async (t) => {
      await refused(t, 'e1', raw('0401020000'), [4, 5]);
    },
  },
  {
    id: 'RFC4271-6.2-10',
    level: 'MUST',
    title: 'Opt Parm Len larger than the octets present',
    expected: 'NOTIFICATION 2/0',
    run: async (t) => {
      await refused(t, 'e1', raw('1402060104000100014104'), 0);
    },
  },
  {
    id: 'RFC4271-6.2-11',
    level: 'MUST',
    title: 'a parameter that reaches beyond the optional parameters field',
    expected: 'NOTIFICATION 2/0',
    run: async (t) => {
      await refused(t, 'e1', raw('080220010400010001'), 0);
    },
  },
  {
    id: 'RFC4271-6.2-12',
    level: 'MUST',
    title: 'one stray octet after the last parameter',
    expected: 'NOTIFICATION 2/0',
    run: async (t) => {
      await refused(t, 'e1', raw('09020601040001000102'), 0);
    },
  },
  {
    id: 'RFC4271-6.2-13',
    level: 'RECORD',
    title: 'an empty capabilities parameter',
    expected: 'Established',
    run: async (t) => recordOpen(t, 'e1', raw('020200')),
  },
  {
    id: 'RFC4271-6.2-14',
    level: 'RECORD',
    title: 'wrong version, wrong AS and hold time 1 in one OPEN',
    expected: 'one NOTIFICATION with code 2',
    run: async (t) => {
      await refused(t, 'e1', { asn: 65077, holdSeconds: 1, open: { version: 5 } }, undefined);
    },
  },
];

/** e1 offers `seconds`, falls silent after the handshake and waits for the expiry. */
export async function holdFollowsMinimum(t: Bench, seconds: number): Promise<void> {
  const e1 = await t.peer('e1', { holdSeconds: seconds, silent: true });
  const from = t.now();
  await t.notifiedWithin(e1, (seconds + 4) * 1000);
  const took = (t.now() - from) / 1000;
  const got = e1.notification;
  t.check(got?.code === 4, 'NOTIFICATION 4/0', e1.state());
  const good = took > seconds - 0.4 && took < seconds + 3;
  t.check(good, `expiry after ${seconds} s`, `after ${took.toFixed(1)} s`);
  const beats = e1.messages(m.KEEPALIVE).length;
  t.check(beats >= 3, 'KEEPALIVEs at a third of the hold time', `${beats} in ${took.toFixed(1)} s`);
}
