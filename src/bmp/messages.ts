/**
 * The messages of the BGP Monitoring Protocol (RFC 7854 §4) as values, with the codes of RFC 8671 and RFC 9069.
 * Owns shapes and numbers only: bytes are made in encode.ts, when which message is due is for session.ts to say.
 */
import type { FamilyKey } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';

/** RFC 7854 §4.1. */
export const bmpVersion = 3;

export const BmpType = {
  routeMonitoring: 0,
  statisticsReport: 1,
  peerDown: 2,
  peerUp: 3,
  initiation: 4,
  termination: 5,
} as const;

/** RFC 7854 §4.2; `locRib` is RFC 9069 §4.1. */
export const PeerType = { global: 0, rdInstance: 1, localInstance: 2, locRib: 3 } as const;
export type PeerTypeCode = (typeof PeerType)[keyof typeof PeerType];

/** RFC 7854 §4.2. A Loc-RIB peer has flags of its own (RFC 9069 §4.2), all of them clear here: it is not filtered. */
export const PeerFlag = { ipv6: 0x80, postPolicy: 0x40 } as const;

/** Information TLVs (RFC 7854 §4.4, RFC 9069 §5.2.1). */
export const InformationType = { string: 0, sysDescr: 1, sysName: 2, tableName: 3 } as const;

/** RFC 7854 §4.5. */
export const TerminationReason = { administrativelyClosed: 0, unspecified: 1, outOfResources: 2 } as const;

/** RFC 7854 §4.8; 64-bit gauges. The ones per family carry AFI and SAFI before the number. */
export const StatisticType = { adjRibIn: 7, locRib: 8, adjRibInOfFamily: 9, locRibOfFamily: 10 } as const;

/** Octets in front of a BGP message in Route Monitoring: common header and per-peer header. */
export const routeMonitoringHeader = 48;

export interface PerPeerHeader {
  readonly type: PeerTypeCode;
  /** `PeerFlag` bits but `ipv6`, which the address decides. */
  readonly flags: number;
  /** Eight octets: a route distinguisher, or what tells tables of one sender apart. */
  readonly distinguisher: Uint8Array;
  /** `undefined`: all zeros (RFC 9069 §4.1). */
  readonly address: IpAddress | undefined;
  readonly asn: number;
  readonly bgpIdentifier: number;
}

export interface Information {
  readonly type: number;
  readonly text: string;
}

export interface PeerUpFields {
  /** `undefined`: all zeros, there is no session (RFC 9069 §4.4). */
  readonly localAddress: IpAddress | undefined;
  /** 0 where it is not known or there is no session. */
  readonly localPort: number;
  readonly remotePort: number;
  /** Whole BGP messages, as they were on the wire. */
  readonly sentOpen: Uint8Array;
  readonly receivedOpen: Uint8Array;
  readonly information: readonly Information[];
}

/** Why a session is down (RFC 7854 §4.9); `table-closed` is RFC 9069 §5.3. Notifications are whole BGP messages. */
export type PeerDownReason =
  | { readonly type: 'local-notification'; readonly notification: Uint8Array }
  /** Code of the FSM event (RFC 4271 §8.1) that ended it; 0 for none that fits. */
  | { readonly type: 'local-close'; readonly fsmEvent: number }
  | { readonly type: 'remote-notification'; readonly notification: Uint8Array }
  | { readonly type: 'remote-close' }
  | { readonly type: 'deconfigured' }
  | { readonly type: 'table-closed'; readonly tableName: string };

export interface Statistic {
  readonly type: number;
  readonly value: number;
  readonly family?: FamilyKey;
}

/** Wall clock, milliseconds since 1970; 0 says that it is not known. */
export type WallMilliseconds = number;
