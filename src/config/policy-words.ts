/** Communities and AS path patterns: read by `policy/`, complained about here. */
import { compileAsPathPattern } from '../policy/as-path-pattern.ts';
import { parseCommunityPattern, wellKnownCommunityNames } from '../policy/community.ts';
import { shown, textValue } from './scalars.ts';
import { didYouMean } from './suggest.ts';

const examples = '65000:100, 65000:1:2, rt:65000:100 or no-export';

/** ` (did you mean "no-export"?)` for what looks like a name. */
function nameHint(value: string): string {
  return /^[a-z][a-z-]+$/i.test(value) ? didYouMean(value, wellKnownCommunityNames) : '';
}

export function communityPattern() {
  return textValue(`a community such as ${examples}; "*" stands for any part`, (value, refuse) => {
    const hint = nameHint(value);
    return (
      parseCommunityPattern(value) ?? (hint ? refuse(`${shown(value)} is no community${hint}`) : undefined)
    );
  });
}

/** One community, no pattern: what can be put on a route. */
export function community() {
  return textValue(`a community such as ${examples}`, (value, refuse) => {
    const pattern = parseCommunityPattern(value);
    const open = pattern && pattern.kind !== 'extended' && pattern.parts.includes(undefined);
    if (open) return refuse(`${value} has a "*": only a whole community can be put on a route`);
    const hint = nameHint(value);
    return pattern ?? (hint ? refuse(`${shown(value)} is no community${hint}`) : undefined);
  });
}

/** RFC 1997 communities alone, as the 32-bit numbers they are. */
export function standardCommunity() {
  const any = community();
  return textValue('a standard community such as 65000:100 or no-export', (value, refuse) => {
    const result = any.safeParse(value);
    if (result.error) return refuse(result.error.issues[0].message);
    if (result.data.kind !== 'standard') return undefined;
    const [high = 0, low = 0] = result.data.parts;
    return high * 65536 + low;
  });
}

const longestPattern = 1000;

export function asPathPattern() {
  return textValue('an AS path pattern such as _64500_, ^65001 or 65002$', (value, refuse) => {
    if (value.length > longestPattern)
      return refuse(`the pattern is longer than ${longestPattern} characters`);
    const pattern = compileAsPathPattern(value);
    return 'error' in pattern
      ? refuse(`${shown(value)}: ${pattern.error}, at character ${pattern.at + 1}`)
      : value;
  });
}
