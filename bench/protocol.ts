/** What the runner and its processes tell each other. Times are milliseconds of the machine's monotonic clock. */

export interface PeerTask {
  readonly target: { readonly address: string; readonly port: number };
  readonly localAddress: string;
  readonly identifier: number;
  readonly senderIdentifier: number;
  readonly asn: number;
  readonly holdTime: number;
  readonly prefixes: number;
  readonly seed: number;
}

export type ToPeer =
  | { readonly type: 'prepare'; readonly task: PeerTask }
  | { readonly type: 'connect' }
  | { readonly type: 'go' }
  | { readonly type: 'end' };

export type FromPeer =
  | {
      readonly type: 'prepared';
      readonly attributeSets: number;
      readonly updates: number;
      readonly bytes: number;
    }
  | { readonly type: 'established' }
  | { readonly type: 'sent-first-byte'; readonly at: number }
  | {
      readonly type: 'complete';
      readonly at: number;
      readonly bytes: number;
      readonly updates: number;
      readonly verified: number;
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
