// RFC 5082 (GTSM) and RFC 2385 (TCP MD5 signature): who can reach a session at all, below BGP.
//
// That something does not come up is shown by a session of the same kind that does, later and on the same instance.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import type { Seat } from '../../engine/profile.ts';
import { announcement } from '../../engine/routes.ts';
import { Transport } from '../../engine/transport.ts';
import { Inconclusive } from '../../engine/verdict.ts';
import { concat } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

const near = { profile: 'Pttl', needs: ['ttl-security'] } as const;
const NEAREST = 255;

/** A connection with TCP only, or undefined if the target does not answer. */
async function reaches(t: Bench, transport: Transport): Promise<Peer | undefined> {
  try {
    return await t.connect('e1', { transport });
  } catch (error) {
    if (error instanceof Inconclusive) return undefined;
    throw error;
  }
}

/** Established over a connection whose incoming segments are dropped below this TTL once TCP is connected. */
async function establishes(t: Bench, seat: Seat, transport: Transport, least: number, withinMs: number) {
  const peer = await t.connect(seat, { transport });
  transport.takeFromTtl(least);
  peer.sendOpen(t.openOf(peer.facts));
  const up = await peer.until(() => (peer.established ? true : peer.up ? undefined : false), withinMs);
  if (up === true) peer.startKeepalives();
  return { peer, up: up === true };
}

/** The control of both standards: a session with the right options carries a route to e2. */
async function carries(t: Bench, transport: Transport, e2: Peer): Promise<void> {
  const e1 = await t.peer('e1', { transport });
  await t.seed(t.prefix(), e1, [e2]);
}

const signed = (t: Bench): Transport => new Transport({ md5Key: t.profile.md5Key ?? '' });

async function refused(t: Bench, transport: Transport): Promise<void> {
  const e2 = await t.peer('e2');
  await carries(t, signed(t), e2);
  const stranger = await reaches(t, transport);
  await carries(t, signed(t), e2);
  t.check(stranger === undefined, 'no TCP connection', 'TCP connected');
}

/** The highest of some TTLs that the target's segments have on a session of this seat. */
async function ttlOf(t: Bench, seat: Seat): Promise<number> {
  for (const least of [NEAREST, 128, 64, 2]) {
    const { up } = await establishes(t, seat, new Transport({}), least, 1500);
    if (up) return least;
  }
  return 1;
}

export const transportSecurityCases: readonly Case[] = [
  {
    id: 'RFC5082-3-01',
    level: 'MUST',
    ...near,
    title: 'a neighbour that sends with TTL 255, and takes nothing with less',
    expected: 'Established: what the target sends has TTL 255 too',
    run: async (t) => {
      const e2 = await t.peer('e2');
      await carries(t, new Transport({ ttl: NEAREST }), e2);
      const transport = new Transport({ ttl: NEAREST });
      const { peer, up } = await establishes(t, 'e1', transport, NEAREST, t.patienceMs);
      t.check(up, 'Established with TTL 255 both ways', peer.state());
      await t.seed(t.prefix(), peer, [e2]);
    },
  },
  {
    id: 'RFC5082-3-02',
    level: 'MUST',
    ...near,
    title: 'a neighbour whose segments arrive with TTL 254, where one hop is allowed',
    expected: 'no session',
    variants: each({ 'ttl-254': 254, 'ttl-64': 64 }, async (t, ttl) => {
      const e2 = await t.peer('e2');
      await carries(t, new Transport({ ttl: NEAREST }), e2);
      const px = t.prefix();
      const far = await reaches(t, new Transport({ ttl }));
      // All at once, as one would who waits for no answer.
      if (far !== undefined) {
        far.sendOpen(concat(t.openOf(far.facts), m.keepalive(), announcement(far.sender, [px])));
      }
      await carries(t, new Transport({ ttl: NEAREST }), e2);
      t.absent(px, [e2], 'no route of a neighbour that is too far away');
      t.check(far === undefined || !far.established, 'no session', far?.state() ?? 'none');
      t.observe(far === undefined ? 'TCP was not connected' : 'TCP was connected, the OPEN not heard');
    }),
  },
  {
    id: 'RFC5082-3-03',
    level: 'MAY',
    ...near,
    isolated: true,
    title: 'the TTL of a neighbour falls from 255 to 64 while the session is up, hold time 3 s',
    expected: 'the hold timer of the target expires: the routes go',
    run: async (t) => {
      const e2 = await t.peer('e2');
      const transport = new Transport({ ttl: NEAREST });
      const e1 = await t.peer('e1', { transport, holdSeconds: 3 });
      const other = await t.peer('e1b', { transport: new Transport({ ttl: NEAREST }), holdSeconds: 3 });
      const [px, py] = [t.prefix(), t.prefix()];
      await t.seed(px, e1, [e2]);
      await t.seed(py, other, [e2]);
      transport.sendWithTtl(64);
      // The NOTIFICATION may wait for an acknowledgement that is dropped: what the observer is told counts.
      await e2.loses(px, 9000);
      t.observe(e1.state());
      t.check(other.up && e2.route(py) !== undefined, 'the neighbour with TTL 255 stays', other.state());
    },
  },
  {
    id: 'RFC4271-TTL-01',
    level: 'RECORD',
    title: 'sessions without TTL security: the TTL of what the target sends',
    expected: '1 toward external peers, or that of the system; more where several hops are configured',
    run: async (t) => {
      t.observe(`external, several hops: ${await ttlOf(t, 'e1')} or more`);
      t.observe(`internal: ${await ttlOf(t, 'c1')} or more`);
    },
  },
  {
    id: 'RFC2385-2-01',
    level: 'MUST',
    profile: 'Pmd5',
    needs: ['md5'],
    title: 'segments signed with the right key, with another one, and not at all',
    expected: 'a session with the right key, else not even a TCP connection',
    variants: {
      'right-key': async (t) => carries(t, signed(t), await t.peer('e2')),
      'wrong-key': (t) => refused(t, new Transport({ md5Key: 'heliogrAph' })),
      'no-key': (t) => refused(t, new Transport({})),
    },
  },
];
