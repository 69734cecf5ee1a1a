/** Which paths may take part in the decision at all: a row per reason, and what is just not it. */
import { describe, expect, it } from 'vitest';
import { AttributeTable } from '../../src/rib/attribute-table.ts';
import { type EligibilityRules, eligibilityOf } from '../../src/rib/eligibility.ts';
import { NextHopTable } from '../../src/rib/next-hop-table.ts';
import { PathTable } from '../../src/rib/path-table.ts';
import { ineligibleReasons } from '../../src/rib/reasons.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import { address } from '../support/settings.ts';

const rules: EligibilityRules = {
  localAs: 65000,
  clusterId: 0x0a000001,
  routerId: 0x0a000002,
  allowOwnAs: 0,
  external: false,
  firstAs: 0,
  isOwnAddress: (bytes) => bytes.length === 4 && bytes[3] === 99,
  link: undefined,
};

interface Case {
  readonly attributes?: Partial<PathAttributes>;
  readonly rules?: Partial<EligibilityRules>;
  readonly nextHop?: string | readonly string[];
}

function judge({ attributes, rules: changes, nextHop = '192.0.2.1' }: Case): string {
  const table = new AttributeTable(1);
  const nextHops = new NextHopTable((bytes) => ({ reachable: bytes[0] !== 198, cost: 0 }));
  const paths = new PathTable(table, nextHops, 1);
  const bytes = encodePathAttributes({ origin: 'igp', asPath: [], ...attributes });
  const set = table.intern(bytes, bytes.length, 0);
  const octets = Uint8Array.from([nextHop].flat().flatMap((text) => [...address(text).bytes]));
  const path = paths.intern(1, set, nextHops.intern(octets, 0, octets.length), 0);
  return ineligibleReasons[
    eligibilityOf({ attributes: table, nextHops, paths }, path, { ...rules, ...changes })
  ];
}

const sequence = (...asns: readonly number[]) => ({ asPath: [{ type: 'sequence' as const, asns }] });

describe('eligibility', () => {
  it.each<[string, Case]>([
    ['eligible', {}],
    ['as-loop', { attributes: sequence(1, 65000) }],
    ['as-loop', { attributes: { asPath: [{ type: 'set', asns: [1, 65000] }] } }],
    ['as-loop', { attributes: sequence(65000, 2, 65000), rules: { allowOwnAs: 1 } }],
    ['eligible', { attributes: sequence(65000, 2), rules: { allowOwnAs: 1 } }],
    ['eligible', { attributes: sequence(1, 65001) }],
    ['first-as', { attributes: sequence(2, 1), rules: { firstAs: 1 } }],
    ['first-as', { rules: { firstAs: 1 } }],
    ['first-as', { attributes: { asPath: [{ type: 'set', asns: [1] }] }, rules: { firstAs: 1 } }],
    ['eligible', { attributes: sequence(1, 2), rules: { firstAs: 1 } }],
    ['own-originator-id', { attributes: { originatorId: 0x0a000002 } }],
    ['eligible', { attributes: { originatorId: 0x0a000001 } }],
    ['own-cluster-id', { attributes: { clusterList: [7, 0x0a000001] } }],
    ['eligible', { attributes: { clusterList: [7, 0x0a000002] } }],
    ['next-hop-self', { nextHop: '192.0.2.99' }],
    ['next-hop-unreachable', { nextHop: '198.51.100.1' }],
    ['next-hop-martian', { nextHop: '0.1.2.3' }],
    ['next-hop-martian', { nextHop: '127.0.0.1' }],
    ['next-hop-martian', { nextHop: '224.0.0.5' }],
    ['next-hop-martian', { nextHop: '255.255.255.255' }],
    ['eligible', { nextHop: '223.255.255.1' }],
    ['next-hop-martian', { nextHop: '::' }],
    ['next-hop-martian', { nextHop: '::1' }],
    ['next-hop-martian', { nextHop: 'ff02::1' }],
    ['eligible', { nextHop: '2001:db8::1' }],
    ['eligible', { nextHop: ['2001:db8::1', 'fe80::1'] }],
    ['eligible', { nextHop: '192.0.2.1', rules: { link: { key: '', has: (bytes) => bytes[3] === 1 } } }],
    [
      'next-hop-off-link',
      { nextHop: '192.0.2.2', rules: { link: { key: '', has: (bytes) => bytes[3] === 1 } } },
    ],
  ])('%s: %o', (reason, each) => {
    expect(judge(each)).toBe(reason);
  });
});
