/**
 * A hash of what a route's attributes say, whatever their order and header form: what the reflector adds
 * (ORIGINATOR_ID, CLUSTER_LIST) does not count, nor does a MED of 0, which FRR adds where there was none. So the same
 * value must come out at the sink as at the sender.
 */

/** Octets of one element of the attributes that are sets: daemons may sort them. */
const elementSize: Readonly<Record<number, number>> = { 8: 4, 16: 8, 32: 12 };

/** FNV-1a over type and value (of sets: of every element), summed up. */
export function attributesHash(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; ) {
    const extended = (bytes[at] & 0x10) !== 0;
    const type = bytes[at + 1];
    const length = extended ? (bytes[at + 2] << 8) | bytes[at + 3] : bytes[at + 2];
    at += extended ? 4 : 3;
    const isNoMed = type === 4 && length === 4 && bytes.subarray(at, at + 4).every((octet) => octet === 0);
    if (type !== 9 && type !== 10 && !isNoMed) {
      const step = elementSize[type] ?? Math.max(1, length);
      let element = at;
      do {
        sum = (sum + hashOf(type, bytes, element, Math.min(element + step, at + length))) >>> 0;
        element += step;
      } while (element < at + length);
    }
    at += length;
  }
  return sum;
}

function hashOf(type: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = Math.imul(0x811c9dc5 ^ type, 0x01000193);
  for (let octet = start; octet < end; octet++) hash = Math.imul(hash ^ bytes[octet], 0x01000193);
  return hash;
}

/** Whether ORIGINATOR_ID is this one and there is a CLUSTER_LIST (RFC 4456 §8). */
export function isReflected(bytes: Uint8Array, start: number, end: number, originatorId: number): boolean {
  let originator = -1;
  let clusters = 0;
  for (let at = start; at < end; ) {
    const extended = (bytes[at] & 0x10) !== 0;
    const type = bytes[at + 1];
    const length = extended ? (bytes[at + 2] << 8) | bytes[at + 3] : bytes[at + 2];
    at += extended ? 4 : 3;
    if (type === 9) {
      originator = ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
    }
    if (type === 10) clusters = length / 4;
    at += length;
  }
  return originator === originatorId && clusters >= 1;
}
