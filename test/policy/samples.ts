/** What policy tests are made of. */
import { ipv4Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { Prefix } from '../../src/net/prefix.ts';
import { parseCommunityPattern } from '../../src/policy/community.ts';
import type { PolicyRoute } from '../../src/policy/contract.ts';
import type { CommunityPattern, PrefixRange } from '../../src/policy/definition.ts';
import type { AsPathSegment, PathAttributes } from '../../src/wire/attributes/path-attributes.ts';

function known<Value>(value: Value | undefined, text: string): Value {
  if (value === undefined) throw new Error(`not understood: ${text}`);
  return value;
}

export const address = (text: string): IpAddress => known(IpAddress.parse(text), text);
export const prefix = (text: string): Prefix => known(Prefix.parse(text), text);
export const community = (text: string): CommunityPattern => known(parseCommunityPattern(text), text);

/** `10.0.0.0/8`, `10.0.0.0/8 16 24`. */
export function range(text: string): PrefixRange {
  const [base, low, high] = text.split(' ');
  const own = prefix(base);
  return { prefix: own, minLength: Number(low ?? own.length), maxLength: Number(high ?? own.length) };
}

/** `65001 65002 {65003,65004} (65100 65101) [65102]`: sets in braces and brackets, confederations in parentheses. */
export function path(text: string): readonly AsPathSegment[] {
  const types = { '{': 'set', '(': 'confed-sequence', '[': 'confed-set' } as const;
  return [...text.matchAll(/([{([])?((?:[0-9]+[ ,]?)+)[})\]]?/g)].map(([, open, asns]) => ({
    type: open === undefined ? 'sequence' : types[open as keyof typeof types],
    asns: asns.trim().split(/[ ,]/).map(Number),
  }));
}

export function route(of: Partial<PolicyRoute> & { readonly prefix?: string } = {}): PolicyRoute {
  const { prefix: text = '203.0.113.0/24', ...given } = of;
  const own = prefix(text);
  return {
    family: ipv4Unicast,
    attributes: plainAttributes,
    prefixBytes: own.address.bytes,
    prefixLength: own.length,
    nextHop: address('192.0.2.1'),
    peer: address('192.0.2.9'),
    ...given,
  };
}

export const plainAttributes: PathAttributes = { origin: 'igp', asPath: path('65001 65002'), localPref: 100 };
