/** What a row of requests every 10 ms says of a path: how many were lost, and how long it was silent. */
import type { LabProcess } from './lab-process.ts';

export interface PathRecord {
  readonly sent: number;
  readonly lost: number;
  /** The longest time between two answers. */
  readonly longestGapMs: number;
  /** Milliseconds since the epoch of the answer that ended it; 0 when there were fewer than two. */
  readonly resumedAt: number;
}

/** Milliseconds since the epoch; 0 before the first. `text` as of `ping -D`. */
export function lastAnswer(text: string): number {
  const at = text.lastIndexOf(' bytes from');
  const line = at < 0 ? '' : text.slice(text.lastIndexOf('\n', at) + 1, at);
  return Number(/^\[(\d+\.\d+)\]/.exec(line)?.[1] ?? 0) * 1000;
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
  const longestGap = gaps.reduce((longest, gap) => Math.max(longest, gap), 0);
  const resumedAt = times[gaps.indexOf(longestGap) + 1] ?? 0;
  const [sent, received] = [Number(summary[1]), Number(summary[2])];
  return { sent, lost: sent - received, longestGapMs: Math.round(longestGap), resumedAt };
}
