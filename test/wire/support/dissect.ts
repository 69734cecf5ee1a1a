/** tshark as a second decoder: messages in, its tree of each out. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { pcapOf } from './pcap.ts';

export const installed = spawnSync('tshark', ['--version']).status === 0;
export const reason = 'tshark is not installed: no second opinion on the codec';
if (!installed && process.env.CI !== 'true') console.warn(`SKIPPED: ${reason}`);

export type Json = string | { readonly [key: string]: Json } | readonly Json[];

/** tshark's tree of each message. */
export function dissect(messages: readonly Uint8Array[], asnOctets: 2 | 4): Json[] {
  const directory = mkdtempSync(join(tmpdir(), 'second-decoder-'));
  try {
    const file = join(directory, 'messages.pcap');
    writeFileSync(file, pcapOf(messages));
    const options = [
      '-r',
      file,
      '-o',
      `bgp.asn_len:${asnOctets} octet`,
      '-T',
      'json',
      '--no-duplicate-keys',
      '-J',
      'bgp',
    ];
    const run = spawnSync('tshark', options, { maxBuffer: 1 << 30, encoding: 'utf8' });
    expect(run.status, run.stderr).toBe(0);
    const packets = JSON.parse(run.stdout) as { _source: { layers: { bgp: Json } } }[];
    return packets.map((packet) => packet._source.layers.bgp);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Every value under this key, in order. */
export function all(tree: Json, key: string): string[] {
  if (typeof tree === 'string' || tree === undefined) return [];
  if (Array.isArray(tree)) return tree.flatMap((each) => all(each, key));
  return Object.entries(tree).flatMap(([name, value]: [string, Json]) => {
    if (name !== key) return all(value, key);
    return typeof value === 'string' ? [value] : Array.isArray(value) ? value.map(String) : all(value, key);
  });
}
