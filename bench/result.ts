/** What a run is given and what it gives: the JSON of the benchmark. */

export interface RunOptions {
  readonly prefixes: number;
  readonly seed: number;
  readonly timeoutSeconds: number;
}

/** A name and what one run of it is. */
export interface Measured {
  readonly name: string;
  readonly run: (daemon: string, options: RunOptions) => Promise<RunResult>;
  /** Where not all daemons can: those that can. */
  readonly daemons?: readonly string[];
}

/** As printed, one JSON object per run. */
export interface RunResult {
  readonly daemon: string;
  readonly scenario: string;
  readonly ok: boolean;
  readonly why?: string;
  readonly prefixes: number;
  readonly seed: number;
  readonly attributeSets?: number;
  /** Of the timed phase. */
  readonly seconds?: number;
  /** Prefixes that arrived in the timed phase at all peers that were to hold something. */
  readonly delivered?: number;
  readonly prefixesPerSecond?: number;
  /** Of what was said: less than 1 where a daemon skipped states that were replaced at once. */
  readonly deliveredFraction?: number;
  /** Of a reload: routes that were sent, by those that the policy changes; 1 is no more than needed. */
  readonly deliveredPerChange?: number;
  readonly prefixesPerUpdate?: number;
  /** Of a crowd of clients: how many different streams of bytes they were sent. */
  readonly streams?: number;
  readonly cpuSeconds?: number;
  readonly rssPeakMiB?: number;
  readonly latency?: Latency;
  readonly stream?: StreamCost;
  readonly api?: {
    readonly idleP50Ms: number;
    readonly idleP99Ms: number;
    readonly loadP999Ms: number;
    readonly loadMaxMs: number;
    readonly loadProbes: number;
  };
  /** Between two messages from the daemon to the first peer; a KEEPALIVE is due every 2 s. */
  readonly longestKeepaliveGapSeconds?: number;
}

/** What streaming the table by helioctl costs. */
export interface StreamCost {
  readonly routes: number;
  readonly seconds: number;
  /** Peak memory beyond that of a helioctl which prints one route, and of the daemon beyond what it had before. */
  readonly clientGrowthMiB: number;
  readonly daemonGrowthMiB: number;
}

export interface Latency {
  readonly idleP50Ms: number;
  readonly idleP99Ms: number;
  readonly loadedP50Ms: number;
  readonly loadedP99Ms: number;
}
