/** Time as the reconciler is given it: a clock that never goes back while the controller runs, and timers. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Runs `task` once after so many milliseconds. Returns how to prevent it. */
  after(ms: number, task: () => void): () => void;
}
