// Valid messages with one bit, one octet or one length changed: whatever a target makes of them, it harms no one else.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { announcement, numberOf, withdrawal } from '../../engine/routes.ts';
import { CaseFailure } from '../../engine/verdict.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, concat, hex, readU16, seeded, u16 } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

type Kind = 'bit' | 'octet' | 'length';

const PER_VARIANT = 100;

/** Offsets of length fields of an UPDATE: the header, withdrawn routes, and what stands behind an empty list of them. */
const updateLengths = [16, 19, 21];

function messageOf(t: Bench, from: Peer, pick: number): Bytes {
  const { sender } = from;
  const many = { med: 7, communities: [pa.community(64500, 1), pa.community(64500, 2)] };
  const aggregate = pa.attribute(0xc0, pa.AGGREGATOR, hex('0000fde90a000007'));
  const large = pa.attribute(0xc0, pa.LARGE_COMMUNITIES, hex('00000001 00000002 00000003'));
  const makers = [
    () => announcement(sender, [t.prefix(), t.prefix()], many),
    () => announcement(sender, [t.prefix('v6')], many),
    () => announcement(sender, [t.prefix()], { with: [aggregate, large], path: [sender.asn, 64901, 64902] }),
    () => withdrawal([t.prefix(), t.prefix()]),
    () => withdrawal([t.prefix('v6')]),
    () => m.routeRefresh(1, 1),
    () => m.keepalive(),
    () => m.notification(6, 4),
  ];
  return (makers[pick % makers.length] as () => Bytes)();
}

/** A copy with one change, and where it is. */
function changed(message: Bytes, kind: Kind, random: () => number): { bytes: Bytes; at: number } {
  const bytes = Uint8Array.from(message);
  if (kind === 'length') {
    const fields = bytes[18] === m.UPDATE ? updateLengths : [16];
    const at = fields[random() % fields.length] ?? 16;
    const wrong = [0, 1, readU16(bytes, at) + 1, readU16(bytes, at) - 1, random() & 0x3ff, 0xffff];
    bytes.set(u16(wrong[random() % wrong.length] ?? 0), at);
    return { bytes, at };
  }
  const at = random() % bytes.length;
  const mask = kind === 'bit' ? 1 << (random() & 7) : 1 + (random() % 255);
  bytes[at] = (bytes[at] ?? 0) ^ mask;
  return { bytes, at };
}

/** More octets than the longest message (RFC 8654 §4) has: a length that is too large leaves nobody waiting. */
const flush = concat(...Array.from({ length: 3460 }, () => m.keepalive()));

const isHeaderLength = (at: number): boolean => at >= 16 && at <= 17;

const answerOf = (peer: Peer): string =>
  peer.notification === undefined ? 'closed' : `${peer.notification.code}/${peer.notification.subcode}`;

/** How often each answer was seen, the most frequent first. */
function tally(answers: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([answer, count]) => `${answer} ${count}`)
    .join(', ');
}

function onceTold(t: Bench, peer: Peer, words: string): void {
  const told = peer.messages(m.NOTIFICATION).length;
  t.check(told <= 1, `${words}: at most one NOTIFICATION`, `${told}`);
}

/** `count` changed messages on established sessions; a fresh one after each that ends. */
async function play(t: Bench, kind: Kind, firstSeed: number): Promise<void> {
  const [e3, e2] = await t.peers('e3', 'e2');
  const answers: string[] = [];
  let e1 = await t.peer('e1');
  let standing = t.prefix();
  await t.seed(standing, e1, [e2]);
  for (let seed = firstSeed; seed < firstSeed + PER_VARIANT; seed++) {
    const random = seeded(seed);
    const { bytes, at } = changed(messageOf(t, e1, random()), kind, random);
    e1.send(bytes);
    if (isHeaderLength(at)) e1.send(flush);
    const how = await t.trySettle(e1, [e2]);
    const words = `seed ${seed}, octet ${at}`;
    t.check(e2.up && e3.up, `${words}: the other sessions stay up`, `${e2.state()}; ${e3.state()}`);
    t.check(how !== 'silent', `${words}: the session goes on, or ends`, e1.state());
    answers.push(how === 'up' ? 'up' : answerOf(e1));
    if (how === 'up') continue;
    await e1.ended();
    onceTold(t, e1, words);
    await e2.loses(standing);
    e1 = await t.peer('e1');
    standing = t.prefix();
    await t.seed(standing, e1, [e2]);
  }
  await t.settle(e3, [e2]);
  t.observe(tally(answers));
}

