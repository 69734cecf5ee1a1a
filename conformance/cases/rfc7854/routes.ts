// RFC 7854, RFC 8671, RFC 9069: which routes a station is told of, and in what form.

import type { Bench } from '../../engine/bench.ts';
import type { Case } from '../../engine/case.ts';
import { routeAttributes } from '../../engine/routes.ts';
import { Inconclusive } from '../../engine/verdict.ts';
import * as pa from '../../wire/attributes.ts';
import * as bmp from '../../wire/bmp.ts';
import { type Bytes, hex, toHex, u8 } from '../../wire/bytes.ts';
import { decodePath, formatPath } from '../../wire/decode.ts';
import {
  A_FLAG,
  lastTold,
  message,
  monitored,
  type RoutesView,
  routesTold,
  told,
  trySettleMonitoring,
  V_FLAG,
  viewOf,
  watched,
} from './watching.ts';

const hexIn = (attributes: readonly { readonly type: number; readonly value: Bytes }[], type: number) =>
  toHex(attributes.find((one) => one.type === type)?.value ?? new Uint8Array());

/** One route of e1 with several attributes; what the station is told of it says the same. */
async function sameRoute(t: Bench, family: 'v4' | 'v6', view: RoutesView): Promise<void> {
  const e1 = await t.peer('e1');
  const px = t.prefix(family);
  const spec = { path: [65001, 70001, 64999], med: 77, communities: [pa.community(65001, 5)] };
  e1.announce(px, spec);
  const { update, message: from } = await monitored(t, e1, view, px);
  const sent = routeAttributes(e1.sender, spec, family).map((one) => [one[1] ?? 0, toHex(one.subarray(3))]);
  for (const [type, value] of sent) {
    if (type === pa.AS_PATH) continue;
    const got = hexIn(update.attributes, Number(type));
    t.check(got === value, `attribute ${type} is ${value}`, got || 'absent');
  }
  const width = ((from.peer?.flags ?? 0) & A_FLAG) === 0 ? 4 : 2;
  const path = update.attributes.find((one) => one.type === pa.AS_PATH)?.value ?? new Uint8Array();
  const text = formatPath(decodePath(path, width));
  t.check(text === '65001 70001 64999', 'AS_PATH 65001 70001 64999', text);
  e1.withdraw(px);
  const gone = () => (lastTold(t, e1, view, px)?.there === false ? true : undefined);
  t.must(await t.collector.until(gone, t.patienceMs), 'its withdrawal is told', `${px} is still there`);
}

/** RFC 7606: ORIGIN 5 makes the UPDATE a withdrawal. */
async function treatedAsWithdraw(t: Bench): Promise<void> {
  const e1 = await watched(t, 'e1');
  const px = t.prefix();
  e1.announce(px);
  await monitored(t, e1, 'pre-policy', px);
  e1.announce(px, { origin: 5 });
  const how = await trySettleMonitoring(t, e1, 'pre-policy');
  if (how === 'silent') throw new Inconclusive('the station was not told of the sentinel');
  const odd = routesTold(t, e1, 'pre-policy').filter(
    (one) => hexIn(bmp.monitoredUpdate(one).attributes, pa.ORIGIN) === '05',
  );
  t.check(odd.length === 0, 'no Route Monitoring with the malformed ORIGIN', 'the malformed ORIGIN is told');
  if (how === 'down') {
    await message(t, e1, bmp.PEER_DOWN, 'Peer Down, as the target ended the session');
    t.observe(e1.state());
    return;
  }
  const last = lastTold(t, e1, 'pre-policy', px);
  t.check(last?.there === false, 'the earlier route is withdrawn', `${px} is still there as it was before`);
}

/** An UPDATE as it stands, a good one and one with an attribute in error. */
async function mirrored(t: Bench, wrong: readonly Bytes[]): Promise<void> {
  const e1 = await watched(t, 'e1');
  const px = t.prefix();
  const from = e1.connection.sent.length;
  if (wrong.length === 0) e1.announce(px);
  else e1.announce(px, { with: wrong });
  const bytes = toHex(t.must(e1.connection.sent[from], 'an UPDATE was sent', 'none'));
  const isIt = (one: bmp.MonitoringMessage) =>
    bmp.tlvs(one.body).list.some(({ type, value }) => type === 0 && toHex(value) === bytes);
  await message(t, e1, bmp.ROUTE_MIRRORING, 'Route Mirroring with the same octets', isIt);
}

