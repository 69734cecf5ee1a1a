/** Walks over a field full of NLRI of one family (RFC 7606 §5.3, RFC 7911 §3). */
import { readU32 } from '../bytes.ts';
import { copyKey, labelFieldAt, labelOf } from './label.ts';
import type { NlriRow } from './row.ts';

/** RFC 7911 §3: octets of the path identifier before each NLRI. */
export const pathIdLength = 4;

/** RFC 7606 §5.3: how many NLRI `[start, end)` holds, -1 when the field is malformed. */
export function checkNlriRun(
  bytes: Uint8Array,
  start: number,
  end: number,
  row: NlriRow,
  addPath: boolean,
): number {
  const before = addPath ? pathIdLength : 0;
  let count = 0;
  let at = start;
  while (at < end) {
    const length = row.wireLength(bytes, at + before, end);
    if (length < 0) return -1;
    at += before + length;
    count++;
  }
  return count;
}

/** An NLRI of `length` octets at `at` in words, with its label where it has one. For tests and slow paths. */
export function nlriWords(
  row: NlriRow,
  bytes: Uint8Array,
  at: number,
  length: number,
): { readonly text: string; readonly label: number | undefined } {
  if (row.labelOctets === 0) return { text: row.format(bytes, at), label: undefined };
  const key = new Uint8Array(length);
  copyKey(bytes, at, length, key);
  return { text: row.format(key, 0), label: labelOf(labelFieldAt(bytes, at)) };
}

/** `at` is the first octet after any path identifier; `pathId` is 0 without ADD-PATH. */
export type NlriVisitor = (at: number, length: number, pathId: number) => void;

/** Visits every NLRI of a checked field. For tests and slow paths: the RIB walks by itself. */
export function forEachNlri(
  bytes: Uint8Array,
  start: number,
  end: number,
  row: NlriRow,
  addPath: boolean,
  visit: NlriVisitor,
): void {
  const before = addPath ? pathIdLength : 0;
  let at = start;
  while (at < end) {
    const length = row.wireLength(bytes, at + before, end);
    if (length < 0) throw new RangeError(`malformed NLRI at ${at}`);
    visit(at + before, length, addPath ? readU32(bytes, at) : 0);
    at += before + length;
  }
}
