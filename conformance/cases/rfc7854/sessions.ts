// RFC 7854: the stream itself, the ups and downs of neighbours, statistics, and a station that comes and goes.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { Inconclusive } from '../../engine/verdict.ts';
import * as bmp from '../../wire/bmp.ts';
import { fill, hex, toHex } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';
import { message, monitored, routesTold, settleMonitoring, told, watched, whatCame } from './watching.ts';

const plain = { level: 'MUST', profile: 'Pbmp', needs: ['bmp'] } as const;
const configured = { ...plain, profile: 'Pbmpst' } as const;
/** The longest a target may wait until it comes back: RFC 7854 §3.2 gives 720 s, ours asks for the first attempt only. */
const COMES_BACK_MS = 75_000;

const named = (one: bmp.MonitoringMessage, type: number): string =>
  new TextDecoder().decode(bmp.tlvs(one.body).list.find((tlv) => tlv.type === type)?.value);

async function initiation(t: Bench): Promise<void> {
  const first = () => t.collector.feed?.messages[0];
  const one = t.must(await t.collector.until(first, t.patienceMs), 'a message', whatCame(t, undefined));
  t.check(one.type === bmp.INITIATION, 'Initiation before all else', `message of type ${one.type}`);
  const [description, name] = [named(one, 1), named(one, 2)];
  t.check(description !== '' && name !== '', 'sysDescr and sysName', `"${description}" and "${name}"`);
  t.observe(`sysDescr "${description}", sysName "${name}"`);
}

/** All kinds of messages are there, and each is what its lengths say. */
async function wellFormed(t: Bench): Promise<void> {
  const e1 = await watched(t, 'e1');
  const px = t.prefix('v6');
  e1.announce(px);
  await monitored(t, e1, 'pre-policy', px);
  e1.send(m.notification(6, 4));
  await message(t, e1, bmp.PEER_DOWN, 'Peer Down');
  const list = t.collector.feed?.messages ?? [];
  const bad = list.find((one) => one.problems.length > 0);
  t.check(bad === undefined, 'version 3 and lengths that fit', bad?.problems.join(', ') ?? '');
  t.observe(`${list.length} messages`);
}

async function peerUp(t: Bench, as4: boolean): Promise<void> {
  const e1 = await t.connect('e1', { as4 });
  const sent = t.openOf(e1.facts, { as4 });
  e1.sendOpen(sent);
  await e1.until(() => (e1.established ? true : e1.connection.ending));
  e1.startKeepalives();
  const up = bmp.peerUp(await message(t, e1, bmp.PEER_UP, 'Peer Up'));
  const { instance } = t;
  const ends = `${up.localAddress} ${up.localPort} ${up.remotePort}`;
  const wanted = `${instance.address} ${instance.port} ${e1.connection.localPort}`;
  t.check(ends === wanted, `local address, local and remote port ${wanted}`, ends);
  t.check(toHex(up.receivedOpen) === toHex(sent), 'the OPEN that it received', toHex(up.receivedOpen));
  const theirs = e1.received.find(({ frame }) => frame.type === m.OPEN)?.frame.raw ?? new Uint8Array();
  t.check(toHex(up.sentOpen) === toHex(theirs), 'the OPEN that it sent', toHex(up.sentOpen));
}

interface Down {
  readonly reasons: readonly number[];
  readonly how: (t: Bench, peer: Peer) => Promise<void> | void;
  /** What stands behind the reason, by its own number: hex, or undefined for anything. */
  readonly data?: (t: Bench, peer: Peer, reason: number) => string | undefined;
}

async function goesDown(t: Bench, { reasons, how, data }: Down): Promise<void> {
  const e1 = await watched(t, 'e1');
  const px = t.prefix();
  e1.announce(px);
  await monitored(t, e1, 'pre-policy', px);
  await how(t, e1);
  const down = bmp.peerDown(await message(t, e1, bmp.PEER_DOWN, 'Peer Down'));
  t.observe(`reason ${down.reason} ${toHex(down.data)}`);
  t.check(reasons.includes(down.reason), `reason ${reasons.join(' or ')}`, `reason ${down.reason}`);
  const wanted = data?.(t, e1, down.reason);
  if (wanted !== undefined)
    t.check(toHex(down.data) === wanted, `behind it ${wanted || 'nothing'}`, toHex(down.data) || 'nothing');
}

/** The NOTIFICATION that the tester was sent, whole. */
const notificationOf = (peer: Peer): string =>
  toHex(peer.received.find(({ frame }) => frame.type === m.NOTIFICATION)?.frame.raw ?? new Uint8Array());

