/**
 * The five BGP messages as values (RFC 4271 §4, RFC 2918), except UPDATE, which is read in place:
 * see `wire/update.ts`. Owns shapes only.
 */
import type { FamilyKey } from '../net/family.ts';

export const MessageType = { open: 1, update: 2, notification: 3, keepalive: 4, routeRefresh: 5 } as const;

/** RFC 5492 capabilities. `unknown` is kept as it came, to be shown. */
export type Capability =
  | { readonly type: 'multiprotocol'; readonly family: FamilyKey } //                       1, RFC 4760
  | { readonly type: 'route-refresh' } //                                                   2, RFC 2918
  | { readonly type: 'extended-next-hop'; readonly entries: readonly ExtendedNextHop[] } // 5, RFC 8950
  | { readonly type: 'extended-message' } //                                                6, RFC 8654
  | GracefulRestartCapability //                                                           64, RFC 4724, 8538
  | { readonly type: 'four-octet-as'; readonly asn: number } //                            65, RFC 6793
  | { readonly type: 'add-path'; readonly families: readonly AddPathFamily[] } //          69, RFC 7911
  | { readonly type: 'enhanced-route-refresh' } //                                         70, RFC 7313
  | { readonly type: 'fqdn'; readonly hostName: string; readonly domainName: string } //   73
  | { readonly type: 'route-refresh-cisco' } //                                           128, pre-standard
  | { readonly type: 'unknown'; readonly code: number; readonly value: Uint8Array };

export interface ExtendedNextHop {
  readonly family: FamilyKey;
  readonly nextHopAfi: number;
}

export interface AddPathFamily {
  readonly family: FamilyKey;
  /** From the point of view of who sent the capability. */
  readonly mode: 'receive' | 'send' | 'both';
}

export interface GracefulRestartCapability {
  readonly type: 'graceful-restart';
  /** R: the sender has restarted (RFC 4724 §3). */
  readonly restarting: boolean;
  /** N: NOTIFICATIONs too start graceful restart (RFC 8538 §2). */
  readonly notification: boolean;
  /** 12 bits on the wire. */
  readonly restartTimeSeconds: number;
  readonly families: readonly { readonly family: FamilyKey; readonly forwarding: boolean }[];
}

export interface OpenMessage {
  readonly type: 'open';
  readonly version: number;
  /** The 2-octet field: AS_TRANS (23456) for larger numbers; see the four-octet-as capability. */
  readonly myAs: number;
  readonly holdTimeSeconds: number;
  /** Unsigned 32 bits. */
  readonly bgpIdentifier: number;
  readonly capabilities: readonly Capability[];
}

export interface NotificationMessage {
  readonly type: 'notification';
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

export interface KeepaliveMessage {
  readonly type: 'keepalive';
}

export interface RouteRefreshMessage {
  readonly type: 'route-refresh';
  readonly family: FamilyKey;
  /** RFC 7313 §3.2: 0 normal request, 1 beginning, 2 end; other values are ignored by the receiver. */
  readonly subtype: number;
}

/** Everything the state machine is told about; UPDATEs go straight to the RIB and only refresh the hold timer. */
export type ControlMessage = OpenMessage | NotificationMessage | KeepaliveMessage | RouteRefreshMessage;

/**
 * What both ends agreed on and the codec needs to know (RFC 5492 §3). Plain data, made by
 * `session/negotiation`. "receive" and "send" are ours.
 */
export interface SessionCodec {
  /** Both sent capability 65: AS_PATH and AGGREGATOR carry 4-octet numbers (RFC 6793 §4.1). */
  readonly fourOctetAs: boolean;
  /** Families that both ends carry. */
  readonly families: ReadonlySet<FamilyKey>;
  /** Families whose NLRI we receive with a path identifier (RFC 7911 §4). */
  readonly addPathReceive: ReadonlySet<FamilyKey>;
  readonly addPathSend: ReadonlySet<FamilyKey>;
  /** Families that may come and go with an IPv6 next hop although their AFI is IPv4 (RFC 8950). */
  readonly extendedNextHop: ReadonlySet<FamilyKey>;
  /** Largest message we accept: 65535 where we announced RFC 8654, otherwise 4096. */
  readonly maxMessageReceive: number;
  /** Largest message the peer accepts. Only its own capability counts (RFC 8654 §4). */
  readonly maxMessageSend: number;
}

/** Before OPENs are exchanged: RFC 4271 as it stands. */
export const plainCodec: SessionCodec = {
  fourOctetAs: false,
  families: new Set(),
  addPathReceive: new Set(),
  addPathSend: new Set(),
  extendedNextHop: new Set(),
  maxMessageReceive: 4096,
  maxMessageSend: 4096,
};
