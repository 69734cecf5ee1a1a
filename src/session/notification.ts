/**
 * NOTIFICATIONs the session itself sends, as values: the FSM errors of RFC 6608 and one table that says for
 * every StopReason what the peer is told and what becomes of the session (RFC 4486, 8538, 9003). Owns no codes
 * but those that only a session sends, and no bytes: see `wire/notification`.
 */
import { afiOf, safiOf } from '../net/family.ts';
import { encodeHardReset, encodeMaximumPrefixes, encodeShutdownText } from '../wire/notification.ts';
import { CeaseSubcode, NotificationCode } from '../wire/notification-codes.ts';
import type { StopReason } from './contract.ts';

/** RFC 4271 §6.2, RFC 5492 §5. */
export const OpenSubcode = {
  unsupportedVersion: 1,
  badPeerAs: 2,
  badIdentifier: 3,
  unacceptableHoldTime: 6,
  unsupportedCapability: 7,
} as const;

/** RFC 6608 §3. */
export const FsmSubcode = { inOpenSent: 1, inOpenConfirm: 2, inEstablished: 3 } as const;

export interface NotificationContent {
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

/** What becomes of the session after a stop: it rests until manual-start, or it comes back by itself. */
export type StopSequel = 'stopped' | 'restart' | 'restart-counted' | 'restart-after-delay';

interface StopRow {
  /** 0: nothing is sent. */
  readonly subcode: number;
  /** RFC 8538 §3.1: ends the session for good, so a graceful restart must not follow. */
  readonly hard: boolean;
  /** Without a hard reset we too keep what the peer told us, unless we stopped because of it. */
  readonly keepRoutes: boolean;
  readonly sequel: StopSequel;
}

const stops: Readonly<Record<StopReason['type'], StopRow>> = {
  'maximum-prefixes': {
    subcode: CeaseSubcode.maximumPrefixes,
    hard: true,
    keepRoutes: false,
    sequel: 'restart-after-delay',
  },
  'admin-shutdown': {
    subcode: CeaseSubcode.administrativeShutdown,
    hard: true,
    keepRoutes: false,
    sequel: 'stopped',
  },
  'peer-deconfigured': {
    subcode: CeaseSubcode.peerDeconfigured,
    hard: true,
    keepRoutes: false,
    sequel: 'stopped',
  },
  'admin-reset': {
    subcode: CeaseSubcode.administrativeReset,
    hard: true,
    keepRoutes: false,
    sequel: 'restart',
  },
  'connection-rejected': {
    subcode: CeaseSubcode.connectionRejected,
    hard: true,
    keepRoutes: false,
    sequel: 'restart-counted',
  },
  'configuration-change': {
    subcode: CeaseSubcode.otherConfigurationChange,
    hard: false,
    keepRoutes: true,
    sequel: 'restart',
  },
  'out-of-resources': {
    subcode: CeaseSubcode.outOfResources,
    hard: false,
    keepRoutes: false,
    sequel: 'restart-counted',
  },
  silent: { subcode: 0, hard: false, keepRoutes: false, sequel: 'stopped' },
};

export function stopRow(reason: StopReason): StopRow {
  return stops[reason.type];
}

/** The Cease for a stop; `undefined` where the connection is closed without a word. */
export function ceaseFor(reason: StopReason): NotificationContent | undefined {
  const { subcode } = stops[reason.type];
  return subcode === 0 ? undefined : { code: NotificationCode.cease, subcode, data: ceaseData(reason) };
}

/** RFC 8538 §3.1: the NOTIFICATION that would have been sent, inside a Hard Reset. */
export function hardReset(inner: NotificationContent): NotificationContent {
  const data = encodeHardReset(inner.code, inner.subcode, inner.data);
  return { code: NotificationCode.cease, subcode: CeaseSubcode.hardReset, data };
}

/** RFC 4271 §6.8: for the connection that gives way. */
export const collisionCease: NotificationContent = {
  code: NotificationCode.cease,
  subcode: CeaseSubcode.connectionCollision,
  data: new Uint8Array(0),
};

/** RFC 6608 §3: the data is the type of the unexpected message. */
export function fsmError(subcode: number, messageType: number): NotificationContent {
  return { code: NotificationCode.fsm, subcode, data: Uint8Array.of(messageType) };
}

function ceaseData(reason: StopReason): Uint8Array {
  switch (reason.type) {
    case 'admin-shutdown':
    case 'admin-reset':
      return encodeShutdownText(reason.message);
    case 'maximum-prefixes':
      return encodeMaximumPrefixes(afiOf(reason.family), safiOf(reason.family), reason.limit);
    default:
      return new Uint8Array(0);
  }
}
