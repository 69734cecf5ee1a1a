/** What a policy's `set` makes of a route's attributes. The same object comes back when nothing changes. */
import type { AsPathSegment, PathAttributes } from '../wire/attributes/path-attributes.ts';
import { fits } from './community.ts';
import type { CommunityPattern, PolicySet } from './definition.ts';

export function applySet(attributes: PathAttributes, set: PolicySet): PathAttributes {
  let result = attributes;
  if (set.localPref !== undefined && set.localPref !== result.localPref)
    result = { ...result, localPref: set.localPref };
  if (set.med !== undefined) result = withMed(result, set.med);
  if (set.origin !== undefined && set.origin !== result.origin) result = { ...result, origin: set.origin };
  if (set.prepend !== undefined && set.prepend.length > 0) {
    result = { ...result, asPath: prependAsPath(result.asPath, set.prepend) };
  }
  if (set.replaceCommunities !== undefined)
    result = addCommunities(withoutCommunities(result), set.replaceCommunities);
  if (set.removeCommunities !== undefined) result = removeCommunities(result, set.removeCommunities);
  if (set.addCommunities !== undefined) result = addCommunities(result, set.addCommunities);
  return result;
}

function withMed(attributes: PathAttributes, med: number | null): PathAttributes {
  if (med !== null) return med === attributes.med ? attributes : { ...attributes, med };
  if (attributes.med === undefined) return attributes;
  const { med: _, ...rest } = attributes;
  return rest;
}

/** RFC 4271 §5.1.2: into the leading AS_SEQUENCE, which holds at most 255; the first of `asns` stands first. */
export function prependAsPath(
  asPath: readonly AsPathSegment[],
  asns: readonly number[],
): readonly AsPathSegment[] {
  const leads = asPath.length > 0 && asPath[0].type === 'sequence';
  const sequence = leads ? [...asns, ...asPath[0].asns] : [...asns];
  const rest = leads ? asPath.slice(1) : asPath;
  const segments: AsPathSegment[] = [];
  // Full segments stand at the end, so that later prepending finds room in the first.
  for (let end = sequence.length; end > 0; end -= 255) {
    segments.unshift({ type: 'sequence', asns: sequence.slice(Math.max(0, end - 255), end) });
  }
  return [...segments, ...rest];
}

function withoutCommunities(attributes: PathAttributes): PathAttributes {
  const { communities, extendedCommunities, largeCommunities, ...rest } = attributes;
  return communities || extendedCommunities || largeCommunities ? rest : attributes;
}

function removeCommunities(
  attributes: PathAttributes,
  patterns: readonly CommunityPattern[],
): PathAttributes {
  const standard = patterns.filter((p) => p.kind === 'standard');
  const large = patterns.filter((p) => p.kind === 'large');
  const extended = patterns.filter((p) => p.kind === 'extended');
  const communities = attributes.communities?.filter(
    (c) => !standard.some((p) => fits(p.parts, [c >>> 16, c & 0xffff])),
  );
  const largeCommunities = attributes.largeCommunities?.filter((c) => !large.some((p) => fits(p.parts, c)));
  const extendedCommunities = attributes.extendedCommunities?.filter(
    (c) => !extended.some((p) => p.hex === c),
  );
  const removed =
    communities?.length !== attributes.communities?.length ||
    largeCommunities?.length !== attributes.largeCommunities?.length ||
    extendedCommunities?.length !== attributes.extendedCommunities?.length;
  if (!removed) return attributes;
  return {
    ...withoutCommunities(attributes),
    ...(communities?.length ? { communities } : {}),
    ...(extendedCommunities?.length ? { extendedCommunities } : {}),
    ...(largeCommunities?.length ? { largeCommunities } : {}),
  };
}

/** Communities are kept sorted and without repeats once they are edited. Patterns with `*` add nothing. */
function addCommunities(attributes: PathAttributes, patterns: readonly CommunityPattern[]): PathAttributes {
  const communities = new Set(attributes.communities);
  const extendedCommunities = new Set(attributes.extendedCommunities);
  const largeCommunities = new Map((attributes.largeCommunities ?? []).map((c) => [c.join(':'), c]));
  const before = communities.size + extendedCommunities.size + largeCommunities.size;
  for (const pattern of patterns) {
    if (pattern.kind === 'extended') extendedCommunities.add(pattern.hex);
    else {
      const [a, b, c] = pattern.parts;
      if (pattern.kind === 'standard' && a !== undefined && b !== undefined)
        communities.add(((a << 16) | b) >>> 0);
      if (pattern.kind === 'large' && a !== undefined && b !== undefined && c !== undefined) {
        largeCommunities.set(`${a}:${b}:${c}`, [a, b, c]);
      }
    }
  }
  if (communities.size + extendedCommunities.size + largeCommunities.size === before) return attributes;
  return {
    ...attributes,
    ...(communities.size ? { communities: [...communities].sort((x, y) => x - y) } : {}),
    ...(extendedCommunities.size ? { extendedCommunities: [...extendedCommunities].sort() } : {}),
    ...(largeCommunities.size ? { largeCommunities: [...largeCommunities.values()].sort(compareLarge) } : {}),
  };
}

function compareLarge(a: readonly [number, number, number], b: readonly [number, number, number]): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
