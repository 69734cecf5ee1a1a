/**
 * From a received path to an accepted one: eligibility, GRACEFUL_SHUTDOWN (RFC 8326 §4), import policy.
 * The verdict is kept per path (`PathTable.imported`) wherever policy does not look at the destination.
 * A verdict is a PathId (positive) or the negative code of an ineligible reason.
 */

import { type Destination, destinationOf, policyRouteOf } from '../export/policy-route.ts';
import { attributesOf } from '../export/propagation.ts';
import type { FamilyKey } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { PolicyVerdict } from '../policy/contract.ts';
import { AttributeFlag } from '../rib/attribute-table.ts';
import { eligibilityOf } from '../rib/eligibility.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import { localPeer, type NlriId, type PathId } from '../rib/ids.ts';
import { PathFlag } from '../rib/path-table.ts';
import { ineligibleCode } from '../rib/reasons.ts';
import { encodePathAttributes } from '../wire/attributes/encode-attributes.ts';
import type { PathAttributes } from '../wire/attributes/path-attributes.ts';
import type { InstanceTables } from './instance-tables.ts';
import type { ImportRules } from './route-source.ts';

/** Must the verdict be asked for each destination? */
export function verdictNeedsDestination(rules: ImportRules): boolean {
  // A path is one for all families, so its remembered verdict is too.
  return rules.policy !== undefined && (rules.policy.usesPrefix || rules.policy.usesFamily);
}

/** The verdict for a path whatever its destination, remembered. */
export function importVerdict(
  tables: InstanceTables,
  rules: ImportRules,
  family: FamilyKey,
  path: PathId,
): number {
  const known = tables.paths.imported[path];
  if (known !== 0) return known;
  const verdict = judge(tables, rules, family, path, undefined);
  tables.paths.imported[path] = verdict;
  if (verdict > 0 && verdict !== path) tables.paths.retain(verdict);
  return verdict;
}

/** The verdict for one destination. The caller retains the path, or calls `discardUnreferenced`. */
export function importVerdictFor(
  tables: InstanceTables,
  rules: ImportRules,
  rib: FamilyRib,
  path: PathId,
  nlri: NlriId,
): number {
  return judge(tables, rules, rib.family, path, destinationOf(rib.family, rib.nlri, nlri));
}

function judge(
  tables: InstanceTables,
  rules: ImportRules,
  family: FamilyKey,
  path: PathId,
  destination: Destination | undefined,
): number {
  if (tables.paths.source[path] === localPeer) return path;
  const barred = eligibilityOf(tables, path, rules.eligibility);
  if (barred !== 0) return -barred;
  const { policy } = rules;
  if (policy === undefined) return -ineligibleCode('no-import-policy');
  if (policy.constant === 'reject') return -ineligibleCode('import-policy');
  const set = tables.paths.attributes[path];
  const shutdown =
    rules.gracefulShutdown && (tables.attributes.flags[set] & AttributeFlag.gracefulShutdown) !== 0;
  if (policy.constant === 'accept' && !shutdown) return path;
  const before = attributesOf(tables, set);
  let verdict: PolicyVerdict = { accept: true, term: '', attributes: before, nextHop: undefined };
  if (policy.constant === undefined) {
    verdict = policy.evaluate(policyRouteOf(tables, family, path, before, destination));
  }
  if (!verdict.accept) return -ineligibleCode('import-policy');
  // RFC 8326 §4: the receiver lowers the preference, whatever its policy set.
  const attributes = shutdown ? { ...verdict.attributes, localPref: 0 } : verdict.attributes;
  return edited(tables, path, before, attributes, verdict.nextHop);
}

function edited(
  tables: InstanceTables,
  path: PathId,
  before: PathAttributes,
  attributes: PathAttributes,
  wanted: IpAddress | 'self' | 'peer' | undefined,
): PathId {
  const { paths } = tables;
  const source = paths.source[path];
  let flags = paths.flags[path];
  let nextHop = paths.nextHop[path];
  if (wanted === 'self') flags |= PathFlag.nextHopSelf;
  else if (wanted !== undefined) {
    const address = wanted === 'peer' ? tables.peers.addressOf(source) : wanted;
    nextHop = tables.nextHops.intern(address.bytes, 0, address.bytes.length);
  }
  if (attributes.med !== undefined && attributes.med !== before.med) flags |= PathFlag.keepMed;
  if (attributes === before) return paths.derive(path, paths.attributes[path], nextHop, flags);
  const bytes = encodePathAttributes(attributes);
  return paths.derive(path, tables.attributes.intern(bytes, bytes.length, 0), nextHop, flags);
}