export const monitoredRouteCases: readonly Case[] = [
  {
    id: 'RFC7854-4.6-01',
    level: 'MUST',
    profile: 'Pbmp',
    needs: ['bmp'],
    title: 'e1 announces a route with several attributes, then withdraws it',
    expected: 'Route Monitoring before policy (L clear) with the same attributes, then the withdrawal',
    variants: {
      v4: (t) => sameRoute(t, 'v4', 'pre-policy'),
      v6: (t) => sameRoute(t, 'v6', 'pre-policy'),
    },
  },
  {
    id: 'RFC7854-4.2-01',
    level: 'MUST',
    profile: 'Pbmp',
    needs: ['bmp'],
    title: 'neighbours of a new and an old speaker, in a 2-octet and in a 4-octet AS, external and internal',
    expected:
      'the per-peer header has their address, AS and identifier, distinguisher 0, A only with short paths',
    variants: {
      external: (t) => header(t, 'e1', true),
      'old-speaker': (t) => header(t, 'e2', false),
      'four-octet': (t) => header(t, 'b', true),
      internal: (t) => header(t, 'c1', true),
    },
  },
  {
    id: 'RFC7854-5-02',
    level: 'MUST',
    profile: 'Pbmp',
    needs: ['bmp'],
    title: 'a route is announced again with ORIGIN 5, which is treated as a withdrawal',
    expected: 'the station is told of a withdrawal, never of the malformed attribute',
    run: treatedAsWithdraw,
  },
  {
    id: 'RFC7854-5-03',
    level: 'MUST',
    profile: 'Pbmppost',
    needs: ['bmp'],
    title: 'a route, with both views monitored',
    expected: 'Route Monitoring with L clear and with L set, and its withdrawal in both',
    run: async (t) => {
      const e1 = await watched(t, 'e1');
      const px = t.prefix();
      e1.announce(px, { med: 9 });
      for (const view of ['pre-policy', 'post-policy'] as const) {
        const { update } = await monitored(t, e1, view, px);
        const med = hexIn(update.attributes, pa.MED);
        t.check(med === '00000009', `${view}: MED 9`, med || 'no MED');
      }
      e1.withdraw(px);
      for (const view of ['pre-policy', 'post-policy'] as const) {
        const gone = () => (lastTold(t, e1, view, px)?.there === false ? true : undefined);
        const seen = await t.collector.until(gone, t.patienceMs);
        t.must(seen, `the withdrawal is told (${view})`, `${px} is still there`);
      }
    },
  },
  {
    id: 'RFC8671-4-01',
    level: 'MAY',
    profile: 'Pbmpout',
    needs: ['bmp', 'bmp-adj-out'],
    title: 'a route of e1 goes to c1',
    expected: 'Route Monitoring about c1 with the O flag',
    run: async (t) => {
      const [e1, c1] = await t.peers('e1', 'c1');
      const px = t.prefix();
      await t.seed(px, e1, [c1]);
      await monitored(t, c1, 'adj-out', px);
    },
  },
  {
    id: 'RFC9069-4-01',
    level: 'MAY',
    profile: 'Pbmploc',
    needs: ['bmp', 'bmp-loc-rib'],
    title: 'two neighbours announce one prefix',
    expected: 'the best route of it as one of a peer of type 3, whose Peer Up names the table',
    run: locRib,
  },
  {
    id: 'RFC7854-4.6-02',
    level: 'MAY',
    profile: 'Pbmpmir',
    needs: ['bmp', 'bmp-mirroring'],
    title: 'an UPDATE, good, with an unknown attribute, with a malformed one',
    expected: 'Route Mirroring with the same octets',
    variants: {
      good: (t) => mirrored(t, []),
      unknown: (t) => mirrored(t, [pa.attribute(0xc0, 250, hex('010203'))]),
      malformed: (t) => mirrored(t, [pa.attribute(0x40, pa.ORIGIN, u8(5))]),
    },
  },
];

