/**
 * What glibc's malloc keeps for itself. Left alone it raises the size from which memory is mapped to that of the largest
 * array ever freed, so that the columns of a growing table come to lie in a heap full of the holes of their former
 * selves: a sixteenth of a full table's memory. Fixed limits give every array of a column's size back when it goes.
 * Nothing depends on it; another C library, or no koffi, costs that memory and nothing else.
 */
import { type LibcResult, loadLibc } from './libc.ts';

/** mallopt(3). */
const trimThreshold = -1;
const topPad = -2;
const mmapThreshold = -3;

const limitOctets = 64 * 1024;

/** Call it before there are tables. */
export function limitAllocator(loaded: LibcResult = loadLibc()): void {
  if (!loaded.ok) return;
  const { mallopt } = loaded.libc;
  for (const parameter of [mmapThreshold, trimThreshold, topPad]) mallopt?.(parameter, limitOctets);
}

/** Gives back what loading and compiling the program left behind: some 5 MB. */
export function trimAllocator(loaded: LibcResult = loadLibc()): void {
  if (loaded.ok) loaded.libc.malloc_trim?.(0);
}
