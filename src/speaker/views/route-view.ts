/** One route as plain data, from the columns. */
import { formatFamily } from '../../net/family.ts';
import type { FamilyRib } from '../../rib/family-rib.ts';
import { localPeer, type NlriId, type PathId, type RouteId } from '../../rib/ids.ts';
import { decisionReasons, ineligibleReasons } from '../../rib/reasons.ts';
import { labelOf } from '../../wire/nlri/label.ts';
import { nlriRow } from '../../wire/nlri/table.ts';
import type { InstanceTables } from '../instance-tables.ts';
import type { AttributesView, RouteView } from '../views.ts';

const scratch = new Uint8Array(64);

export function prefixText(rib: FamilyRib, nlri: NlriId): string {
  const row = nlriRow(rib.family);
  rib.nlri.write(nlri, scratch, 0);
  return row?.format(scratch, 0) ?? '?';
}

export function sourceText(tables: InstanceTables, source: number): string {
  if (source === localPeer) return 'local';
  return tables.peers.nameOf(source) ?? tables.peers.addressOf(source).toString();
}

/** The label of a path, where it has one. */
export function labelView({ paths }: InstanceTables, path: PathId): { readonly label?: number } {
  const field = paths.labelOf(path);
  return field === 0 ? {} : { label: labelOf(field) };
}

/** `attributes` as the view wants them: as received, as accepted, as sent. */
export function routeViewOf(
  tables: InstanceTables,
  rib: FamilyRib,
  route: RouteId,
  prefix: string,
  attributes: AttributesView,
): RouteView {
  const nlri = rib.routeNlri[route];
  const best = rib.best[nlri] === route;
  const reason = rib.reason[route];
  const decidedBy = best ? decisionReasons[rib.decidedBy[nlri]] : undefined;
  return {
    family: formatFamily(rib.family),
    prefix,
    ...labelView(tables, rib.path[route]),
    ...(rib.receivedPathId[route] === 0 ? {} : { pathId: rib.receivedPathId[route] }),
    from: sourceText(tables, rib.peer[route]),
    best,
    stale: rib.isStale(route),
    ...(reason === 0 ? {} : { ineligible: ineligibleReasons[reason] }),
    ...(decidedBy === undefined ? {} : { decidedBy }),
    attributes,
  };
}
