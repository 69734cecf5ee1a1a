/** Communities and AS path patterns as `policy/` reads them, with its answer put in our shape. */
import type { CommunityPattern } from '../policy/definition.ts';
import { textValue } from './scalars.ts';

function parse(value: string): CommunityPattern | undefined {
  const m = /^([0-9]+|\*):([0-9]+|\*)$/.exec(value);
  if (!m) return undefined;
  return { kind: 'standard', parts: [m[1], m[2]].map((p) => (p === '*' ? undefined : Number(p))) };
}

export function communityPattern() {
  return textValue(
    'a community such as 65000:100, 65000:*, large:65000:1:2, rt:65000:100 or no-export',
    parse,
  );
}

/** One community, no pattern: what can be put on a route. */
export function community() {
  return textValue(
    'a community such as 65000:100, large:65000:1:2, rt:65000:100 or no-export',
    (value, refuse) => {
      const pattern = parse(value);
      const open = pattern && pattern.kind !== 'extended' && pattern.parts.includes(undefined);
      return open ? refuse(`${value} has a "*": only a whole community can be put on a route`) : pattern;
    },
  );
}

export function asPathPattern() {
  return textValue('an AS path pattern such as _64500_ or ^65001', (value) => value);
}

/** RFC 1997 communities alone, as the 32-bit numbers they are. */
export function standardCommunity() {
  return textValue('a standard community such as 65000:100 or no-export', (value, refuse) => {
    const pattern = parse(value);
    if (pattern?.kind !== 'standard') return undefined;
    const [high, low] = pattern.parts;
    if (high === undefined || low === undefined)
      return refuse(`${value} has a "*": a route needs a whole community`);
    return high * 65536 + low;
  });
}

export function formatCommunityPattern(pattern: CommunityPattern): string {
  return pattern.kind === 'extended' ? pattern.hex : pattern.parts.map((p) => p ?? '*').join(':');
}

export function formatStandardCommunity(value: number): string {
  return `${value >>> 16}:${value & 0xffff}`;
}
