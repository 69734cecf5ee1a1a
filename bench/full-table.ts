/**
 * A table like that of a router with the whole Internet in it, from a seed: a million IPv4 prefixes in about 200,000
 * attribute sets. Owns the mix and its encoding as UPDATE messages; shares no code with the speaker it measures.
 */
import { attributesHash } from './attributes-hash.ts';
import { Random } from './random.ts';

export interface PrefixTable {
  readonly count: number;
  /** Per prefix: network address and length. */
  readonly address: Uint32Array;
  readonly length: Uint8Array;
}

/** What one sender says of the prefixes from `first` to before `end`. */
export interface Announcement {
  /** Per prefix of the range: the number of its attribute set. */
  readonly set: Uint32Array;
  /** Per attribute set: hash of all its attributes. */
  readonly setHash: readonly number[];
  /** UPDATE messages, ready to be written. */
  readonly bytes: Buffer;
  readonly updates: number;
}

export interface AnnouncementOptions {
  readonly seed: number;
  readonly first: number;
  readonly end: number;
  /** In all sets; else each set has one of its own. */
  readonly localPref?: number;
  /** One more community in all sets; those of the range are else the same. */
  readonly mark?: number;
}

/** A whole table of one sender, End-of-RIB last. */
export interface FullTable extends PrefixTable, Announcement {}

const header = 19;
const maxMessage = 4096;

/** Share of each prefix length, about that of the IPv4 table: 62 % are /24. */
const lengths: readonly (readonly [length: number, share: number])[] = [
  [24, 0.62],
  [23, 0.1],
  [22, 0.12],
  [21, 0.045],
  [20, 0.045],
  [19, 0.03],
  [18, 0.014],
  [17, 0.008],
  [16, 0.014],
  [15, 0.002],
  [14, 0.001],
  [12, 0.0005],
  [10, 0.0004],
  [8, 0.0001],
];

export function makeTable(count: number, seed: number): FullTable {
  const prefixes = makePrefixTable(count, seed);
  const said = makeAnnouncement(prefixes, { seed, first: 0, end: count });
  const bytes = Buffer.concat([said.bytes, endOfRib()]);
  return { ...prefixes, ...said, bytes, updates: said.updates + 1 };
}

export function makePrefixTable(count: number, seed: number): PrefixTable {
  const address = new Uint32Array(count);
  const length = new Uint8Array(count);
  makePrefixes(new Random(seed), address, length);
  return { count, address, length };
}

/** Another seed gives the same prefixes other attributes. */
export function makeAnnouncement(
  { address, length }: PrefixTable,
  { seed, first, end, ...fixed }: AnnouncementOptions,
): Announcement {
  const random = new Random(Math.imul(seed, 0x9e3779b1));
  const set = new Uint32Array(end - first);
  const setHash: number[] = [];
  const frames: Buffer[] = [];
  for (let at = first; at < end; ) {
    const members = Math.min(setSize(random), end - at);
    const attributes = makeAttributes(random, fixed);
    set.fill(setHash.length, at - first, at - first + members);
    setHash.push(attributesHash(attributes, 0, attributes.length));
    encodeUpdates(attributes, { address, length, first: at, end: at + members }, frames);
    at += members;
  }
  return { set, setHash, bytes: Buffer.concat(frames), updates: frames.length };
}

/** UPDATEs that withdraw the prefixes from `first` to before `end`. */
export function makeWithdrawal({ address, length }: PrefixTable, first: number, end: number): Buffer {
  const frames: Buffer[] = [];
  for (let n = first; n < end; ) {
    const frame = Buffer.alloc(maxMessage);
    frame.fill(0xff, 0, 16);
    frame[18] = 2;
    let at = header + 2;
    for (; n < end && at + 7 <= maxMessage; n++) at = writePrefix(frame, at, address[n], length[n]);
    frame.writeUInt16BE(at - header - 2, header);
    // No attributes follow.
    frame.writeUInt16BE(at + 2, 16);
    frames.push(frame.subarray(0, at + 2));
  }
  return Buffer.concat(frames);
}

function writePrefix(out: Buffer, at: number, address: number, length: number): number {
  const octets = (length + 7) >> 3;
  out[at] = length;
  for (let octet = 0; octet < octets; octet++) out[at + 1 + octet] = address >>> (24 - 8 * octet);
  return at + 1 + octets;
}

/** Blocks of /20 and longer follow each other with gaps; shorter ones lie anywhere. All are different. */
function makePrefixes(random: Random, address: Uint32Array, length: Uint8Array): void {
  const taken = new Set<number>();
  let cursor = 1 << 16; // in /24s: 1.0.0.0
  const roomPerPrefix = (223 * 65536 - cursor) / address.length;
  const longestGap = Math.floor((roomPerPrefix - 3.5) * 5); // 40 % of prefixes begin after a gap of half of that
  for (let n = 0; n < address.length; n++) {
    let bits = pickLength(random);
    if (bits < 20) {
      const found = pickShort(random, bits, taken);
      if (found !== undefined) {
        address[n] = found;
        length[n] = bits;
        continue;
      }
      bits = 24;
    }
    const size = 1 << (24 - bits);
    if (random.chance(0.4)) cursor += random.below(Math.max(1, longestGap));
    cursor = avoidReserved(Math.ceil(cursor / size) * size);
    address[n] = cursor * 256;
    length[n] = bits;
    cursor += size;
  }
  if (cursor > 223 * 65536) throw new Error(`${address.length} prefixes do not fit`);
}

