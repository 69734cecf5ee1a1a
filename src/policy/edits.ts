/**
 * What a policy's `set` makes of a route's attributes. The same object comes back when nothing changes, and a list
 * of communities that changes is sorted and without repeats afterwards; one that does not is left as it came.
 */
import type { AsPathSegment, PathAttributes } from '../wire/attributes/path-attributes.ts';
import { fits, formatCommunityPattern } from './community.ts';
import type { CommunityPattern, PolicySet } from './definition.ts';

/** Returns the very same object where it changes nothing. */
export type Edit = (attributes: PathAttributes) => PathAttributes;

/** `undefined`: the `set` never changes attributes (`nextHop` is none). Throws for a community with a `*` to be put on. */
export function compileEdit(set: PolicySet): Edit | undefined {
  const edits: Edit[] = [];
  const { localPref, med, origin, prepend } = set;
  if (localPref !== undefined) edits.push((before) => withField(before, 'localPref', localPref));
  if (med !== undefined) edits.push((before) => withField(before, 'med', med ?? undefined));
  if (origin !== undefined) {
    edits.push((before) => (before.origin === origin ? before : { ...before, origin }));
  }
  if (prepend !== undefined && prepend.length > 0) {
    edits.push((before) => ({ ...before, asPath: prependAsPath(before.asPath, prepend) }));
  }
  edits.push(...communityEdits(set));
  return edits.length === 0
    ? undefined
    : (before) => edits.reduce((attributes, edit) => edit(attributes), before);
}

type OptionalField = 'med' | 'localPref' | 'communities' | 'extendedCommunities' | 'largeCommunities';

function withField<Field extends OptionalField>(
  before: PathAttributes,
  field: Field,
  value: PathAttributes[Field] | undefined,
): PathAttributes {
  if (before[field] === value) return before;
  if (value !== undefined) return { ...before, [field]: value };
  const copy: { -readonly [Key in keyof PathAttributes]: PathAttributes[Key] } = { ...before };
  delete copy[field];
  return copy;
}

/**
 * RFC 4271 §5.1.2: AS numbers go into the leading AS_SEQUENCE, or a new one where there is none or it is full
 * (255). The first of `asns` stands first afterwards.
 */
export function prependAsPath(
  asPath: readonly AsPathSegment[],
  asns: readonly number[],
): readonly AsPathSegment[] {
  const [first, ...others] = asPath;
  const leads = first?.type === 'sequence';
  const sequence = leads ? [...asns, ...first.asns] : asns;
  const segments: AsPathSegment[] = [];
  // Full segments stand at the end, so that later prepending finds room in the first.
  for (let end = sequence.length; end > 0; end -= 255) {
    segments.unshift({ type: 'sequence', asns: sequence.slice(Math.max(0, end - 255), end) });
  }
  return [...segments, ...(leads ? others : asPath)];
}

type PatternOf<Kind extends CommunityPattern['kind']> = Extract<CommunityPattern, { readonly kind: Kind }>;
type Large = readonly [number, number, number];

/** How one kind of community is read from a pattern, found and ordered. */
interface CommunityKind<Community, Pattern> {
  readonly valueOf: (pattern: Pattern) => Community;
  readonly fits: (pattern: Pattern, community: Community) => boolean;
  readonly compare: (a: Community, b: Community) => number;
}

const standardKind: CommunityKind<number, PatternOf<'standard'>> = {
  valueOf: ({ parts: [high = 0, low = 0] }) => ((high << 16) | low) >>> 0,
  fits: ({ parts }, community) => fits(parts, [community >>> 16, community & 0xffff]),
  compare: (a, b) => a - b,
};

const largeKind: CommunityKind<Large, PatternOf<'large'>> = {
  valueOf: ({ parts: [global = 0, one = 0, two = 0] }) => [global, one, two],
  fits: ({ parts }, community) => fits(parts, community),
  compare: (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2],
};

const extendedKind: CommunityKind<string, PatternOf<'extended'>> = {
  valueOf: ({ hex }) => hex,
  fits: ({ hex }, community) => hex === community,
  compare: (a, b) => (a < b ? -1 : Number(a > b)),
};

/** The lists of a `set`, or one kind of community out of each. */
interface Lists<Pattern> {
  readonly replace: readonly Pattern[] | undefined;
  readonly remove: readonly Pattern[];
  readonly add: readonly Pattern[];
}

/** First replace, then remove, then add. */
function communityEdits(set: PolicySet): readonly Edit[] {
  const lists: Lists<CommunityPattern> = {
    replace: set.replaceCommunities,
    remove: set.removeCommunities ?? [],
    add: set.addCommunities ?? [],
  };
  for (const pattern of [...(lists.replace ?? []), ...lists.add]) refuseOpen(pattern);
  const standard = compileList(
    standardKind,
    pick(lists, (p) => p.kind === 'standard'),
  );
  const extended = compileList(
    extendedKind,
    pick(lists, (p) => p.kind === 'extended'),
  );
  const large = compileList(
    largeKind,
    pick(lists, (p) => p.kind === 'large'),
  );
  const edits: Edit[] = [];
  if (standard) edits.push((a) => withField(a, 'communities', standard(a.communities)));
  if (extended) edits.push((a) => withField(a, 'extendedCommunities', extended(a.extendedCommunities)));
  if (large) edits.push((a) => withField(a, 'largeCommunities', large(a.largeCommunities)));
  return edits;
}

function refuseOpen(pattern: CommunityPattern): void {
  if (pattern.kind !== 'extended' && pattern.parts.includes(undefined)) {
    throw new Error(
      `${formatCommunityPattern(pattern)} has a "*": only a whole community can be put on a route`,
    );
  }
}

function pick<Pattern extends CommunityPattern>(
  lists: Lists<CommunityPattern>,
  isOfKind: (pattern: CommunityPattern) => pattern is Pattern,
): Lists<Pattern> {
  return {
    replace: lists.replace?.filter(isOfKind),
    remove: lists.remove.filter(isOfKind),
    add: lists.add.filter(isOfKind),
  };
}

function compileList<Community, Pattern>(
  kind: CommunityKind<Community, Pattern>,
  { replace, remove, add }: Lists<Pattern>,
): ((before: readonly Community[] | undefined) => readonly Community[] | undefined) | undefined {
  if (replace === undefined && remove.length === 0 && add.length === 0) return undefined;
  const added = add.map(kind.valueOf);
  const replaced = replace?.map(kind.valueOf);
  return (before) => {
    const kept = (replaced ?? before ?? []).filter((c) => !remove.some((pattern) => kind.fits(pattern, c)));
    const missing = added.filter((c) => !kept.some((own) => kind.compare(own, c) === 0));
    if (replaced === undefined && missing.length === 0 && kept.length === (before?.length ?? 0))
      return before;
    const after = sortedOnce([...kept, ...missing], kind.compare);
    const isSame = before?.length === after.length && after.every((c, i) => kind.compare(c, before[i]) === 0);
    return isSame ? before : after.length === 0 ? undefined : after;
  };
}

function sortedOnce<Community>(
  communities: Community[],
  compare: (a: Community, b: Community) => number,
): readonly Community[] {
  const sorted = communities.sort(compare);
  return sorted.filter((community, i) => i === 0 || compare(sorted[i - 1], community) !== 0);
}
