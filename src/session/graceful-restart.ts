/**
 * Graceful restart as the session sees it: which routes outlive an Established session, and what a new
 * connection from the same peer means. The stale routes themselves belong to `rib/` (RFC 4724 §4.2, RFC 8538 §4).
 */
import type { FamilyKey } from '../net/family.ts';
import type { Negotiated, RestartState } from './contract.ts';

/** How an Established session ended, in the three ways that matter here. */
export type Farewell =
  /** The TCP connection went away without a NOTIFICATION. */
  | 'silent'
  /** A NOTIFICATION other than a Hard Reset was sent or received, or would have been. */
  | 'notification'
  /** Hard Reset, or a stop of ours that ends the session for good. */
  | 'hard';

export interface Retention {
  readonly keepRoutes: readonly FamilyKey[];
  /** How long the peer may take to come back. */
  readonly restartTimeSeconds: number;
}

export function retentionAfter(negotiated: Negotiated, farewell: Farewell): Retention {
  const restart = negotiated.gracefulRestart;
  const none = { keepRoutes: [], restartTimeSeconds: 0 };
  if (restart === undefined || farewell === 'hard') return none;
  // RFC 4724 §4: a NOTIFICATION ends it all; RFC 8538 §4: unless both ends set the N bit.
  if (farewell === 'notification' && !negotiated.gracefulNotification) return none;
  const keepRoutes = restart.families
    .map(({ family }) => family)
    .filter((family) => negotiated.codec.families.has(family));
  return { keepRoutes, restartTimeSeconds: restart.restartTimeSeconds };
}

/** RFC 4724 §5: only for a peer that listed a family does a new connection replace the Established one. */
export function canRestart(negotiated: Negotiated): boolean {
  return negotiated.gracefulRestart !== undefined && negotiated.gracefulRestart.families.length > 0;
}

/**
 * RFC 8538 §4: after a session that ended while we kept running, the F bit is set in our next OPEN, or the
 * peer would drop the routes it kept.
 */
export function restartStateForOpen(state: RestartState, wasEstablished: boolean): RestartState {
  if (state.restarting || !wasEstablished) return state;
  return { restarting: false, forwardingPreserved: true };
}