function pickLength(random: Random): number {
  let rest = random.next();
  for (const [length, share] of lengths) {
    rest -= share;
    if (rest < 0) return length;
  }
  return 24;
}

function pickShort(random: Random, bits: number, taken: Set<number>): number | undefined {
  for (let attempt = 0; attempt < 20; attempt++) {
    const network = (1 + random.below(222)) * 2 ** 24 + random.below(2 ** 24);
    const found = Math.floor(network / 2 ** (32 - bits)) * 2 ** (32 - bits);
    const octet = Math.floor(found / 2 ** 24);
    const key = found * 64 + bits;
    if (octet === 0 || octet === 10 || octet === 127 || taken.has(key)) continue;
    taken.add(key);
    return found;
  }
  return undefined;
}

/** `cursor` in /24s, moved out of 10/8 and 127/8. */
function avoidReserved(cursor: number): number {
  const octet = cursor >>> 16;
  return octet === 10 || octet === 127 ? (octet + 1) << 16 : cursor;
}

/** Heavy-tailed: most sets have one or two prefixes, some have a thousand; five on average. */
function setSize(random: Random): number {
  return Math.min(1000, Math.floor((1 - random.next()) ** (-1 / 1.19)));
}

/** ORIGIN, AS_PATH, NEXT_HOP, LOCAL_PREF; MED on a third, COMMUNITIES on 60 %, LARGE_COMMUNITY and AGGREGATOR on few. */
function makeAttributes(
  random: Random,
  { localPref, mark }: Pick<AnnouncementOptions, 'localPref' | 'mark'>,
): Buffer {
  const hops = Array.from({ length: 2 + random.below(6) }, () => pickAs(random));
  const parts = [
    attribute(0x40, 1, [random.chance(0.9) ? 0 : 2]),
    attribute(0x40, 2, [2, hops.length, ...hops.flatMap(u32)]),
    attribute(0x40, 3, [10, 200, 0, 1 + random.below(16)]),
  ];
  if (random.chance(1 / 3)) parts.push(attribute(0x80, 4, u32(random.below(1000))));
  const own = 100 + 10 * random.below(10);
  parts.push(attribute(0x40, 5, u32(localPref ?? own)));
  if (random.chance(0.05))
    parts.push(attribute(0xc0, 7, [...u32(hops.at(-1) ?? 0), 192, 0, 2, random.below(255)]));
  const communities = random.chance(0.6)
    ? Array.from({ length: 1 + random.below(8) }, () => u32(random.below(2 ** 31)))
    : [];
  if (mark !== undefined) communities.push(u32(mark));
  if (communities.length > 0) parts.push(attribute(0xc0, 8, communities.flat()));
  if (random.chance(0.1)) {
    const values = [u32(pickAs(random)), u32(random.below(1000)), u32(random.below(1000))];
    parts.push(attribute(0xc0, 32, values.flat()));
  }
  return Buffer.concat(parts);
}

const pickAs = (random: Random): number =>
  random.chance(0.8) ? 1000 + random.below(62_000) : 131_072 + random.below(270_000);

const u32 = (value: number): number[] => [
  (value >>> 24) & 255,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
];

const attribute = (flags: number, type: number, value: readonly number[]): Buffer =>
  Buffer.from([flags, type, value.length, ...value]);

interface Members {
  readonly address: Uint32Array;
  readonly length: Uint8Array;
  readonly first: number;
  readonly end: number;
}

/** As many messages as the members need. */
function encodeUpdates(attributes: Buffer, members: Members, frames: Buffer[]): void {
  for (let n = members.first; n < members.end; ) {
    const frame = Buffer.allocUnsafe(maxMessage);
    let end = header + 4 + attributes.length;
    frame.fill(0xff, 0, 16);
    frame[18] = 2;
    frame.writeUInt16BE(0, header);
    frame.writeUInt16BE(attributes.length, header + 2);
    attributes.copy(frame, header + 4);
    for (; n < members.end && end + 5 <= maxMessage; n++)
      end = writePrefix(frame, end, members.address[n], members.length[n]);
    frame.writeUInt16BE(end, 16);
    frames.push(Buffer.from(frame.subarray(0, end)));
  }
}

export function endOfRib(): Buffer {
  const frame = Buffer.alloc(23);
  frame.fill(0xff, 0, 16);
  frame.writeUInt16BE(23, 16);
  frame[18] = 2;
  return frame;
}
