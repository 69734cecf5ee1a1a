/** Attribute sets and next hops in words. Remembers the last set: walks meet the same one again and again. */

import { attributesOf } from '../../export/propagation.ts';
import { decimal } from '../../net/decimal.ts';
import { formatUint32 } from '../../net/ip-address.ts';
import { formatCommunity, formatExtendedCommunity, formatLargeCommunity } from '../../policy/community.ts';
import type { PathId } from '../../rib/ids.ts';
import { formatNextHop } from '../../rib/next-hop-table.ts';
import type { AsPathSegment, PathAttributes } from '../../wire/attributes/path-attributes.ts';
import { toHex } from '../../wire/bytes.ts';
import type { InstanceTables } from '../instance-tables.ts';
import type { AttributesView } from '../views.ts';

/** `65001 65002 {65003,65004} (65100)`: sets in braces, confederation segments in parentheses. */
export function formatAsPath(asPath: readonly AsPathSegment[]): string {
  return asPath.map(formatSegment).join(' ');
}

function formatSegment({ type, asns }: AsPathSegment): string {
  switch (type) {
    case 'sequence':
      return joined(asns, ' ');
    case 'set':
      return `{${joined(asns, ',')}}`;
    case 'confed-sequence':
      return `(${joined(asns, ' ')})`;
    case 'confed-set':
      return `[${joined(asns, ',')}]`;
  }
}

function joined(asns: readonly number[], separator: string): string {
  return asns.map(decimal).join(separator);
}

export function attributesViewOf(attributes: PathAttributes, nextHop: string): AttributesView {
  const a = attributes;
  return {
    origin: a.origin,
    asPath: formatAsPath(a.asPath),
    nextHop,
    ...(a.med === undefined ? {} : { med: a.med }),
    ...(a.localPref === undefined ? {} : { localPref: a.localPref }),
    ...(a.atomicAggregate ? { atomicAggregate: true } : {}),
    ...(a.aggregator ? { aggregator: `${a.aggregator.asn} ${formatUint32(a.aggregator.address)}` } : {}),
    ...(a.communities ? { communities: a.communities.map(formatCommunity) } : {}),
    ...(a.extendedCommunities
      ? { extendedCommunities: a.extendedCommunities.map(formatExtendedCommunity) }
      : {}),
    ...(a.largeCommunities ? { largeCommunities: a.largeCommunities.map(formatLargeCommunity) } : {}),
    ...(a.originatorId === undefined ? {} : { originatorId: formatUint32(a.originatorId) }),
    ...(a.clusterList ? { clusterList: a.clusterList.map(formatUint32) } : {}),
    ...(a.unknown
      ? { unknown: a.unknown.map((u) => ({ type: u.type, flags: u.flags, value: toHex(u.value) })) }
      : {}),
  };
}

export class PathViews {
  readonly #tables: InstanceTables;
  #last: PathId = 0;
  #attributes: PathAttributes | undefined;
  #view: AttributesView | undefined;

  constructor(tables: InstanceTables) {
    this.#tables = tables;
  }

  /** Valid while the tables do not change: make one per turn. */
  attributes(path: PathId): PathAttributes {
    if (path !== this.#last || this.#attributes === undefined) {
      this.#last = path;
      this.#attributes = attributesOf(this.#tables, this.#tables.paths.attributes[path]);
      this.#view = undefined;
    }
    return this.#attributes;
  }

  view(path: PathId): AttributesView {
    const attributes = this.attributes(path);
    this.#view ??= attributesViewOf(attributes, this.nextHop(path));
    return this.#view;
  }

  nextHop(path: PathId): string {
    const nextHop = this.#tables.nextHops.get(this.#tables.paths.nextHop[path]);
    return nextHop === undefined ? 'self' : formatNextHop(nextHop.bytes);
  }
}
