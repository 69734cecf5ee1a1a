/**
 * One row per path attribute: flags, what a malformed one leads to, when it must be there, and what makes it
 * malformed (RFC 7606 §7 and the documents after it). Whatever has no row is handled by its flags alone
 * (`scan.ts`). MP_REACH_NLRI and MP_UNREACH_NLRI are read further by `update-decode.ts`.
 */

import { readU16, readU32 } from '../bytes.ts';
import type { AttributeAction } from '../errors.ts';
import { UpdateSubcode } from '../notification-codes.ts';
import { checkAsPath } from './as-path.ts';
import { attributeTypes, optionalNonTransitive, optionalTransitive, wellKnown } from './types.ts';

/** What is wrong with the value `[at, end)`; `undefined` for nothing. Allocates nothing for good values. */
export type AttributeCheck = (
  bytes: Uint8Array,
  at: number,
  end: number,
  fourOctetAs: boolean,
  external: boolean,
) => string | undefined;

export interface AttributeRow {
  readonly type: number;
  readonly name: string;
  readonly rfc: string;
  /** The Optional and Transitive bits it must have (RFC 7606 §3 (c)). */
  readonly flags: number;
  /** What a malformed value leads to. */
  readonly malformed: Exclude<AttributeAction, 'disable-family'>;
  /** RFC 4271 §6.3: the subcode where a fault has to end the session after all. */
  readonly subcode: number;
  /** When an UPDATE with reachable NLRI must have it (RFC 4271 §5). */
  readonly mandatory: 'always' | 'classic-nlri' | 'internal' | 'never';
  /** From which sessions it is discarded unread. */
  readonly discardFrom: 'external' | 'four-octet-as' | 'nobody';
  readonly check: AttributeCheck;
}

function exactly(octets: number): AttributeCheck {
  const detail = `length is not ${octets}`;
  return (_bytes, at, end) => (end - at === octets ? undefined : detail);
}

/** RFC 7606 §4: zero length is malformed unless an attribute says otherwise. */
function multipleOf(octets: number): AttributeCheck {
  const detail = `length is not a multiple of ${octets} above 0`;
  return (_bytes, at, end) => (end > at && (end - at) % octets === 0 ? undefined : detail);
}

function atLeast(octets: number): AttributeCheck {
  const detail = `length is under ${octets}`;
  return (_bytes, at, end) => (end - at >= octets ? undefined : detail);
}

const checkOrigin: AttributeCheck = (bytes, at, end) => {
  if (end - at !== 1) return 'length is not 1';
  return bytes[at] <= 2 ? undefined : 'undefined value';
};

const checkAggregator: AttributeCheck = (bytes, at, end, fourOctetAs) => {
  if (end - at !== (fourOctetAs ? 8 : 6)) return 'length does not fit the width of AS numbers';
  // RFC 7607 §2: AS 0 is malformed.
  return (fourOctetAs ? readU32(bytes, at) : readU16(bytes, at)) === 0 ? 'AS number 0' : undefined;
};

const checkAs4Aggregator: AttributeCheck = (bytes, at, end) => checkAggregator(bytes, at, end, true, false);

/** RFC 6793 §6: malformed where no path can be made of it. Confederation segments are dropped later. */
const checkAs4Path: AttributeCheck = (bytes, at, end) =>
  end > at ? checkAsPath(bytes, at, end, true, false) : 'length is 0';

type RowOptions = Partial<Pick<AttributeRow, 'malformed' | 'subcode' | 'mandatory' | 'discardFrom'>>;

function row(
  type: number,
  name: string,
  rfc: string,
  flags: number,
  check: AttributeCheck,
  options: RowOptions = {},
): AttributeRow {
  const defaults = {
    malformed: 'treat-as-withdraw',
    subcode: flags === wellKnown ? UpdateSubcode.attributeLength : UpdateSubcode.optionalAttribute,
    mandatory: 'never',
    discardFrom: 'nobody',
  } as const;
  return { type, name, rfc, flags, check, ...defaults, ...options };
}

const t = attributeTypes;

export const attributeRows: readonly AttributeRow[] = [
  row(t.origin, 'ORIGIN', 'RFC 7606 §7.1', wellKnown, checkOrigin, {
    mandatory: 'always',
    subcode: UpdateSubcode.invalidOrigin,
  }),
  row(t.asPath, 'AS_PATH', 'RFC 7606 §7.2', wellKnown, checkAsPath, {
    mandatory: 'always',
    subcode: UpdateSubcode.malformedAsPath,
  }),
  row(t.nextHop, 'NEXT_HOP', 'RFC 7606 §7.3', wellKnown, exactly(4), {
    mandatory: 'classic-nlri',
    subcode: UpdateSubcode.invalidNextHop,
  }),
  row(t.med, 'MULTI_EXIT_DISC', 'RFC 7606 §7.4', optionalNonTransitive, exactly(4)),
  // RFC 4271 §5.1.5: required from internal peers.
  row(t.localPref, 'LOCAL_PREF', 'RFC 7606 §7.5', wellKnown, exactly(4), {
    mandatory: 'internal',
    discardFrom: 'external',
  }),
  row(t.atomicAggregate, 'ATOMIC_AGGREGATE', 'RFC 7606 §7.6', wellKnown, exactly(0), {
    malformed: 'attribute-discard',
  }),
  row(t.aggregator, 'AGGREGATOR', 'RFC 7606 §7.7', optionalTransitive, checkAggregator, {
    malformed: 'attribute-discard',
  }),
  row(t.communities, 'COMMUNITIES', 'RFC 7606 §7.8', optionalTransitive, multipleOf(4)),
  row(t.originatorId, 'ORIGINATOR_ID', 'RFC 7606 §7.9', optionalNonTransitive, exactly(4), {
    discardFrom: 'external',
  }),
  row(t.clusterList, 'CLUSTER_LIST', 'RFC 7606 §7.10', optionalNonTransitive, multipleOf(4), {
    discardFrom: 'external',
  }),
  row(t.mpReach, 'MP_REACH_NLRI', 'RFC 7606 §7.11', optionalNonTransitive, atLeast(5), {
    malformed: 'session-reset',
  }),
  row(t.mpUnreach, 'MP_UNREACH_NLRI', 'RFC 7606 §7.12', optionalNonTransitive, atLeast(3), {
    malformed: 'session-reset',
  }),
  row(t.extendedCommunities, 'EXTENDED COMMUNITIES', 'RFC 7606 §7.14', optionalTransitive, multipleOf(8)),
  row(t.as4Path, 'AS4_PATH', 'RFC 6793 §6', optionalTransitive, checkAs4Path, {
    malformed: 'attribute-discard',
    discardFrom: 'four-octet-as',
  }),
  row(t.as4Aggregator, 'AS4_AGGREGATOR', 'RFC 6793 §6', optionalTransitive, checkAs4Aggregator, {
    malformed: 'attribute-discard',
    discardFrom: 'four-octet-as',
  }),
  row(t.largeCommunities, 'LARGE_COMMUNITY', 'RFC 8092 §6', optionalTransitive, multipleOf(12)),
];

const rowByType: readonly (AttributeRow | undefined)[] = (() => {
  const byType: (AttributeRow | undefined)[] = new Array(256).fill(undefined);
  for (const each of attributeRows) byType[each.type] = each;
  return byType;
})();

/** `undefined` for a type this build does not interpret. */
export function attributeRow(type: number): AttributeRow | undefined {
  return rowByType[type];
}

/** `COMMUNITIES`, or `attribute 250`. */
export function attributeName(type: number): string {
  return rowByType[type]?.name ?? `attribute ${type}`;
}