const closing = m.notification(6, 2, hex('03627965'));

/** Ends the feed; the target comes back and tells the whole state. */
async function comesBack(t: Bench): Promise<void> {
  const e1 = await watched(t, 'e1');
  const held = [t.prefix(), t.prefix(), t.prefix('v6')];
  for (const prefix of held) e1.announce(prefix, { med: 3 });
  for (const prefix of held) await monitored(t, e1, 'pre-policy', prefix);
  const before = t.collector.feeds.length;
  t.collector.feed?.close();
  const at = t.now();
  const back = await t.collector.until(
    () => (t.collector.feeds.length > before ? true : undefined),
    COMES_BACK_MS,
  );
  t.must(back, 'the target connects again', `not within ${COMES_BACK_MS / 1000} s`);
  t.observe(`back after ${((t.now() - at) / 1000).toFixed(1)} s`);
  await initiation(t);
  const up = await message(t, e1, bmp.PEER_UP, 'Peer Up again');
  for (const prefix of held) await monitored(t, e1, 'pre-policy', prefix);
  const messages = t.collector.feed?.messages ?? [];
  const [route] = routesTold(t, e1, 'pre-policy');
  t.check(
    route !== undefined && messages.indexOf(up) < messages.indexOf(route),
    'Peer Up before its routes',
    whatCame(t, e1),
  );
  await endsOfRib(t, e1);
}

/** RFC 7854 §5: End-of-RIB of each family behind the dump. */
async function endsOfRib(t: Bench, peer: Peer): Promise<void> {
  const ends = () => {
    const updates = routesTold(t, peer, 'pre-policy').map(bmp.monitoredUpdate);
    const v4 = updates.some((u) => u.attributes.length === 0 && u.nlri.length + u.withdrawn.length === 0);
    const v6 = updates.some(
      (u) => u.attributes.length === 1 && u.unreach?.afi === 2 && u.unreach.octets === 0,
    );
    return v4 && v6 ? true : undefined;
  };
  t.must(await t.collector.until(ends, t.patienceMs), 'End-of-RIB of each family', 'not of both families');
}

async function reports(t: Bench): Promise<void> {
  const e1 = await watched(t, 'e1');
  const count = 7;
  for (let i = 0; i < count; i++) e1.announce(t.prefix());
  e1.announce(t.prefix(), { path: [65001, t.profile.asn, 64999] });
  await settleMonitoring(t, e1, 'pre-policy');
  const from = told(t, e1, bmp.STATISTICS).length;
  const fresh = () => told(t, e1, bmp.STATISTICS)[from];
  const one = await t.collector.until(fresh, 25_000);
  const report = bmp.statistics(t.must(one, 'a Statistics Report', whatCame(t, e1)));
  t.check(one?.problems.length === 0, 'as many counters as it says', one?.problems.join(', ') ?? '');
  t.observe([...report].map(([type, value]) => `${type}=${value}`).join(' '));
  const held = report.get('7');
  // The route with the target's own AS may be counted or not: it is no route that can be used.
  const right = held === undefined || held === BigInt(count + 1) || held === BigInt(count + 2);
  t.check(right, `${count + 1} or ${count + 2} routes in Adj-RIB-In (type 7)`, String(held));
}

