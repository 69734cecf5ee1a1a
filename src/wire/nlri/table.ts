/** One row per address family whose NLRI this build reads. */
import type { FamilyKey } from '../../net/family.ts';
import { ipv4UnicastRow, ipv6UnicastRow } from './ip-prefix.ts';
import { routeTargetRow } from './route-target.ts';
import type { NlriRow } from './row.ts';
import { vpnIpv4Row, vpnIpv6Row } from './vpn.ts';

export type { NlriRow } from './row.ts';

export const nlriRows: readonly NlriRow[] = [
  ipv4UnicastRow,
  ipv6UnicastRow,
  vpnIpv4Row,
  vpnIpv6Row,
  routeTargetRow,
];
const rowByFamily = new Map(nlriRows.map((row) => [row.family, row]));

/** How this family's NLRI are read; `undefined` when this build cannot. */
export function nlriRow(family: FamilyKey): NlriRow | undefined {
  // The two families of nearly all UPDATEs need no hash look-up.
  if (family === ipv4UnicastRow.family) return ipv4UnicastRow;
  if (family === ipv6UnicastRow.family) return ipv6UnicastRow;
  return rowByFamily.get(family);
}
