/**
 * What the daemon tells its guard, a line of JSON each: who it is and how far it has come. When the stream ends without
 * a farewell the daemon is dead, and what its kernel still holds is the guard's to take away and to report.
 */
export interface GuardOptions {
  readonly gateway: string;
  readonly endpoints: readonly string[];
  readonly tokenFile: string;
  readonly incarnation: number;
}

export type GuardLine =
  /** First, once. */
  | ({ readonly type: 'guard' } & GuardOptions)
  | { readonly type: 'applied'; readonly revision: number }
  /** Everything was let go of and reported: there is nothing to do. */
  | { readonly type: 'farewell' };

/** What the guard says, once, when nobody else watches over the gateway any more. */
export const guardReady = 'ready';
