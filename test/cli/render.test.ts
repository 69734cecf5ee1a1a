import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noColours } from '../../src/cli/render/colours.ts';
import { renderEvent } from '../../src/cli/render/events.ts';
import { hexLines, pairCapabilities } from '../../src/cli/render/peer-page.ts';
import { type Column, Table } from '../../src/cli/render/table.ts';
import { formatAge, formatBytes, printable } from '../../src/cli/render/text.ts';
import { editDistance, nearestWord } from '../../src/cli/suggest.ts';
import type { WatchEvent } from '../../src/cli/views.ts';
import { route } from './samples.ts';

test.each([
  [-5, '00:00:00'],
  [999, '00:00:00'],
  [72_000, '00:01:12'],
  [86_399_999, '23:59:59'],
  [86_400_000, '1d00h'],
  [76 * 3_600_000, '3d04h'],
  [400 * 86_400_000, '400d00h'],
])('an age of %d ms is %s', (milliseconds, text) => {
  expect(formatAge(milliseconds)).toBe(text);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1_572_864, '1.5 MiB'],
  [5 * 2 ** 40, '5120.0 GiB'],
])('%d octets are %s', (octets, text) => {
  expect(formatBytes(octets)).toBe(text);
});

test('nothing a peer can write reaches the terminal as a control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const codes = Array.from(printable(text), (character) => character.charCodeAt(0));
      return codes.every((code) => code >= 32 && (code < 127 || code >= 160));
    }),
  );
  expect(printable('a\u001b[2Jb\u009b')).toBe('a\\x1b[2Jb\\x9b');
  expect(printable('Zürich → 東京')).toBe('Zürich → 東京');
});

type Row = readonly [string, number];
const columns: readonly Column<Row>[] = [
  { title: 'Name', text: ([name]) => name },
  { title: 'N', text: ([, number]) => number, align: 'right' },
  { title: 'Last', text: ([name]) => (name === 'b' ? '' : `<${name}>`) },
];

test('widths come from the heading and the first batch, later wider cells push only their own line', () => {
  const table = new Table(columns, { header: true, colours: noColours });
  const first = table.lines([
    ['a', 1],
    ['b', 100],
  ]);
  expect(first).toBe('Name    N  Last\na       1  <a>\nb     100\n');
  expect(table.lines([['much longer', 7]])).toBe('much longer    7  <much longer>\n');
  expect(table.lines([['c', 8]])).toBe('c       8  <c>\n');
});

test('a table cut into batches has the lines of the whole one, where the first batch holds the widest cells', () => {
  const rows = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{0,9}$/), fc.nat(999)), { maxLength: 30 });
  fc.assert(
    fc.property(rows, fc.nat(30), (some, at) => {
      const all: Row[] = [['wwwwwwwww', 999], ...some];
      const whole = new Table(columns, { header: true, colours: noColours });
      const parts = new Table(columns, { header: true, colours: noColours });
      const text = parts.lines(all.slice(0, at + 1)) + parts.lines(all.slice(at + 1));
      expect(text).toBe(whole.lines(all));
    }),
  );
});

test.each([
  ['peers', 'peers', 0],
  ['peres', 'peers', 1],
  ['rest', 'reset', 1],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
])('from %s to %s are %d edits', (a, b, edits) => {
  expect(editDistance(a, b)).toBe(edits);
});

test('a word is only guessed when it is near', () => {
  expect(nearestWord('PEER', ['peers', 'routes'])).toBe('peers');
  expect(nearestWord('xyzzy', ['peers', 'routes'])).toBeUndefined();
});

test('capabilities: every one of both sides stands in exactly one pair', () => {
  const words = fc.array(fc.constantFrom('a 1', 'a 2', 'b', 'c x', 'multiprotocol v4', 'multiprotocol v6'));
  fc.assert(
    fc.property(words, words, (local, remote) => {
      const pairs = pairCapabilities(local, remote);
      const side = (key: 'local' | 'remote') => pairs.map((pair) => pair[key]).filter((text) => text !== '-');
      expect(side('local')).toEqual(local);
      expect(side('remote').sort()).toEqual([...remote].sort());
      for (const pair of pairs)
        if (pair.local.startsWith('multi')) expect(['-', pair.local]).toContain(pair.remote);
    }),
  );
});

test('bytes are shown 32 a line', () => {
  expect(hexLines('')).toEqual([]);
  expect(hexLines('40 01:0107')).toEqual(['40 01 01 07']);
  expect(hexLines('ff'.repeat(33))).toEqual([Array(32).fill('ff').join(' '), 'ff']);
  expect(hexLines('not hex')).toEqual(['not hex']);
});

const atTime = (event: object): WatchEvent =>
  Object.assign({ tenant: 'default', slot: 'main', time: '2026-01-02T03:04:05.678Z' }, event) as WatchEvent;

const at = 5;
const peer = '10.0.0.2';
test.each([
  [
    { type: 'route', at, family: 'ipv4-unicast', prefix: '10.0.0.0/8', route: undefined },
    '-    10.0.0.0/8  withdrawn',
  ],
  [
    { type: 'route', at, family: 'ipv4-unicast', prefix: '10.0.0.0/8', route: route('10.0.0.0/8') },
    '+*>  10.0.0.0/8  next hop 10.0.0.2  path 65001 65002 igp  local-pref 200  MED 0  from 10.0.0.2',
  ],
  [
    { type: 'peer-state', at, peer, from: 'established', to: 'idle', reason: 'hold timer expired' },
    'peer-state             10.0.0.2  established -> idle: hold timer expired',
  ],
  [{ type: 'peer-added', at, peer, dynamic: true }, 'peer-added             10.0.0.2  dynamic'],
  [
    { type: 'notification-received', at, peer, code: 6, subcode: 2, text: 'Cease, shut\u0007', data: '' },
    'notification-received  10.0.0.2  6/2 Cease, shut\\x07',
  ],
  [
    { type: 'max-prefixes', at, peer, family: 'ipv4-unicast', limit: 10, count: 11, action: 'idle' },
    'max-prefixes           10.0.0.2  ipv4-unicast 11 of at most 10: idle',
  ],
  [{ type: 'overflow', detail: 'too slow' }, 'overflow               events were lost: too slow'],
  [{ type: 'internal-error', at, peer: undefined, detail: 'x' }, 'internal-error         -  x'],
] as const)('event %# in words', (event, words) => {
  const line = renderEvent(atTime(event), noColours);
  // The hour and the minute are those of the machine.
  expect(line.replace(/^\d\d:\d\d/, '')).toBe(`:05.678  ${words}\n`);
});
