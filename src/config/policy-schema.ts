/**
 * The keys of a policy: ordered terms of match, set and then. What the words of communities and AS path patterns
 * mean is `policy/` and `policy-words.ts`.
 */
import { z } from 'zod';
import { Prefix } from '../net/prefix.ts';
import type { PrefixRange } from '../policy/definition.ts';
import { policyDefault } from './defaults.ts';
import { family } from './peer-schema.ts';
import { asPathPattern, community, communityPattern } from './policy-words.ts';
import { asn, integer, name, oneOf, parsePrefix, shown, textValue, unicastAddress } from './scalars.ts';

/** `10.0.0.0/8`, `10.0.0.0/8 le 24`, `... ge 16 le 24`, `... orlonger`. */
export function prefixRange() {
  return textValue(
    'a prefix with "ge N", "le N" or "orlonger" behind it',
    (value, refuse): PrefixRange | undefined => {
      const [first, ...rest] = value.trim().split(/\s+/);
      const base = parsePrefix(first, refuse);
      if (!base) return undefined;
      const longest = base.version === 4 ? 32 : 128;
      const words = rest.join(' ');
      if (words === '') return { prefix: base, minLength: base.length, maxLength: base.length };
      if (words === 'orlonger') return { prefix: base, minLength: base.length, maxLength: longest };
      const match = /^(?:ge ([0-9]{1,3}))? ?(?:le ([0-9]{1,3}))?$/.exec(words);
      if (!match)
        return refuse(`"${words}" is not understood: write "ge N", "le N", "ge N le N" or "orlonger"`);
      const minLength = match[1] === undefined ? base.length : Number(match[1]);
      const maxLength = match[2] === undefined ? longest : Number(match[2]);
      if (base.length <= minLength && minLength <= maxLength && maxLength <= longest) {
        return { prefix: base, minLength, maxLength };
      }
      return refuse(`the lengths in "${words}" must rise from ${base.length} to ${longest}`);
    },
  );
}

/** A next hop to match: a prefix, or an address for just this one. */
function nextHopRange() {
  const address = unicastAddress();
  return textValue('an address or a prefix', (value, refuse) => {
    const host = address.safeParse(value);
    return host.success ? new Prefix(host.data, host.data.bytes.length * 8) : parsePrefix(value, refuse);
  });
}

const origin = () => oneOf(['igp', 'egp', 'incomplete']);

const matchSchema = z.strictObject({
  prefixes: z.array(prefixRange()).optional().meta({
    description: 'The prefix is one of these: "10.0.0.0/8", "10.0.0.0/8 ge 16 le 24", "10.0.0.0/8 orlonger".',
  }),
  communities: z.array(communityPattern()).optional().meta({
    description: 'The route has one of these: 65000:100, 65000:*, large:65000:1:*, rt:65000:100, no-export.',
  }),
  asPath: z
    .array(asPathPattern())
    .optional()
    .meta({ description: 'The AS_PATH fits one of these patterns: "_64500_", "^65001", "65002$".' }),
  nextHops: z
    .array(nextHopRange())
    .optional()
    .meta({ description: 'The next hop is one of these addresses or lies in one of these prefixes.' }),
  peers: z
    .array(unicastAddress())
    .optional()
    .meta({ description: 'The route came from one of these peers.' }),
  origins: z.array(origin()).optional().meta({ description: 'ORIGIN is one of igp, egp, incomplete.' }),
  families: z.array(family()).optional().meta({ description: 'The route belongs to one of these families.' }),
});

const uint32 = (what: string) => integer(what, 0, 4294967295);
const communities = () => z.array(community()).optional();

const setSchema = z.strictObject({
  localPref: uint32('a LOCAL_PREF').optional().meta({ description: 'LOCAL_PREF.' }),
  med: z
    .union([uint32('a MED'), z.literal('none').transform(() => null)], {
      error: ({ input }) => `expected a MED from 0 to 4294967295, or none to remove it, not ${shown(input)}`,
    })
    .optional()
    .meta({ description: 'MED; "none" removes it.' }),
  addCommunities: communities().meta({ description: 'Put these on the route.' }),
  removeCommunities: z
    .array(communityPattern())
    .optional()
    .meta({ description: 'Take these off; patterns as in match.communities.' }),
  replaceCommunities: communities().meta({ description: 'These and no others, of any kind.' }),
  prepend: z
    .array(asn())
    .optional()
    .meta({ description: 'AS numbers put before the AS_PATH, the first one first.' }),
  origin: origin().optional().meta({ description: 'ORIGIN.' }),
  nextHop: z
    .union([z.literal('self'), z.literal('peer'), unicastAddress()], {
      error: ({ input }) => nextHopError(input),
    })
    .optional()
    .meta({ description: 'Next hop: an address, "self" (our own) or "peer" (the address of the peer).' }),
});

function nextHopError(input: unknown): string {
  const expected = `expected self, peer or an address, not ${shown(input)}`;
  const reason = typeof input === 'string' && unicastAddress().safeParse(input).error?.issues[0].message;
  return reason && !reason.startsWith('expected') ? reason : expected;
}

/** Not written in place: an object literal with a `then` looks like a promise to tools. */
const verdict = 'then';

const termSchema = z.strictObject({
  name: name('term')
    .optional()
    .meta({ description: 'Shown where the term decides. Default: term-1, term-2 ...' }),
  match: matchSchema.optional().meta({
    description: 'All given conditions must hold; one element of each list is enough. Default: every route.',
  }),
  set: setSchema.optional().meta({ description: 'What is changed on a route that matches.' }),
  [verdict]: oneOf(['accept', 'reject', 'next']).meta({
    description: 'What becomes of a route that matches; next: go on with the next term.',
  }),
});

export const policySchema = z.strictObject({
  name: name('policy').meta({ description: 'What importPolicy and exportPolicy call it.' }),
  terms: z
    .array(termSchema)
    .meta({ description: 'Tried in order; the first that matches and does not say next decides.' }),
  default: oneOf(['accept', 'reject'])
    .optional()
    .meta({ description: 'For routes no term decided on.', default: policyDefault }),
});
