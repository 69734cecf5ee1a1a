/**
 * Reads what a sink received and checks every prefix and every attribute set against the table that was sent. Runs
 * after the bytes arrived, so that checking takes no time from the daemon; the chunk times tell when the last one came.
 */
import { attributesHash, isReflected } from './attributes-hash.ts';
import type { FullTable } from './full-table.ts';

export class Verifier {
  readonly #table: FullTable;
  readonly #originatorId: number;
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #seen: Uint8Array;
  #at = 0;
  updates = 0;
  verified = 0;
  /** What was wrong first. */
  wrong: string | undefined;
  /** Offset behind the message that completed the table. */
  completeAt: number | undefined;

  constructor(table: FullTable, originatorId: number) {
    this.#table = table;
    this.#originatorId = originatorId;
    const size = 2 ** Math.ceil(Math.log2(table.count * 2));
    this.#mask = size - 1;
    this.#slots = new Int32Array(size);
    this.#seen = new Uint8Array(table.count);
    for (let n = 0; n < table.count; n++) {
      let slot = this.#hash(table.address[n], table.length[n]);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = n + 1;
    }
  }

  get isComplete(): boolean {
    return this.verified === this.#table.count;
  }

  /** Reads whole messages up to `end`, from where the last call stopped. */
  advance(bytes: Buffer, end: number): void {
    while (this.#at + 19 <= end) {
      const length = bytes.readUInt16BE(this.#at + 16);
      if (this.#at + length > end) return;
      const type = bytes[this.#at + 18];
      if (type === 2) this.#update(bytes, this.#at + 19, this.#at + length);
      if (type === 3) this.wrong ??= `NOTIFICATION ${bytes[this.#at + 19]}/${bytes[this.#at + 20]}`;
      this.#at += length;
      if (this.isComplete) this.completeAt ??= this.#at;
    }
  }

  #update(bytes: Buffer, start: number, end: number): void {
    const withdrawn = bytes.readUInt16BE(start);
    const attributes = start + 4 + withdrawn;
    const nlri = attributes + bytes.readUInt16BE(start + 2 + withdrawn);
    if (withdrawn > 0) this.wrong ??= 'a prefix was withdrawn';
    if (nlri === end) return; // End-of-RIB
    this.updates += 1;
    const hash = attributesHash(bytes, attributes, nlri);
    if (!isReflected(bytes, attributes, nlri, this.#originatorId)) {
      this.wrong ??= 'ORIGINATOR_ID or CLUSTER_LIST is wrong';
    }
    for (let at = nlri; at < end; ) {
      const bits = bytes[at];
      const octets = (bits + 7) >> 3;
      let address = 0;
      for (let octet = 0; octet < octets; octet++) address |= bytes[at + 1 + octet] << (24 - 8 * octet);
      this.#check(address >>> 0, bits, hash);
      at += 1 + octets;
    }
  }

  #check(address: number, bits: number, hash: number): void {
    let slot = this.#hash(address, bits);
    let n = this.#slots[slot] - 1;
    while (n >= 0 && (this.#table.address[n] !== address || this.#table.length[n] !== bits)) {
      slot = (slot + 1) & this.#mask;
      n = this.#slots[slot] - 1;
    }
    if (n < 0) {
      this.wrong ??= `a prefix that was never sent: ${address}/${bits}`;
    } else if (this.#table.setHash[this.#table.set[n]] !== hash) {
      this.wrong ??= `wrong attributes with ${address}/${bits}`;
    } else if (this.#seen[n] === 0) {
      this.#seen[n] = 1;
      this.verified += 1;
    }
  }

  #hash(address: number, bits: number): number {
    const mixed = Math.imul(address ^ Math.imul(bits, 0x9e3779b1), 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }
}
