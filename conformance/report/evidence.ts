// The evidence directory of one execution: all that a bug report upstream needs.
//
// transcript.txt (times, directions, hex, one-line decode), session.pcapng, target.conf, target.log, result.json.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence } from '../engine/record.ts';
import type { Entry, Transcript } from '../engine/transcript.ts';
import { toHex } from '../wire/bytes.ts';
import { decodeOpen, decodePath, decodeUpdate, type Frame, formatPath, takeFrames } from '../wire/decode.ts';
import { pcapng } from './pcapng.ts';

const names: Readonly<Record<number, string>> = {
  1: 'OPEN',
  2: 'UPDATE',
  3: 'NOTIFICATION',
  4: 'KEEPALIVE',
  5: 'ROUTE-REFRESH',
};

/** One line that says what a frame is. */
export function describeFrame(frame: Frame): string {
  const name = names[frame.type] ?? `type ${frame.type}`;
  const odd = frame.markerGood ? '' : ' bad marker';
  return `${name} length ${frame.length}${odd}${detail(frame)}`;
}

function detail(frame: Frame): string {
  if (frame.type === 3) {
    const [code = 0, subcode = 0, ...data] = frame.body;
    return ` ${code}/${subcode} data ${toHex(Uint8Array.from(data)) || 'none'}`;
  }
  if (frame.type === 1) {
    const open = decodeOpen(frame.body);
    const codes = open.capabilities.map((c) => c.code).join(',');
    return ` version ${open.version} AS ${open.asn} hold ${open.holdSeconds} id ${open.id} capabilities ${codes || 'none'}`;
  }
  if (frame.type !== 2) return '';
  const update = decodeUpdate(frame.body);
  const list = (title: string, routes: readonly { readonly prefix: string }[] | undefined) =>
    routes === undefined || routes.length === 0
      ? ''
      : ` ${title} ${routes
          .map((r) => r.prefix)
          .slice(0, 4)
          .join(' ')}`;
  const path = update.attributes.find((a) => a.type === 2)?.value;
  return [
    list('withdraws', [...update.withdrawn, ...(update.unreach?.nlri ?? [])]),
    list('announces', [...update.nlri, ...(update.reach?.nlri ?? [])]),
    path === undefined ? '' : ` path [${formatPath(decodePath(path, 4))}]`,
    ` attributes ${update.attributes.map((a) => a.type).join(',') || 'none'}`,
  ].join('');
}

/** Rows of 16 octets with an offset, which text2pcap reads too. */
function hexRows(bytes: Uint8Array): string[] {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const octets = Array.from(bytes.subarray(at, at + 16), (o) => o.toString(16).padStart(2, '0'));
    rows.push(`${at.toString(16).padStart(6, '0')} ${octets.join(' ')}`);
  }
  return rows;
}

function lines(entry: Entry): string[] {
  const head = `${(entry.atMs / 1000).toFixed(3).padStart(8)} ${entry.peer.padEnd(6)}`;
  if (entry.type === 'note') return [`# ${head} ${entry.text}`];
  const arrow = entry.type === 'sent' ? '->' : '<-';
  const { frames } = takeFrames(entry.bytes);
  const words = frames.length === 0 ? [`${entry.bytes.length} octets`] : frames.map(describeFrame);
  return [...words.map((text) => `# ${head} ${arrow} ${text}`), ...hexRows(entry.bytes)];
}

export function transcriptText(transcript: Transcript): string {
  const head = `# ${new Date(transcript.startedAt).toISOString()}; seconds, peer, -> sent by the tester, <- by the target`;
  return [head, ...transcript.entries.flatMap(lines), ''].join('\n');
}

export const directoryOf = (base: string, target: string, execution: string): string =>
  join(base, target, execution.replaceAll('/', '_'));

/** Writes the directory and returns its path. */
export function writeEvidence(base: string, evidence: Evidence): string {
  const { result, target, version, transcript } = evidence;
  const directory = directoryOf(base, target, result.execution);
  mkdirSync(directory, { recursive: true });
  const comment = `${result.execution} against ${target} ${version}: ${result.verdict}`;
  writeFileSync(join(directory, 'transcript.txt'), transcriptText(transcript));
  writeFileSync(join(directory, 'session.pcapng'), pcapng(transcript, comment));
  writeFileSync(join(directory, 'target.conf'), evidence.configuration);
  writeFileSync(join(directory, 'target.log'), evidence.log);
  const record = { ...result, evidence: directory, target, version, node: process.version };
  writeFileSync(join(directory, 'result.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  return directory;
}
