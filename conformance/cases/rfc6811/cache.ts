// RFC 8097, RFC 8210: the state as an extended community, and the router's side of the protocol to the cache.

import type { Bench } from '../../engine/bench.ts';
import { type Case, each } from '../../engine/case.ts';
import { hexOf } from '../../engine/routes.ts';
import * as pa from '../../wire/attributes.ts';
import { type Bytes, fill, hex, u32 } from '../../wire/bytes.ts';
import * as rtr from '../../wire/rtr.ts';
import { asked, taken } from './validating.ts';

const needs = ['origin-validation'] as const;
const PATIENCE_MS = 12_000;

const validationState = (state: number): Bytes => hex(`430000000000000${state}`);

/** The validation state communities that the observer sees on the route, in hex. */
function statesOn(observer: Parameters<typeof taken>[2], prefix: string): readonly string[] {
  const route = observer.route(prefix);
  const text = (route === undefined ? undefined : hexOf(route, pa.EXTENDED_COMMUNITIES)) ?? '';
  return (text.match(/.{16}/g) ?? []).filter((one) => one.startsWith('4300'));
}

/** Once the payload has been taken the route is announced, and shows its state to an internal neighbour. */
async function told(t: Bench, asn: number | undefined, wanted: number): Promise<void> {
  const [e1, n1] = await t.peers('e1', 'n1');
  const px = t.prefix();
  await taken(t, e1, n1, asn === undefined ? [] : [{ prefix: px, maxLength: 24, asn }]);
  e1.announce(px, { path: [65001, 64999] });
  await n1.until(() => (n1.route(px) === undefined ? undefined : true));
  t.need(n1, px);
  await t.settle(e1, [n1]);
  const seen = statesOn(n1, px);
  const expected = `430000000000000${wanted}`;
  t.check(seen.join(' ') === expected, expected, seen.join(' ') || 'no such community');
}

async function fromOutside(t: Bench): Promise<void> {
  const [e1, n1] = await t.peers('e1', 'n1');
  const px = t.prefix();
  await t.seed(px, e1, [n1], { with: [pa.extendedCommunities(validationState(2))] });
  const seen = statesOn(n1, px);
  t.check(seen.length === 0, 'the community of an external neighbour is removed', seen.join(' '));
}

async function fromInside(t: Bench): Promise<void> {
  const [c1, n1] = await t.peers('c1', 'n1');
  const px = t.prefix();
  await t.seed(px, c1, [n1], { with: [pa.extendedCommunities(validationState(2))] });
  const seen = statesOn(n1, px);
  t.check(seen.join() === '4300000000000002', 'the community goes on', seen.join(' ') || 'no such community');
}

/** The first query after the ones there are that holds. */
async function query(t: Bench, what: string, from: number, holds: (one: rtr.Query) => boolean) {
  const found = await t.cache.until(() => t.cache.queries.slice(from).find(holds), PATIENCE_MS);
  const seen = t.cache.queries.slice(from).map((one) => `version ${one.version} type ${one.type}`);
  return t.must(found, what, seen.join(', ') || 'no PDU');
}

async function follows(t: Bench): Promise<void> {
  await asked(t);
  const first = t.must(t.cache.queries[0], 'a first query', 'none');
  t.check(first.type === rtr.RESET_QUERY, 'a Reset Query first', `type ${first.type}`);
  const from = t.cache.queries.length;
  t.cache.add({ prefix: t.prefix(), maxLength: 24, asn: 65001 });
  await query(t, 'a Serial Query after Serial Notify', from, ({ type }) => type === rtr.SERIAL_QUERY);
}

async function reset(t: Bench): Promise<void> {
  await asked(t);
  t.cache.forgetful = true;
  const from = t.cache.queries.length;
  t.cache.add({ prefix: t.prefix(), maxLength: 24, asn: 65001 });
  await query(t, 'a Serial Query after Serial Notify', from, ({ type }) => type === rtr.SERIAL_QUERY);
  await query(t, 'a Reset Query after Cache Reset', from, ({ type }) => type === rtr.RESET_QUERY);
}

async function fallsBack(t: Bench): Promise<void> {
  await asked(t);
  const from = t.cache.queries.length;
  t.observe(`first query: version ${t.cache.queries[0]?.version ?? '?'}`);
  t.cache.version = 0;
  t.cache.drop();
  await query(
    t,
    'a query of version 0',
    from,
    ({ version, type }) => version === 0 && type <= rtr.RESET_QUERY,
  );
}

/** A wrong PDU to a router that is in step; then it must still validate what comes. */
async function wrong(t: Bench, octets: Bytes): Promise<void> {
  const [e1, n1] = await t.peers('e1', 'n1');
  await taken(t, e1, n1, []);
  const from = t.cache.queries.length;
  t.cache.send(octets);
  const report = () => t.cache.queries.slice(from).find(({ type }) => type === rtr.ERROR_REPORT);
  const how = await t.cache.until(() => report() ?? (t.cache.connected ? undefined : 'closed'), 3000);
  const code = report()?.field;
  t.observe(
    code === undefined ? (how === 'closed' ? 'closed without a word' : 'ignored') : `Error Report ${code}`,
  );
  await t.settle(e1, [n1]);
  t.check(how !== undefined, 'an Error Report, or the connection closed', 'neither');
}

export const cacheCases: readonly Case[] = [
  {
    id: 'RFC8097-2-01',
    level: 'SHOULD',
    profile: 'Provext',
    needs: ['origin-validation', 'validation-communities'],
    title: 'routes of each state, where the policy writes it as an extended community',
    expected: 'an internal neighbour sees 4300 0000 0000 000x, x 0 valid, 1 not found, 2 invalid',
    variants: {
      valid: (t) => told(t, 64999, 0),
      'not-found': (t) => told(t, undefined, 1),
      invalid: (t) => told(t, 64998, 2),
    },
  },
  {
    id: 'RFC8097-2-02',
    level: 'MUST',
    profile: 'Provno',
    needs: ['origin-validation', 'validation-communities'],
    title: 'an external neighbour sends the validation state community; no policy speaks of it',
    expected: 'it is not passed on inside the AS',
    run: fromOutside,
  },
  {
    id: 'RFC8097-2-03',
    level: 'SHOULD',
    profile: 'Provno',
    needs: ['origin-validation', 'validation-communities'],
    title: 'a client sends the validation state community',
    expected: 'it is reflected as it came',
    run: fromInside,
  },
  {
    id: 'RFC8210-5-01',
    level: 'MUST',
    profile: 'Provno',
    needs,
    isolated: true,
    title: 'the cache says that there is news, that it forgot the serial, or that it speaks version 0 only',
    expected: 'Serial Query, Reset Query, a query of version 0',
    variants: { notify: follows, reset, 'version-0': fallsBack },
  },
  {
    id: 'RFC8210-Z-01',
    level: 'ROBUST',
    profile: 'Prov',
    needs,
    isolated: true,
    title: 'a PDU of length 7, of length 2^31, of unknown type 99, a prefix cut short',
    expected: 'an Error Report, or at least the end of the connection; no BGP session is lost',
    variants: each(
      {
        'length-7': rtr.pdu(1, rtr.SERIAL_NOTIFY, 1, u32(1), 7),
        'length-2-31': rtr.pdu(1, rtr.SERIAL_NOTIFY, 1, u32(1), 0x80000000),
        'type-99': rtr.pdu(1, 99, 0, u32(1)),
        'prefix-short': rtr.pdu(1, 4, 0, fill(1, 4)),
      },
      (t, octets) => wrong(t, octets),
    ),
  },
];
