/**
 * The label of an NLRI (RFC 8277 §2.2): one, whatever its S bit says, since several need a capability that this build
 * does not offer. Labels are payload: a destination keeps its key when its label changes, and a withdrawal may carry
 * any (§2.4).
 *
 *      +------------+---------------------------------+-----------------------+
 *      | Length (1) | Label (20 bits), Rsrv (3), S (1) | Rest of the key        |
 *      +------------+---------------------------------+-----------------------+
 */

const labelBits = 24;

/** RFC 8277 §2.4: what a withdrawal carries in the place of a label. */
export const withdrawnLabel = 0x800000;

/** The label field for a label: S set, Rsrv clear. Never 0, which stands for "no label". */
export function labelField(label: number): number {
  return (label << 4) | 1;
}

export function labelOf(field: number): number {
  return field >>> 4;
}

/** The label field of the NLRI at `at`. RFC 8277 §2.2: Rsrv and S are ignored on receipt. */
export function labelFieldAt(bytes: Uint8Array, at: number): number {
  return (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | (bytes[at + 3] & 0xf0) | 1;
}

/** Copies the key of a labelled NLRI of `length` octets at `at` to the start of `out`. */
export function copyKey(bytes: Uint8Array, at: number, length: number, out: Uint8Array): void {
  out[0] = bytes[at] - labelBits;
  for (let i = 4; i < length; i++) out[i - 3] = bytes[at + i];
}

/** The labelled wire form of a key; `field` is a label field. */
export function withLabel(key: Uint8Array, field: number): Uint8Array {
  const wire = new Uint8Array(key.length + 3);
  wire.set(key, 3);
  putLabel(wire, 0, key[0], field);
  return wire;
}

/** Writes length octet and label before a key whose other octets are at `at + 4`. */
export function putLabel(out: Uint8Array, at: number, keyBits: number, field: number): void {
  out[at] = keyBits + labelBits;
  out[at + 1] = field >>> 16;
  out[at + 2] = field >>> 8;
  out[at + 3] = field;
}
