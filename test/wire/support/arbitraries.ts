/** What random UPDATEs are made of. */
import fc from 'fast-check';
import { IpAddress } from '../../../src/net/ip-address.ts';
import { Prefix } from '../../../src/net/prefix.ts';
import type { AsPathSegment, PathAttributes } from '../../../src/wire/attributes/path-attributes.ts';
import { attributeRow } from '../../../src/wire/attributes/table.ts';
import { toHex } from '../../../src/wire/bytes.ts';

const u32 = fc.nat(0xffffffff);
const asn = fc.integer({ min: 1, max: 0xffffffff });

const anySegment: fc.Arbitrary<AsPathSegment> = fc.record({
  type: fc.constantFrom('sequence', 'set', 'confed-sequence', 'confed-set'),
  asns: fc.array(asn, { minLength: 1, maxLength: 20 }),
});

const unknownType = fc.nat(255).filter((type) => attributeRow(type) === undefined);
const unknownAttribute = fc.record({
  flags: fc.constantFrom(0xc0, 0xe0),
  type: unknownType,
  value: fc.uint8Array({ maxLength: 400 }),
});
const large = fc.tuple(u32, u32, u32);

const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 80 });

const withoutPartial: fc.Arbitrary<PathAttributes> = fc.record(
  {
    origin: fc.constantFrom('igp', 'egp', 'incomplete'),
    asPath: fc.array(anySegment, { maxLength: 5 }),
    med: u32,
    localPref: u32,
    atomicAggregate: fc.constant(true as const),
    aggregator: fc.record({ asn, address: u32 }),
    communities: list(u32),
    originatorId: u32,
    clusterList: list(u32),
    extendedCommunities: list(fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => toHex(bytes))),
    largeCommunities: fc.uniqueArray(large, {
      minLength: 1,
      maxLength: 60,
      selector: (each) => each.join(':'),
    }),
    unknown: fc
      .uniqueArray(unknownAttribute, { minLength: 1, maxLength: 4, selector: (each) => each.type })
      .map((each) => each.sort((a, b) => a.type - b.type)),
  },
  { requiredKeys: ['origin', 'asPath', 'localPref'] },
);

/** Those that are optional and transitive, by type: they can have come with the Partial bit. */
const optionalTransitives: ReadonlyMap<number, keyof PathAttributes> = new Map([
  [7, 'aggregator'],
  [8, 'communities'],
  [16, 'extendedCommunities'],
  [32, 'largeCommunities'],
]);

/** As an internal peer may send them: LOCAL_PREF is there. */
export const anyAttributes: fc.Arbitrary<PathAttributes> = fc
  .tuple(withoutPartial, fc.subarray([...optionalTransitives.keys()]))
  .map(([attributes, types]) => {
    const partial = types.filter((type) => {
      const name = optionalTransitives.get(type);
      return name !== undefined && attributes[name] !== undefined;
    });
    return partial.length > 0 ? { ...attributes, partial } : attributes;
  });

function prefixText(octets: 4 | 16): fc.Arbitrary<string> {
  const address = fc.uint8Array({ minLength: octets, maxLength: octets });
  return fc
    .tuple(address, fc.nat(octets * 8))
    .map(([bytes, length]) => new Prefix(IpAddress.fromBytes(bytes), length).masked().toString());
}

export const ipv4Text: fc.Arbitrary<string> = prefixText(4);
export const ipv6Text: fc.Arbitrary<string> = prefixText(16);
