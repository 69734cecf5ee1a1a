/** What the runner and its processes tell each other. Times are milliseconds of the machine's monotonic clock. */
import type { Claim } from './scenarios.ts';

export interface PeerTask {
  /** Its number in the play. */
  readonly peer: number;
  readonly target: { readonly address: string; readonly port: number };
  readonly localAddress: string;
  /** BGP Identifiers of all peers, by number. */
  readonly identifiers: readonly number[];
  readonly asn: number;
  readonly holdTime: number;
  readonly prefixes: number;
  readonly seed: number;
  readonly claims: readonly Claim[];
  /** What it will have to say, in any phase: built before the clock runs. */
  readonly says: readonly { readonly claim: number; readonly what: 'announce' | 'withdraw' }[];
  /** It will have to hold claims: what it receives is kept and checked. */
  readonly verifies: boolean;
}

/** Many clients in one process: they only listen. */
export interface CrowdTask
  extends Omit<PeerTask, 'peer' | 'localAddress' | 'identifiers' | 'says' | 'verifies'> {
  readonly members: readonly { readonly localAddress: string; readonly identifier: number }[];
  /** BGP Identifiers of those who say the claims, by `peer` of the claim. */
  readonly speakers: readonly number[];
}

export type ToCrowd =
  | { readonly type: 'prepare'; readonly task: CrowdTask }
  | { readonly type: 'connect' }
  | { readonly type: 'expect'; readonly claims: readonly number[] }
  | { readonly type: 'end' };

export type ToPeer =
  | { readonly type: 'prepare'; readonly task: PeerTask }
  | { readonly type: 'connect' }
  /** Tells `complete` once it holds exactly these. */
  | { readonly type: 'expect'; readonly claims: readonly number[] }
  /** Indices into `says`, one after the other. */
  | { readonly type: 'say'; readonly says: readonly number[] }
  | { readonly type: 'close' }
  | { readonly type: 'end' };

export type FromPeer =
  | { readonly type: 'prepared'; readonly attributeSets: number; readonly bytes: number }
  | { readonly type: 'connecting'; readonly at: number }
  | { readonly type: 'established' }
  | { readonly type: 'sent-first-byte'; readonly at: number }
  | { readonly type: 'closed'; readonly at: number }
  | {
      readonly type: 'complete';
      readonly at: number;
      readonly bytes: number;
      readonly updates: number;
      readonly delivered: number;
      /** Of a crowd: how many different streams of bytes it was sent. */
      readonly streams?: number;
    }
  | { readonly type: 'failed'; readonly why: string }
  | { readonly type: 'ended'; readonly longestGapMs: number; readonly wrong: string | undefined };

export type ToProbe =
  | { readonly type: 'probe'; readonly socket: string }
  | { readonly type: 'mark' }
  | { readonly type: 'end' };

/** Milliseconds a probe of the API took, before the mark (idle) and after it (during the load). */
export type FromProbe =
  | { readonly type: 'probing' }
  | { readonly type: 'probed'; readonly idle: readonly number[]; readonly load: readonly number[] };
