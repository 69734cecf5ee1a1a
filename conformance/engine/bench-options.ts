// What a case may ask of a peer it plays, and what a bench is made from.

import type { Instance } from '../targets/target.ts';
import type { Family } from '../wire/address.ts';
import type * as m from '../wire/messages.ts';
import type { Cache } from './cache.ts';
import type { Collector } from './collector.ts';
import type { InvariantRecord } from './invariants.ts';
import type { Profile, Role } from './profile.ts';
import type { Transcript } from './transcript.ts';
import type { Transport } from './transport.ts';

export interface PeerOptions {
  /** Replaces the default capabilities (both unicast families, route refresh, 4-octet AS). */
  readonly capabilities?: readonly m.Capability[];
  /** Added to the default capabilities. */
  readonly extra?: readonly m.Capability[];
  /** An OLD speaker (RFC 6793) when false. */
  readonly as4?: boolean;
  readonly families?: readonly Family[];
  readonly holdSeconds?: number;
  readonly id?: string;
  readonly asn?: number;
  /** Fields of the OPEN that differ from the facts above. */
  readonly open?: Partial<m.OpenFields>;
  readonly header?: m.HeaderOverride;
  /** Send no KEEPALIVE after the one that answers the OPEN. */
  readonly silent?: boolean;
  /** The neighbour address to use again instead of a fresh one. */
  readonly address?: string;
  /** The target may end the connection before we see it open; the case looks at its end. */
  readonly refusable?: boolean;
  /** Socket options for the connection. */
  readonly transport?: Transport;
}

export interface BenchOptions {
  readonly execution: string;
  readonly instance: Instance;
  readonly profile: Profile;
  readonly patienceMs: number;
  readonly seed: number;
  readonly transcript: Transcript;
  readonly invariants: InvariantRecord;
  readonly takeAddress: (role: Role) => string;
  readonly takePrefix: (family: Family) => string;
  readonly testerPort: number;
  /** The station that the target streams to, in a profile with monitoring. */
  readonly collector?: Collector;
  /** The cache that the target asks, in a profile with validation. */
  readonly cache?: Cache;
}
