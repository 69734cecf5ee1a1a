/**
 * Connection collision detection (RFC 4271 §6.8, RFC 6286 §2.3, RFC 4724 §5): two connections to one peer,
 * and the OPEN has come on the newer of them. A pure decision; the peer session carries it out.
 *
 * Nobody loses before both connections are past OPEN: some speakers (GoBGP 3.10) close the other connection
 * on their own, and a loser dropped early would leave none.
 *
 * When the other connection is Established already, but both were up before that, the two ends may decide
 * differently: one still sees OpenConfirm and goes by identifiers, the other goes by "Established wins", and both
 * connections die. So where the two rules disagree we wait a moment for what the peer does: its KEEPALIVE on
 * the new connection or its NOTIFICATION on either tells its choice.
 */
import { freshSessionMs } from './timers.ts';

export type CollisionVerdict =
  | 'keep-new'
  | 'keep-existing'
  /** Leave the choice to the peer for `collisionWaitMs`. */
  | 'wait'
  /** The peer has restarted: the existing connection is dead. */
  | 'replace';

type Direction = 'incoming' | 'outgoing';

/** Both ends of the session as RFC 4271 §6.8 compares them. */
export interface SpeakerIds {
  readonly localId: number;
  readonly remoteId: number;
  readonly localAs: number;
  readonly remoteAs: number;
}

/** The connection made by the speaker with the larger BGP Identifier survives. */
export function survivingDirection(ids: SpeakerIds): Direction {
  // RFC 6286 §2.3: equal identifiers (only between ASes): the larger AS number wins.
  const difference = ids.localId - ids.remoteId || ids.localAs - ids.remoteAs;
  return difference > 0 ? 'outgoing' : 'incoming';
}

/** Against a connection in OpenConfirm. */
export function resolveByIdentifiers(
  opened: Direction,
  existing: Direction,
  ids: SpeakerIds,
): CollisionVerdict {
  // Two connections made by the same side: the older one goes on, its hold timer bounds the wait.
  if (opened === existing) return 'keep-existing';
  return opened === survivingDirection(ids) ? 'keep-new' : 'keep-existing';
}

/** Against a connection in Established. */
export function resolveAgainstEstablished(situation: {
  /** What the identifiers say, if TCP of the new connection was up before the other became Established. */
  readonly byIdentifiers: CollisionVerdict | undefined;
  readonly establishedForMs: number;
  /** The Established session has graceful restart with at least one family. */
  readonly canRestart: boolean;
  /** R bit of the new OPEN. */
  readonly peerHasRestarted: boolean;
}): CollisionVerdict {
  if (situation.byIdentifiers === 'keep-new') return 'wait';
  if (situation.byIdentifiers !== undefined) return 'keep-existing';
  // RFC 4271 §6.8: otherwise the Established connection stays.
  if (!situation.canRestart) return 'keep-existing';
  if (situation.peerHasRestarted) return 'replace';
  // A connection that was on its way when the session came up is no restart.
  return situation.establishedForMs < freshSessionMs ? 'keep-existing' : 'replace';
}
