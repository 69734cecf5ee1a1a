/** Messages of no session: Initiation, the Peer Up of a Loc-RIB, which has none behind it, and Statistics Reports. */
import { type FamilyKey, supportedFamilies } from '../net/family.ts';
import { asTrans } from '../wire/attributes/types.ts';
import { encodeOpen } from '../wire/open.ts';
import { encodeInitiation, encodePeerUp, encodeStatisticsReport } from './encode.ts';
import {
  InformationType,
  type PerPeerHeader,
  type Statistic,
  StatisticType,
  type WallMilliseconds,
} from './messages.ts';
import type { StationSessionSettings } from './station-contract.ts';

/** RFC 7854 §4.3: who speaks. */
export function initiation({ sysDescr, sysName, information = [] }: StationSessionSettings): Uint8Array {
  return encodeInitiation([
    { type: InformationType.sysDescr, text: sysDescr },
    { type: InformationType.sysName, text: sysName },
    ...information.map((text) => ({ type: InformationType.string, text })),
  ]);
}

/** RFC 9069 §4.4: OPENs of our own making, with what is needed to read the routes. */
export function locRibPeerUp(header: PerPeerHeader, tableName: string, at: WallMilliseconds): Uint8Array {
  const { asn, bgpIdentifier } = header;
  const open = encodeOpen({
    type: 'open',
    version: 4,
    myAs: asn > 0xffff ? asTrans : asn,
    holdTimeSeconds: 0,
    bgpIdentifier,
    capabilities: [
      ...supportedFamilies.map((family) => ({ type: 'multiprotocol' as const, family })),
      { type: 'four-octet-as', asn },
    ],
  });
  const fields = {
    localAddress: undefined,
    localPort: 0,
    remotePort: 0,
    sentOpen: open,
    receivedOpen: open,
    information: [{ type: InformationType.tableName, text: tableName }],
  };
  return encodePeerUp(header, fields, at);
}

/** RFC 7854 §4.8: gauges of what is held, in all and by family. */
export function statisticsReport(
  header: PerPeerHeader,
  table: 'adj-rib-in' | 'loc-rib',
  counts: readonly { readonly family: FamilyKey; readonly count: number }[],
  at: WallMilliseconds,
): Uint8Array {
  const [all, ofFamily] =
    table === 'loc-rib'
      ? [StatisticType.locRib, StatisticType.locRibOfFamily]
      : [StatisticType.adjRibIn, StatisticType.adjRibInOfFamily];
  const statistics: Statistic[] = counts.map(({ family, count }) => ({
    type: ofFamily,
    family,
    value: count,
  }));
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  return encodeStatisticsReport(header, [{ type: all, value: total }, ...statistics], at);
}