/** The first message of a connection, changed: the target takes it, refuses it or hangs up, and says so once. */
async function playOpen(t: Bench, kind: Kind): Promise<void> {
  const [e3, e2] = await t.peers('e3', 'e2');
  const answers: string[] = [];
  for (let seed = 1; seed <= PER_VARIANT / 2; seed++) {
    const peer = await t.openSent('e1');
    const { bytes, at } = changed(t.openOf(peer.facts), kind, seeded(seed));
    peer.sendOpen(bytes);
    if (isHeaderLength(at)) peer.send(flush);
    await peer.until(() => peer.established || peer.notification || peer.connection.ending || undefined);
    const words = `seed ${seed}, octet ${at}`;
    const decided = peer.established || !peer.up;
    t.check(decided, `${words}: Established, or the end`, peer.state());
    answers.push(peer.established ? 'up' : answerOf(peer));
    onceTold(t, peer, words);
    peer.dispose();
    t.check(e2.up && e3.up, `${words}: the other sessions stay up`, `${e2.state()}; ${e3.state()}`);
  }
  await t.settle(e3, [e2]);
  t.observe(tally(answers));
}

/** What became of a route whose UPDATE had one change: taken, not taken, withdrawn, or the end of the session. */
async function outcome(t: Bench, e1: Peer, e2: Peer, seed: number): Promise<string> {
  const px = t.prefix();
  await t.seed(px, e1, [e2]);
  const random = seeded(seed);
  const large = pa.attribute(0xc0, pa.LARGE_COMMUNITIES, hex('00000001 00000002 00000003'));
  const message = announcement(e1.sender, [px], {
    ...{ origin: 2, med: 7, path: [e1.sender.asn, 64901, 64902] },
    ...{ communities: [pa.community(64500, 1)], with: [large] },
  });
  const kind = (['bit', 'octet', 'length'] as const)[seed % 3] ?? 'bit';
  const { bytes, at } = changed(message, kind, random);
  e1.send(bytes);
  if (isHeaderLength(at)) e1.send(flush);
  const how = await t.trySettle(e1, [e2]);
  if (how === 'silent') throw new CaseFailure(`seed ${seed}: the session goes on, or ends`, e1.state());
  if (how === 'down') return answerOf(e1);
  const route = e2.route(px);
  if (route === undefined) return 'withdrawn';
  return numberOf(route, pa.ORIGIN) === 0 ? 'not taken' : 'taken';
}

/** The outcome of each seed, so that two reports can be laid beside each other. */
async function playOutcomes(t: Bench): Promise<void> {
  const e2 = await t.peer('e2');
  let e1 = await t.peer('e1');
  for (let seed = 9001; seed <= 9000 + PER_VARIANT; seed++) {
    const seen = await outcome(t, e1, e2, seed);
    t.observe(`${seed} ${seen}`);
    t.check(e2.up, `seed ${seed}: the other session stays up`, e2.state());
    if (!e1.up) e1 = await t.peer('e1');
  }
}

const seedsOf = (kind: Kind, variants: number) =>
  Object.fromEntries(
    Array.from({ length: variants }, (_, i) => {
      const first = 1 + i * PER_VARIANT;
      return [`${kind}-${first}-${first + PER_VARIANT - 1}`, { kind, first }];
    }),
  );

export const mutationCases: readonly Case[] = [
  {
    id: 'Z-FUZ-01',
    level: 'ROBUST',
    title: '1,150 valid messages with one bit, one octet or one length changed',
    expected:
      'the target and all other sessions live; at most one NOTIFICATION each; routes of a lost session go',
    isolated: true,
    seconds: 300,
    variants: {
      ...each(
        { ...seedsOf('bit', 4), ...seedsOf('octet', 3), ...seedsOf('length', 3) },
        (t, { kind, first }) => play(t, kind, first),
      ),
      ...each({ 'open-bit': 'bit', 'open-octet': 'octet', 'open-length': 'length' } as const, playOpen),
    },
  },
  {
    id: 'Z-FUZ-02',
    level: 'RECORD',
    title: '100 UPDATEs with one bit, octet or length changed, the same for every target',
    expected:
      'whatever it makes of each; `helio-conformance diff` of two reports shows where targets disagree',
    isolated: true,
    seconds: 60,
    run: playOutcomes,
  },
];