async function header(t: Bench, seat: 'e1' | 'e2' | 'b' | 'c1', as4: boolean): Promise<void> {
  const peer = await watched(t, seat, { as4 });
  const px = t.prefix();
  const spec = { path: peer.facts.internal ? [64999] : [peer.facts.asn, 64999] };
  peer.announce(px, spec);
  const { message: one, update } = await monitored(t, peer, 'pre-policy', px);
  const at = t.must(one.peer, 'a per-peer header', 'none');
  t.check(at.type === 0, 'peer type 0 (global instance)', String(at.type));
  t.check(at.distinguisher === '0000000000000000', 'distinguisher 0', at.distinguisher);
  t.check((at.flags & V_FLAG) === 0, 'V clear for an IPv4 neighbour', at.flags.toString(16));
  t.check(at.asn === peer.facts.asn, `AS ${peer.facts.asn}`, String(at.asn));
  t.check(at.id === peer.id, `BGP identifier ${peer.id}`, at.id);
  const path = update.attributes.find((a) => a.type === pa.AS_PATH)?.value ?? new Uint8Array();
  const text = formatPath(decodePath(path, (at.flags & A_FLAG) === 0 ? 4 : 2));
  t.check(text === spec.path.join(' '), `AS_PATH ${spec.path.join(' ')} in the format that A says`, text);
  const [up] = told(t, peer, bmp.PEER_UP);
  const seconds = at.seconds || (up?.peer?.seconds ?? 0);
  const off = Math.abs(Date.now() / 1000 - seconds);
  t.check(seconds === 0 || off < 600, 'a timestamp of now, or none', `${off.toFixed(0)} s off`);
  t.check(at.microseconds < 1_000_000, 'microseconds below one second', String(at.microseconds));
  t.observe(`flags ${at.flags.toString(16)}, timestamp ${at.seconds}`);
}

async function locRib(t: Bench): Promise<void> {
  const [e1, e2] = await t.peers('e1', 'e2');
  const px = t.prefix();
  e1.announce(px, { path: [65001, 64999, 64999] });
  const first = await monitored(t, e1, 'loc-rib', px);
  const at = t.must(first.message.peer, 'a per-peer header', 'none');
  t.check(at.address === '0.0.0.0', 'peer address 0', at.address);
  t.check(
    at.asn === t.profile.asn && at.id === '10.0.0.1',
    'AS and identifier of the target',
    `${at.asn} ${at.id}`,
  );
  e2.announce(px, { path: [65002] });
  const better = () => {
    const last = lastTold(t, e2, 'loc-rib', px);
    const path = last?.update.attributes.find((one) => one.type === pa.AS_PATH)?.value;
    return path !== undefined && formatPath(decodePath(path, 4)) === '65002' ? true : undefined;
  };
  t.must(await t.collector.until(better, t.patienceMs), 'the better route of e2 is told', 'it is not');
  e2.withdraw(px);
  e1.withdraw(px);
  const gone = () => (lastTold(t, e1, 'loc-rib', px)?.there === false ? true : undefined);
  t.must(await t.collector.until(gone, t.patienceMs), 'the withdrawal is told', `${px} is still there`);
  const ups = told(t, undefined, bmp.PEER_UP).filter((one) => one.peer?.type === bmp.LOC_RIB_PEER);
  const up = t.must(ups[0], 'Peer Up of peer type 3', 'none');
  const table = bmp.peerUp(up).information.find(({ type }) => type === 3);
  // RFC 9069 §4.4: the VRF/Table Name TLV MUST be in Peer Up.
  t.check(table !== undefined && table.value.length > 0, 'the name of the table in Peer Up', 'no name');
  const views = new Set(routesTold(t, e1, 'loc-rib').flatMap(({ peer }) => (peer ? [viewOf(peer)] : [])));
  t.observe(`table ${new TextDecoder().decode(table?.value)}, ${[...views].join(' ')}`);
}
