/** A small network for the demo: a reflector with two clients, however this machine lets it be built. */
import type { Heliod } from '../../test/interop/harness/heliod.ts';

export interface Example {
  /** What a reader learns from it. */
  readonly title: string;
  /** As a person would type it. */
  readonly command: string;
  readonly run: () => Promise<string>;
}

export interface World {
  /** What it is made of, a line each. */
  readonly picture: readonly string[];
  readonly reflector: Heliod;
  readonly clients: readonly string[];
  /** Throws as long as a client has not got the other's routes. */
  readonly check: () => Promise<true>;
  /** What the clients themselves show. */
  readonly farSides: readonly Example[];
  readonly hints: readonly string[];
  readonly logs: () => string;
  /** Ends every process and removes everything. */
  readonly close: () => Promise<void>;
  /** The same at once. */
  readonly remove: () => void;
}

/** Both clients announce this one, so that there is something to explain. */
export const contested = '203.0.113.0/24';
export const onlyFromFirst = '198.51.100.0/24';
export const onlyFromSecond = '2001:db8:b::/48';
