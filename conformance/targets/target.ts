// What a target is to the runner: a version, the features it has, and instances started from a profile.

import type { Profile, Role } from '../engine/profile.ts';

/** Things a target may lack; a case that needs one is skipped, and the skip says which. */
export const features = [
  'graceful-restart',
  'notification-restart',
  'add-path',
  'enhanced-refresh',
  'extended-messages',
  'extended-next-hop',
  'extended-optional-parameters',
  'aggregation',
  'origination',
  'max-prefix',
  'active',
  'otc',
  'ipv6-extended-communities',
  'attr-set',
  'aigp',
  'tunnel-encap',
  'prefix-sid',
  'mrai',
  'graceful-shutdown',
  'confederation',
  'roles',
  'vpn',
  'route-target-membership',
  'interior-costs',
  'md5',
  'prefix-orf',
  'long-lived-restart',
  'ttl-security',
  'bfd',
  'bmp',
  'bmp-loc-rib',
  'bmp-adj-out',
  'bmp-mirroring',
  'origin-validation',
  'validation-communities',
  // Knows which addresses its own interfaces lead to.
  'connected-subnets',
] as const;

export type Feature = (typeof features)[number];

/**
 * What an operator does to one neighbour of a running target. `change` alters a setting that a session cannot keep up
 * with; which one is the adapter's choice.
 */
export type Command = 'shutdown' | 'reset' | 'soft-in' | 'remove' | 'change';

/** Carries it out and returns once the daemon has taken it. False where it has no words for the command. */
export type Control = (command: Command, neighbour: string, text: string) => Promise<boolean>;

/** Neighbours whose configuration is not that of the profile any more. */
export type Changes = ReadonlyMap<string, 'removed' | 'changed'>;

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Instance {
  readonly address: string;
  readonly port: number;
  /** File of the network namespace it is in, if that is one of its own. */
  readonly namespace?: string | undefined;
  /** The generated configuration, kept as evidence. */
  readonly configuration: string;
  /** Set once the process is gone without `stop` having been called. */
  readonly exit: () => Exit | undefined;
  /** Everything the daemon wrote so far to its log, standard output and standard error. */
  readonly log: () => string;
  /** Resident memory in octets, where it can be read. */
  readonly residentOctets: () => number | undefined;
  /** SIGTERM, as an operator stops a daemon: its end is no crash from then on. */
  readonly terminate: () => void;
  /**
   * Ends the process, as an operator does who wants it back soon, and starts it again on the same port. Absent where that
   * cannot be done. Sessions of all neighbours end.
   */
  readonly restart?: () => Promise<void>;
  /** Absent where nobody can be told from here. */
  readonly control?: Control;
  readonly stop: () => Promise<void>;
}

export interface StartOptions {
  readonly profile: Profile;
  /** A directory of its own for this instance; exists and is empty. */
  readonly directory: string;
  readonly port: number;
  /** Port of the tester's listeners, for active profiles. */
  readonly testerPort: number;
}

export interface Target {
  readonly name: string;
  readonly version: () => Promise<string>;
  readonly features: ReadonlySet<Feature>;
  /** A router that is there already: one for the whole run, and each address of a neighbour is used in turn. */
  readonly single?: { readonly takeAddress: (role: Role) => string };
  /** What keeps it from being started here at all, whatever the profile. */
  readonly obstacle?: () => string | undefined;
  /** Undefined when this target cannot be configured for the profile. */
  readonly start: (options: StartOptions) => Promise<Instance | undefined>;
}
