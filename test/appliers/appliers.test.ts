/** Appliers together: a program that takes JSON at the other end of a Unix socket, and commands that fail. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAppliers, type RunningAppliers } from '../../src/appliers/appliers.ts';
import type { Command } from '../../src/appliers/command.ts';
import { markOf, presentMarks, ruleset } from '../../src/appliers/multiplexer.ts';
import type { LbRule } from '../../src/controller/resources.ts';
import { applyChanges, emptySnapshot } from '../../src/controller/snapshot.ts';
import { put, system } from '../controller/builders.ts';

const rule = (remoteAddress: string, dip: string, vip = '203.0.113.1'): LbRule => ({
  ...{ name: `${vip} ${remoteAddress}`, vip, remoteAddress, dip, slot: 'slot-1', epoch: 1 },
  protocols: ['esp', 'udp/500', 'udp/4500'],
  returnPath: 'direct',
});
const snapshot = applyChanges(emptySnapshot(system), put('lbRules', rule('192.0.2.1', '10.255.0.1')));

let directory: string;
let server: Server | undefined;
let appliers: RunningAppliers | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heliograph-appliers-'));
});
afterEach(async () => {
  appliers?.close();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  rmSync(directory, { recursive: true });
});

/** A program that answers each line as told. */
function listen(answer: (line: string, socket: Socket) => void): Promise<string> {
  const path = join(directory, 'overlay.sock');
  server = createServer((socket) => {
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => answer(line, socket));
  });
  return new Promise((resolve) => server?.listen(path, () => resolve(path)));
}

it('a program is given whole tables with their revision, and its word is what counts', async () => {
  const lines: string[] = [];
  const path = await listen((line, socket) => {
    lines.push(line);
    socket.write(`${JSON.parse(line).revision}\n`);
  });
  appliers = createAppliers({ multiplexers: [], hosts: [], json: [path] });
  await Promise.all([appliers?.rules(snapshot), appliers?.routes(snapshot)]);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { type: 'lbRules', revision: 1, rows: [{ vip: '203.0.113.1', dip: '10.255.0.1' }] },
    { type: 'overlayRoutes', revision: 1, rows: [] },
  ]);
});

it.each([
  ['goes away', (_: string, socket: Socket) => void socket.destroy(), /closed by the other end/],
  ['says something else', (_: string, socket: Socket) => void socket.write('no\n'), /something else/],
])('a program that %s has applied nothing; it is asked anew', async (_, answer, reason) => {
  let [asked, broken] = [0, true];
  const path = await listen((line, socket) => {
    asked++;
    if (broken) answer(line, socket);
    else socket.write(`${JSON.parse(line).revision}\n`);
  });
  appliers = createAppliers({ multiplexers: [], hosts: [], json: [path] });
  await expect(appliers?.rules(snapshot)).rejects.toThrow(reason);
  broken = false;
  await appliers?.rules(snapshot);
  expect(asked).toBe(2);
});

it('a program that is not there, and a command that fails, are told together', async () => {
  appliers = createAppliers(
    { multiplexers: [{ interface: 'eth0' }], hosts: [], json: [join(directory, 'nobody')] },
    () => Promise.reject(new Error('nft is missing')),
  );
  await expect(appliers?.rules(snapshot)).rejects.toThrow(/nobody.*nft is missing/);
});

it('a mark leads to its gateway before the map names it, and is taken away after', async () => {
  const said: string[] = [];
  const run = ({ program, args, input }: Command) => {
    said.push(`${program} ${args.includes('show') ? 'show' : (input ?? '').split('\n')[0]}`);
    const stale = JSON.stringify([{ priority: 11_000, fwmark: '0x40000001', table: '1073741825' }]);
    return Promise.resolve(args.includes('-4') ? stale : '[]');
  };
  appliers = createAppliers({ multiplexers: [{ interface: 'eth0' }], hosts: [], json: [] }, run);
  await appliers?.rules(snapshot);
  const mark = markOf('10.255.0.1');
  expect(said).toEqual([
    'ip show',
    `ip route replace default via 10.255.0.1 dev eth0 onlink table ${mark}`,
    'ip show',
    'nft table inet heliograph_multiplexer {}',
    'ip rule del fwmark 1073741825 lookup 1073741825 priority 11000',
  ]);
});

it('rules of others are left alone', () => {
  const shown = [
    { priority: 0, src: 'all', table: 'local' },
    { priority: 11_000, fwmark: '0x40000002' },
    { priority: 12_000, fwmark: '0x40000003' },
  ];
  expect(presentMarks(JSON.stringify(shown))).toEqual([0x40000002]);
});

it('families do not mix, and sites without a gateway are in no map', () => {
  const text = ruleset([rule('192.0.2.1', '10.255.0.1'), rule('2001:db8::1', 'fd00::1', '2001:db8:1::1')]);
  expect(text).toContain(`192.0.2.1 . 203.0.113.1 : ${markOf('10.255.0.1')}`);
  expect(text).toContain(`2001:db8::1 . 2001:db8:1::1 : ${markOf('fd00::1')}`);
  expect(ruleset([])).not.toContain('elements');
});

it('nothing configured is nothing to do', () => {
  expect(createAppliers({ multiplexers: [], hosts: [], json: [] })).toBeUndefined();
});
