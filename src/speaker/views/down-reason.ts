/** Why a session is down, in words for the operator. */
import { assertNever } from '../../net/assert-never.ts';
import { formatFamily } from '../../net/family.ts';
import type { SessionDownReason, StopReason } from '../../session/contract.ts';
import { describeNotification } from '../../wire/notification.ts';

export function describeDown(reason: SessionDownReason): string {
  switch (reason.type) {
    case 'never-established':
      return 'never established';
    case 'stopped':
      return describeStop(reason.reason);
    case 'connect-failed':
      return `connect failed: ${reason.detail}`;
    case 'connection-lost':
      return `connection lost: ${reason.detail}`;
    case 'hold-timer-expired':
      return 'hold timer expired: nothing heard from the peer';
    case 'send-hold-timer-expired':
      return 'send hold timer expired: the peer does not read';
    case 'notification-sent': {
      const words = describeNotification(reason.code, reason.subcode, reason.data);
      return reason.detail ? `sent ${words}: ${reason.detail}` : `sent ${words}`;
    }
    case 'notification-received':
      return `received ${describeNotification(reason.code, reason.subcode, reason.data)}`;
    default:
      return assertNever(reason);
  }
}

function describeStop(reason: StopReason): string {
  switch (reason.type) {
    case 'admin-shutdown':
      return reason.message ? `shut down: ${reason.message}` : 'shut down by the operator';
    case 'admin-reset':
      return reason.message ? `reset: ${reason.message}` : 'reset by the operator';
    case 'maximum-prefixes':
      return `more than ${reason.limit} prefixes of ${formatFamily(reason.family)}`;
    case 'peer-deconfigured':
      return 'peer removed from the configuration';
    case 'configuration-change':
      return 'configuration changed';
    case 'connection-rejected':
      return 'connection rejected';
    case 'out-of-resources':
      return 'out of resources';
    case 'silent':
      return 'closed without NOTIFICATION for a graceful restart';
    default:
      return assertNever(reason);
  }
}
