/**
 * What glibc's malloc and the loader keep for themselves. Left alone malloc raises the size from which memory is mapped
 * to that of the largest array ever freed, so that the columns of a growing table come to lie in a heap full of the holes
 * of their former selves: a sixteenth of a full table's memory. Fixed limits give every array of a column's size back when
 * it goes. Nothing depends on any of this; another C library, or no koffi, costs memory and nothing else.
 */
import { readFileSync } from 'node:fs';
import { type LibcResult, loadLibc } from './libc.ts';

/** mallopt(3). */
const trimThreshold = -1;
const topPad = -2;
const mmapThreshold = -3;

const limitOctets = 64 * 1024;

/** madvise(2). */
const notNeeded = 4;

/** Call it before there are tables. */
export function limitAllocator(loaded: LibcResult = loadLibc()): void {
  if (!loaded.ok) return;
  const { mallopt } = loaded.libc;
  for (const parameter of [mmapThreshold, trimThreshold, topPad]) mallopt?.(parameter, limitOctets);
}

/**
 * Gives back what loading and compiling the program left behind: some 5 MB of malloc's, and the pages of Node's own code
 * and constants that only the start needed, some 20 MB. Those are the file's: what is wanted again is mapped again without
 * being read.
 */
export function releaseStart(loaded: LibcResult = loadLibc()): void {
  if (!loaded.ok) return;
  loaded.libc.malloc_trim?.(0);
  for (const { start, octets } of unchangedOf(process.execPath, readMappings()))
    loaded.libc.madvise(start, octets, notNeeded);
}

function readMappings(): string {
  try {
    return readFileSync('/proc/self/smaps', 'latin1');
  } catch {
    return '';
  }
}

/**
 * The mappings of a file that nobody may write to and no page of which differs from the file, in the format of
 * proc_pid_smaps(5): what the loader relocated and then protected is not among them.
 */
export function unchangedOf(file: string, smaps: string): readonly { start: bigint; octets: number }[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((mapping) => {
    const [, from, to, path] = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \d+ +(.*)$/m.exec(mapping) ?? [];
    if (from === undefined || to === undefined || path !== file) return [];
    if (!/^Anonymous: +0 kB$/m.test(mapping)) return [];
    const start = BigInt(`0x${from}`);
    return [{ start, octets: Number(BigInt(`0x${to}`) - start) }];
  });
}
