/**
 * The restarting speaker (RFC 4724 §4.1): whether this instance has restarted and still defers the choice of routes.
 * The two inputs, restart state and forwarding state, may also be set from outside, as a takeover does.
 */
import type { FamilyKey } from '../net/family.ts';
import type { RestartState } from '../session/contract.ts';
import type { Peer } from './peer.ts';

/** A kernel that has just been given its routes is read within a second, also on a busy machine. */
const nextHopWaitMilliseconds = 3000;

export class RestartDeferral {
  /** Host milliseconds. */
  #nextHopsBy: number | undefined;
  state: RestartState;
  /** Host milliseconds at which the deferral ends at the latest; Infinity when there is none. */
  deadline = Number.POSITIVE_INFINITY;

  constructor(
    settings: { readonly selectionDeferralSeconds: number } | undefined,
    restarted: boolean,
    now: number,
    forwardingPreserved = restarted,
  ) {
    const restarting = restarted && settings !== undefined;
    this.state = { restarting, forwardingPreserved: restarting && forwardingPreserved };
    if (restarting) this.deadline = now + settings.selectionDeferralSeconds * 1000;
  }

  /** RFC 4724 §4.1: no route is chosen, none is told. */
  get deferring(): boolean {
    return this.state.restarting;
  }

  /**
   * The peers have said all, but next hops cannot be reached: links and routes of this place may be as new as we are. A
   * choice now would take routes from peers that still use them, so it waits a moment, and never longer than before.
   */
  waitForNextHops(now: number): void {
    this.#nextHopsBy ??= now + nextHopWaitMilliseconds;
    this.deadline = Math.min(this.deadline, this.#nextHopsBy);
  }

  /** Ends the deferral: R is no longer set in OPENs. F keeps its meaning. */
  end(): void {
    this.state = { ...this.state, restarting: false };
    this.deadline = Number.POSITIVE_INFINITY;
  }

  /** True when the deferral ended just now. */
  advance(now: number): boolean {
    if (now < this.deadline) return false;
    this.end();
    return true;
  }
}

/** RFC 4724 §4.1: is this peer's End-of-RIB there, or not to be waited for? */
export function isSynchronised(peer: Peer): boolean {
  if (peer.settings.shutdown !== undefined) return true;
  if (peer.up === undefined) return false;
  const restarts = peer.up.negotiated.gracefulRestart;
  // RFC 4724 §4.1: only peers that can send End-of-RIB, and those that restart themselves are not waited for.
  if (restarts === undefined || restarts.restarting) return true;
  return [...peer.up.memberships.keys()].every(
    (family: FamilyKey) => peer.source.families.get(family)?.endOfRibReceived,
  );
}
