/** A path to a destination as a policy sees it, for import and export alike. */
import type { FamilyKey } from '../net/family.ts';
import { IpAddress } from '../net/ip-address.ts';
import type { PolicyRoute } from '../policy/contract.ts';
import { localPeer, type NlriId, type PathId } from '../rib/ids.ts';
import type { NlriTable } from '../rib/nlri-table.ts';
import type { PathAttributes } from '../wire/attributes/path-attributes.ts';
import { nlriRow } from '../wire/nlri/table.ts';
import type { ExportContext } from './context.ts';

/** The destination, for policies that look at it. */
export interface Destination {
  readonly prefixBytes: Uint8Array;
  readonly prefixLength: number;
}

const noOctets = new Uint8Array(0);
const keyScratch = new Uint8Array(64);

/** An NLRI as policies see it: of a VPN route its prefix, without the route distinguisher. */
export function destinationOf(family: FamilyKey, table: Pick<NlriTable, 'write'>, nlri: NlriId): Destination {
  const { addressOctets = 0, distinguisherOctets = 0 } = nlriRow(family) ?? {};
  if (addressOctets === 0) return { prefixBytes: noOctets, prefixLength: 0 };
  const end = table.write(nlri, keyScratch, 0);
  const prefixBytes = new Uint8Array(addressOctets);
  prefixBytes.set(keyScratch.subarray(1 + distinguisherOctets, end));
  return { prefixBytes, prefixLength: keyScratch[0] - distinguisherOctets * 8 };
}

const unspecified = IpAddress.fromUint32(0);

export function policyRouteOf(
  context: Pick<ExportContext, 'paths' | 'peers' | 'nextHops'>,
  family: FamilyKey,
  path: PathId,
  attributes: PathAttributes,
  destination: Destination | undefined,
): PolicyRoute {
  const { paths, peers, nextHops } = context;
  const source = paths.source[path];
  const nextHop = nextHops.get(paths.nextHop[path])?.bytes;
  return {
    family,
    attributes,
    prefixBytes: destination?.prefixBytes ?? noOctets,
    prefixLength: destination?.prefixLength ?? 0,
    nextHop: nextHop ? IpAddress.fromBytes(nextHop, 0, Math.min(nextHop.length, 16)) : unspecified,
    peer: source === localPeer ? undefined : peers.addressOf(source),
  };
}
