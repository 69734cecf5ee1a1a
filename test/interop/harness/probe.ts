/** What a row of requests every 10 ms says of a path: how many were lost, and how long it was silent. */
import type { LabProcess } from './lab-process.ts';

export interface PathRecord {
  readonly sent: number;
  readonly lost: number;
  /** The longest time between two answers. */
  readonly longestGapMs: number;
}

/** Ends the ping and reads what it saw. */
export async function pathRecord(ping: LabProcess): Promise<PathRecord> {
  ping.signal('SIGINT');
  await ping.ended();
  return parsePing(ping.log());
}

/** Output of `ping -D`. Throws when there is no summary. */
export function parsePing(text: string): PathRecord {
  const summary = /^(\d+) packets transmitted, (\d+) received/m.exec(text);
  if (!summary) throw new Error(`ping gave no summary: ${text.slice(-200)}`);
  const times = [...text.matchAll(/^\[(\d+\.\d+)\] \d+ bytes from/gm)].map(
    (match) => Number(match[1]) * 1000,
  );
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time));
  const [sent, received] = [Number(summary[1]), Number(summary[2])];
  return { sent, lost: sent - received, longestGapMs: Math.round(Math.max(0, ...gaps)) };
}
