/**
 * The language of `ip -force -batch -`: a line per change, and on its standard error what became of lines that failed.
 * Without -force it would stop at the first of them; a line it cannot even parse stops it nevertheless.
 */
import { destinationText } from './route.ts';

export interface FibKey {
  readonly table: number;
  readonly metric: number;
}

export interface Change {
  readonly version: 4 | 6;
  /** Length, then 4 or 16 octets. */
  readonly nlri: Uint8Array;
  /** The ways out (`hopsText`); empty removes the route. */
  readonly hops: string;
}

export function batchLine({ version, nlri, hops }: Change, { table, metric }: FibKey): string {
  const route = `${destinationText(version, nlri)} proto bgp metric ${metric} table ${table}`;
  return hops === '' ? `route del ${route}` : `route replace ${route} ${hops}`;
}

/** What became of a batch. `broken`: nobody knows which of its lines were done. */
export type BatchOutcome =
  | { readonly type: 'done'; readonly failed: ReadonlyMap<number, string> }
  | { readonly type: 'broken'; readonly reason: string };

/** How a run of `ip` ended. */
export interface CommandEnd {
  /** `undefined`: it was ended by a signal, or never began. */
  readonly code: number | undefined;
  readonly stderr: string;
  /** Why it never began, or was ended by us. */
  readonly problem: string | undefined;
}

/** It never ran, or nobody knows what it did. */
export function problemEnd(problem: string): CommandEnd & { readonly stdout: string } {
  return { code: undefined, stdout: '', stderr: '', problem };
}

/** Failed lines by their index, with the kernel's words or those of `ip`. */
export function batchOutcome(end: CommandEnd): BatchOutcome {
  if (end.problem !== undefined) return { type: 'broken', reason: end.problem };
  const failed = new Map<number, string>();
  let words: string[] = [];
  for (const line of end.stderr.split('\n')) {
    const at = /^Command failed .*:(\d+)$/.exec(line)?.[1];
    if (at === undefined) {
      if (line !== '') words.push(line);
      continue;
    }
    failed.set(Number(at) - 1, reasonOf(words));
    words = [];
  }
  // It ends with 1 where lines failed; words without a line are why it stopped in the middle.
  if (end.code === 0 || (end.code === 1 && failed.size > 0 && words.length === 0))
    return { type: 'done', failed };
  return { type: 'broken', reason: reasonOf(words) || `ip ended with ${end.code ?? 'a signal'}` };
}

function reasonOf(words: readonly string[]): string {
  return words.map((line) => line.replace(/^(RTNETLINK answers|Error): /, '').replace(/\.$/, '')).join('; ');
}

/** A route that is removed need not be there. */
export function isGone(reason: string): boolean {
  return /^(No such process|(ipv[46]: )?FIB table does not exist)$/.test(reason);
}
