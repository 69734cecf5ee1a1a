/**
 * The restarting speaker (RFC 4724 §4.1): whether this instance has restarted and still defers End-of-RIB.
 * The two inputs, restart state and forwarding state, may also be set from outside, as a takeover does.
 */
import type { RestartState } from '../session/contract.ts';

export class RestartDeferral {
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

  /** Announcements may leave, End-of-RIB waits. */
  get deferring(): boolean {
    return this.state.restarting;
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