export const monitoringCases: readonly Case[] = [
  {
    ...plain,
    id: 'RFC7854-4.3-01',
    title: 'the target connects to a station',
    expected: 'first of all Initiation with sysDescr and sysName',
    run: initiation,
  },
  {
    ...configured,
    id: 'RFC7854-4.1-01',
    title: 'a session comes up, carries a route and goes down',
    expected: 'all messages have version 3 and lengths that fit',
    run: wellFormed,
  },
  {
    ...plain,
    id: 'RFC7854-4.10-01',
    title: 'a session comes up',
    expected: 'Peer Up with the local address, both ports, and both OPENs octet by octet',
    variants: each({ 'new-speaker': true, 'old-speaker': false }, peerUp),
  },
  {
    ...plain,
    id: 'RFC7854-5-01',
    slow: true,
    isolated: true,
    seconds: 150,
    title: 'a station comes when a neighbour has been up for long',
    expected: 'Peer Up, all its routes, and End-of-RIB of each family',
    run: comesBack,
  },
  {
    ...configured,
    id: 'RFC7854-4.9-01',
    title: 'the neighbour sends a NOTIFICATION',
    expected: 'Peer Down, reason 3, with the NOTIFICATION',
    run: (t) => goesDown(t, { reasons: [3], how: (_, e1) => e1.send(closing), data: () => toHex(closing) }),
  },
  {
    ...configured,
    id: 'RFC7854-4.9-02',
    title: 'the target sends a NOTIFICATION, for a header with the length 18',
    expected: 'Peer Down, reason 1, with the NOTIFICATION',
    run: (t) =>
      goesDown(t, {
        reasons: [1],
        how: async (_, e1) => {
          e1.send(m.keepalive({ length: 18 }));
          await e1.until(() => e1.notification);
        },
        data: (_, e1) => notificationOf(e1),
      }),
  },
  {
    ...plain,
    id: 'RFC7854-4.9-03',
    title: 'the neighbour closes the connection without a NOTIFICATION',
    expected: 'Peer Down, reason 4, with nothing behind it',
    run: (t) => goesDown(t, { reasons: [4], how: (_, e1) => e1.connection.finish(), data: () => '' }),
  },
  {
    ...configured,
    id: 'RFC7854-4.9-04',
    title: 'the connection is reset, so that nobody can send a NOTIFICATION',
    expected: 'Peer Down, reason 4, or 2 with event 18 (TcpConnectionFails)',
    run: (t) =>
      goesDown(t, {
        reasons: [2, 4],
        how: (_, e1) => e1.connection.reset(),
        data: (_t, _e1, reason) => (reason === 2 ? '0012' : ''),
      }),
  },
  {
    ...configured,
    id: 'RFC7854-4.9-05',
    isolated: true,
    title: 'the operator removes the neighbour',
    expected: 'Peer Down, reason 5, or 1 with the NOTIFICATION',
    run: (t) =>
      goesDown(t, {
        reasons: [1, 5],
        how: (_, e1) => t.control('remove', e1),
        data: (_, e1, reason) => (reason === 1 ? notificationOf(e1) : ''),
      }),
  },
  {
    ...plain,
    id: 'RFC7854-4.8-01',
    level: 'SHOULD',
    slow: true,
    isolated: true,
    title: 'routes are announced, one with the AS of the target, and a statistics interval passes',
    expected: 'a Statistics Report about the neighbour that counts its routes',
    run: reports,
  },
  {
    ...plain,
    id: 'RFC7854-4.5-01',
    level: 'MAY',
    isolated: true,
    title: 'the target is stopped with SIGTERM',
    expected: 'Termination with a reason, as the last message',
    run: async (t) => {
      await watched(t, 'e1');
      const { feed } = t.collector;
      if (feed === undefined) throw new Inconclusive('the target is not connected to the station');
      t.terminate();
      await t.collector.until(() => (feed.ended ? true : undefined), t.patienceMs);
      const last = feed.messages.at(-1);
      t.check(last?.type === bmp.TERMINATION, 'Termination at the end', `message of type ${last?.type}`);
      const reason = bmp.tlvs(last?.body ?? new Uint8Array()).list.find((tlv) => tlv.type === 1);
      t.check(reason?.value.length === 2, 'a reason', 'none');
      t.observe(`reason ${toHex(reason?.value ?? new Uint8Array())}`);
    },
  },
  {
    ...plain,
    id: 'RFC7854-3.3-01',
    isolated: true,
    title: 'the station sends octets, valid BMP and rubbish',
    expected: 'they are ignored, and the feed goes on',
    run: async (t) => {
      const e1 = await watched(t, 'e1');
      const { feed } = t.collector;
      feed?.send(hex('03 00000006 05'));
      feed?.send(fill(0xff, 3000));
      await settleMonitoring(t, e1, 'pre-policy');
      await settleMonitoring(t, e1, 'pre-policy');
      t.check(feed?.ended === false, 'the same connection goes on', 'the target closed it');
    },
  },
  {
    ...plain,
    id: 'RFC7854-3.2-01',
    level: 'SHOULD',
    slow: true,
    isolated: true,
    seconds: 150,
    title: 'the station closes the connection',
    expected: 'the target waits, connects again and tells the whole state, routes that came meanwhile too',
    run: async (t) => {
      const e1 = await watched(t, 'e1');
      const feeds = t.collector.feeds.length;
      t.collector.feed?.close();
      const meanwhile = t.prefix();
      const at = t.now();
      e1.announce(meanwhile);
      const again = () => (t.collector.feeds.length > feeds ? true : undefined);
      t.must(await t.collector.until(again, COMES_BACK_MS), 'it connects again', 'it does not');
      const after = t.now() - at;
      t.observe(`back after ${(after / 1000).toFixed(1)} s`);
      await monitored(t, e1, 'pre-policy', meanwhile);
      t.check(after > 500, 'not at once', `after ${after.toFixed(0)} ms`);
    },
  },
];
