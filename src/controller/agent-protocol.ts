/**
 * What goes over the wire between a gateway's agent (or its guard) and the controller: HTTP and JSON, the agent is the
 * client, with its bearer token. Owns the shapes and the addresses of the requests; schemas are checked by the
 * controller's HTTP shell, the lease and the fence are the agent's. Every request may be repeated without harm.
 *
 * `POST /v1/agents/{gateway}/report` with an AgentReport is a renewal, answered at once with a ReportAnswer.
 * `GET /v1/agents/{gateway}/changes?term=T&after=R&wait=MS` is answered with a ChangeAnswer as soon as the controller
 * has a state for gateways newer than R (or is of another term than T), at the latest after MS. It carries no lease and
 * no state: the agent answers it with a report at once. An agent keeps one such request open beside its renewals, so
 * that a change reaches it within milliseconds; without it, nothing is lost but time.
 *
 * `GET /v1/agents/{gateway}/feed?tenant=T&slot=S&epoch=E` with `Connection: Upgrade` and `Upgrade: bmp` is answered with
 * 101; from then on the connection is a BMP stream from the agent alone (RFC 7854): the Loc-RIB (RFC 9069) of tenant T's
 * reflector on slot S. Its Initiation says the same once more, as an Information TLV (`identityText`), so that a stream tells whose it is wherever it is kept. 409 where the slot is not that gateway's, not
 * the reflector's, or of a newer epoch; the controller ends a stream for which this becomes so. A stream that ends takes
 * nothing with it: its routes are stale from then on, and the agent opens it again soon. Each stream begins with the
 * whole table; a later one of the same tenant takes the place of the former.
 *
 * Errors are problem+json: 401 and 403 for a token, 404 for a gateway that nobody registered (keep trying), 503 while
 * the controller cannot answer. None of them ends a lease; none of them grants one.
 */
import type { DesiredState } from './desired.ts';

export type { AgentReport, Held, TenantReport } from './observations.ts';

/** Answer to an agent. The guard gets one too and has no use for it. */
export interface ReportAnswer {
  /**
   * Grows with each start of a controller. The agent ignores an answer of a lower term than the highest it has seen,
   * and one of a lower revision than the highest it has seen.
   */
  readonly term: number;
  /** That of `desired`; what the agent gives as `appliedRevision` once it has applied it. */
  readonly revision: number;
  /**
   * Rule 1: the lease ends so many milliseconds after the *sending* of the report that this answers. 0: no lease: the
   * agent lets go of all at once, and then reports `held: []` with `appliedRevision` at this revision or later.
   */
  readonly leaseMs: number;
  /** The next report is due so many milliseconds after the sending of the last. */
  readonly renewMs: number;
  /** All the gateway is to hold; what is not in it is let go of. An epoch below one seen for the slot is refused. */
  readonly desired: DesiredState;
}

export interface ChangeAnswer {
  readonly term: number;
  /** Of the newest state that gateways were to be told. */
  readonly revision: number;
}

/** The longest `wait` that is granted, in milliseconds; more is cut down to it. */
export const longestWaitMs = 30_000;

export function reportPath(gateway: string): string {
  return `/v1/agents/${encodeURIComponent(gateway)}/report`;
}

export function changesPath(gateway: string, seen: Readonly<ChangeAnswer>, waitMs: number): string {
  const query = `term=${seen.term}&after=${seen.revision}&wait=${waitMs}`;
  return `/v1/agents/${encodeURIComponent(gateway)}/changes?${query}`;
}

/** What the connection of a feed becomes. */
export const feedProtocol = 'bmp';

/** Whose Loc-RIB a feed is. */
export interface FeedIdentity {
  readonly tenant: string;
  readonly slot: string;
  readonly epoch: number;
}

export function feedPath(gateway: string, { tenant, slot, epoch }: FeedIdentity): string {
  const query = new URLSearchParams({ tenant, slot, epoch: String(epoch) });
  return `/v1/agents/${encodeURIComponent(gateway)}/feed?${query}`;
}

/** The string that a feed's Initiation has (RFC 7854 §4.4, type 0). */
export function identityText({ tenant, slot, epoch }: FeedIdentity): string {
  return `heliograph tenant=${tenant} slot=${slot} epoch=${epoch}`;
}
