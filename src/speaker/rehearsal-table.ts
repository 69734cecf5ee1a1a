/**
 * What is said in a rehearsal: UPDATEs in the shapes of a full table, made from a few dozen that were encoded the plain way.
 * Attribute sets differ in the first AS of their path, destinations are neighbours with other lengths in between.
 */
import { ipv4Unicast } from '../net/family.ts';
import { IpAddress } from '../net/ip-address.ts';
import type { PathAttributes } from '../wire/attributes/path-attributes.ts';
import { encodeOpen } from '../wire/open.ts';
import { encodeUpdate } from '../wire/update-encode.ts';

const headerOctets = 19;
/** From the message's start: header, both lengths, ORIGIN, head of AS_PATH and of its first segment. */
const firstAsAt = headerOctets + 4 + 4 + 3 + 2;
const mostOctets = 4096;

/** Lengths of prefixes in turn: most are /24. No two of a length are the same prefix. */
const lengths = [24, 24, 23, 24, 22, 24, 24, 20, 24, 24, 24, 21, 24, 24, 24, 32, 24, 24];
/** Prefixes in the UPDATEs in turn: five on average, once in a while many. */
const runs = [1, 2, 1, 7, 1, 3, 1, 1, 2, 40, 1, 2, 5, 1, 4, 8];

export class RehearsalTable {
  /** How many it has; each has an attribute set of its own, and five prefixes on average. */
  readonly updates: number;
  readonly #templates: readonly Uint8Array[];
  readonly #out = new Uint8Array(mostOctets);

  constructor(updates: number) {
    this.updates = updates;
    this.#templates = Array.from({ length: 48 }, (_, n) => template(n));
  }

  /** UPDATE number `n`; another `edition` has the same prefixes with other attributes. Valid until the next call. */
  announcement(n: number, edition: number): Uint8Array {
    const shape = this.#templates[(n + edition * 7) % this.#templates.length];
    const out = this.#out;
    out.set(shape);
    writeUint32(out, firstAsAt, 1 + edition * this.updates + n);
    return this.#finish(this.#writeRun(n, shape.length));
  }

  /** Takes back what `announcement` with the same number said. */
  withdrawal(n: number): Uint8Array {
    const out = this.#out;
    out.set(this.#templates[0].subarray(0, headerOctets));
    const end = this.#writeRun(n, headerOctets + 2);
    const octets = end - headerOctets - 2;
    out[headerOctets] = octets >> 8;
    out[headerOctets + 1] = octets;
    out[end] = 0;
    out[end + 1] = 0;
    return this.#finish(end + 2);
  }

  #writeRun(n: number, from: number): number {
    const out = this.#out;
    let at = from;
    for (let i = 0; i < runs[n % runs.length]; i++) {
      const length = lengthOf(n, i);
      // Every UPDATE has a /18 of its own, from 16.0.0.0 on.
      const address = 0x10000000 + (n << 14) + i * 256;
      out[at++] = length;
      for (let octet = 0; octet * 8 < length; octet++) out[at++] = address >>> (24 - octet * 8);
    }
    return at;
  }

  #finish(end: number): Uint8Array {
    this.#out[16] = end >> 8;
    this.#out[17] = end;
    return this.#out.slice(0, end);
  }
}

/** Short ones are rare, and alone in their UPDATE. */
function lengthOf(n: number, i: number): number {
  if (n % 1024 === 0) return 8;
  return n % 64 === 0 ? 16 : lengths[(n + i) % lengths.length];
}

/** An UPDATE without prefixes, in one of the shapes that tables are made of. */
function template(n: number): Uint8Array {
  const several = (count: number, first: number) => Array.from({ length: count }, (_, i) => first + i * 77);
  const asns = [1, ...several(1 + (n % 6), n % 2 === 0 ? 3000 + n : 200_000 + n)];
  const attributes: PathAttributes = {
    origin: n % 8 === 0 ? 'incomplete' : 'igp',
    asPath: [{ type: 'sequence', asns }],
    localPref: 100 + (n % 3) * 10,
    ...(n % 3 === 0 && { med: n * 10 }),
    ...(n % 5 > 1 && { communities: several(1 + (n % 8), 0x0bb80000 + n) }),
    ...(n % 10 === 0 && { largeCommunities: several(1 + (n % 3), 64512).map((asn) => [asn, n, 2] as const) }),
    ...(n % 20 === 0 && { aggregator: { asn: 64512 + n, address: 0x0a000001 } }),
  };
  return encodeUpdate({ attributes, nextHop: IpAddress.fromUint32(0x0ac80001 + (n % 16)) });
}

/** The OPEN of an internal peer with IPv4 unicast and 4-octet AS numbers. */
export function rehearsalOpen(asn: number, bgpIdentifier: number): Uint8Array {
  return encodeOpen({
    type: 'open',
    version: 4,
    myAs: asn,
    holdTimeSeconds: 90,
    bgpIdentifier,
    capabilities: [
      { type: 'multiprotocol', family: ipv4Unicast },
      { type: 'route-refresh' },
      { type: 'four-octet-as', asn },
    ],
  });
}

function writeUint32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}
