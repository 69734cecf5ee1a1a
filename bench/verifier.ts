/**
 * Reads what a peer received and keeps, for every prefix, whose route it holds now. Each arrival must be something that
 * was said (prefix, all attributes by hash, ORIGINATOR_ID of who said it, a CLUSTER_LIST). Runs after the bytes arrived,
 * so that checking takes no time from the daemon; the chunk times tell when the last one came.
 */
import { attributesHash, isReflected } from './attributes-hash.ts';
import type { Announcement, PrefixTable } from './full-table.ts';

/** A claim as a receiver may hear it. */
export interface HeardClaim {
  readonly first: number;
  readonly end: number;
  readonly said: Pick<Announcement, 'set' | 'setHash'>;
  /** Its sender's BGP Identifier. */
  readonly originatorId: number;
}

const nothing = 0;

/** What is read between two turns of the event loop: some milliseconds. */
export const sliceOctets = 1 << 18;

export class Verifier {
  readonly #prefixes: PrefixTable;
  readonly #claims: readonly HeardClaim[];
  readonly #slots: Int32Array;
  readonly #mask: number;
  /** By prefix: the claim held and the one expected, from 1. */
  readonly #held: Uint8Array;
  readonly #expected: Uint8Array;
  #wanted = 0;
  #matching = 0;
  #at = 0;
  updates = 0;
  /** Announced prefixes since `expect`. */
  delivered = 0;
  /** What was wrong first. */
  wrong: string | undefined;
  /** Offset behind the message that made the table what is expected; `undefined` while it is not. */
  completeAt: number | undefined;

  constructor(prefixes: PrefixTable, claims: readonly HeardClaim[]) {
    this.#prefixes = prefixes;
    this.#claims = claims;
    const size = 2 ** Math.ceil(Math.log2(prefixes.count * 2));
    this.#mask = size - 1;
    this.#slots = new Int32Array(size);
    this.#held = new Uint8Array(prefixes.count);
    this.#expected = new Uint8Array(prefixes.count);
    for (let n = 0; n < prefixes.count; n++) {
      let slot = this.#hash(prefixes.address[n], prefixes.length[n]);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = n + 1;
    }
  }

  /** From now on it is complete when it holds exactly these claims. */
  expect(claims: readonly number[]): void {
    this.#expected.fill(nothing);
    for (const claim of claims) {
      const { first, end } = this.#claims[claim];
      this.#expected.fill(claim + 1, first, end);
    }
    this.#wanted = this.#prefixes.count;
    this.#matching = this.#held.reduce((sum, held, n) => sum + (held === this.#expected[n] ? 1 : 0), 0);
    this.delivered = 0;
    this.updates = 0;
    this.completeAt = undefined;
    this.#note();
  }

  get missing(): number {
    return this.#wanted - this.#matching;
  }

  /**
   * Reads whole messages up to `end`, from where the last call stopped, of about so many octets; true while there are
   * more. A process that reads all of a long table at once sends no KEEPALIVE meanwhile.
   */
  advance(bytes: Buffer, end: number, octets = Number.POSITIVE_INFINITY): boolean {
    const stopAt = this.#at + octets;
    while (this.#at + 19 <= end) {
      const length = bytes.readUInt16BE(this.#at + 16);
      if (this.#at + length > end) return false;
      if (this.#at >= stopAt) return true;
      const type = bytes[this.#at + 18];
      const start = this.#at + 19;
      this.#at += length;
      if (type === 2) this.#update(bytes, start, this.#at);
      if (type === 3) this.wrong ??= `NOTIFICATION ${bytes[start]}/${bytes[start + 1]}`;
      this.#note();
    }
    return false;
  }

  #note(): void {
    if (this.#matching !== this.#wanted) this.completeAt = undefined;
    else this.completeAt ??= this.#at;
  }

  #update(bytes: Buffer, start: number, end: number): void {
    const withdrawn = bytes.readUInt16BE(start);
    const attributes = start + 4 + withdrawn;
    const nlri = attributes + bytes.readUInt16BE(start + 2 + withdrawn);
    for (let at = start + 2; at < start + 2 + withdrawn; at = this.#next)
      this.#hold(this.#find(bytes, at), nothing);
    if (nlri === end) return; // withdrawals alone, or End-of-RIB
    this.updates += 1;
    const hash = attributesHash(bytes, attributes, nlri);
    for (let at = nlri; at < end; at = this.#next) {
      const n = this.#find(bytes, at);
      this.delivered += 1;
      const claim = n < 0 ? -1 : this.#claims.findIndex((one) => saysSo(one, n, hash));
      if (claim < 0)
        this.wrong ??= n < 0 ? 'a prefix that was never sent' : 'attributes that were never sent with it';
      else if (!isReflected(bytes, attributes, nlri, this.#claims[claim].originatorId))
        this.wrong ??= 'ORIGINATOR_ID or CLUSTER_LIST is wrong';
      else this.#hold(n, claim + 1);
    }
  }

  /** Offset behind the prefix that `#find` has read last. */
  #next = 0;

  /** The number of the prefix at `at`, -1 when there is none. */
  #find(bytes: Buffer, at: number): number {
    const bits = bytes[at];
    const octets = (bits + 7) >> 3;
    let address = 0;
    for (let octet = 0; octet < octets; octet++) address |= bytes[at + 1 + octet] << (24 - 8 * octet);
    address >>>= 0;
    this.#next = at + 1 + octets;
    let slot = this.#hash(address, bits);
    let n = this.#slots[slot] - 1;
    while (n >= 0 && (this.#prefixes.address[n] !== address || this.#prefixes.length[n] !== bits)) {
      slot = (slot + 1) & this.#mask;
      n = this.#slots[slot] - 1;
    }
    return n;
  }

  #hold(n: number, claim: number): void {
    if (n < 0) {
      this.wrong ??= 'a prefix was withdrawn that was never sent';
      return;
    }
    const before = this.#held[n] === this.#expected[n];
    this.#held[n] = claim;
    this.#matching += Number(claim === this.#expected[n]) - Number(before);
  }

  #hash(address: number, bits: number): number {
    const mixed = Math.imul(address ^ Math.imul(bits, 0x9e3779b1), 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }
}

function saysSo({ first, end, said }: HeardClaim, n: number, hash: number): boolean {
  return n >= first && n < end && said.setHash[said.set[n - first]] === hash;
}
