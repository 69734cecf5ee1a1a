// One running target instance with what belongs to it: its profile, its canary session, and the addresses used up.
//
// Owns the life of the instance. The canary is an idle neighbour whose session must survive every case (Z-INV-01).

import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { neighbourAddress, STATIC_PER_ROLE } from '../targets/addresses.ts';
import type { Instance, Target } from '../targets/target.ts';
import type { Family } from '../wire/address.ts';
import { Bench } from './bench.ts';
import type { BenchOptions } from './bench-options.ts';
import { Cache } from './cache.ts';
import { Collector } from './collector.ts';
import type { InvariantRecord } from './invariants.ts';
import type { Peer } from './peer.ts';
import { type Profile, type Role, roles } from './profile.ts';
import { Transcript } from './transcript.ts';

export interface StationOptions {
  readonly target: Target;
  readonly profile: Profile;
  readonly workDirectory: string;
  readonly patienceMs: number;
  readonly invariants: InvariantRecord;
}

/** What the target connects to beside its neighbours. */
interface Servers {
  readonly collector?: Collector;
  readonly cache?: Cache;
}

async function openServers({ monitoring, validation }: Profile, port: number): Promise<Servers> {
  return {
    ...(monitoring === undefined ? {} : { collector: await Collector.open(port) }),
    ...(validation === undefined ? {} : { cache: await Cache.open(port) }),
  };
}

function closeServers({ collector, cache }: Servers): void {
  collector?.close();
  cache?.close();
}

/** A namespace with an interface takes root, and Linux. */
const canMakeSubnet = (): boolean => process.platform === 'linux' && process.getuid?.() === 0;

const givenPorts = new Set<number>();

/**
 * A port nobody listens on at this moment, and never the same one twice: two targets that are started at once would
 * share it, and each case would see the neighbours of the other.
 */
async function freePort(address = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = await unusedPort(address);
    if (givenPorts.has(port)) continue;
    givenPorts.add(port);
    return port;
  }
}

function unusedPort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, address, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : 0));
    });
  });
}

export class Station {
  readonly profile: Profile;
  readonly instance: Instance;
  readonly history: string[] = [];
  readonly #options: StationOptions;
  readonly #testerPort: number;
  readonly #servers: Servers;
  readonly #used = new Map<string, number>();
  #prefixes = 0;
  #canary: { readonly bench: Bench; readonly peer: Peer } | undefined;

  private constructor(options: StationOptions, instance: Instance, testerPort: number, servers: Servers) {
    this.#options = options;
    this.#servers = servers;
    this.profile = options.profile;
    this.instance = instance;
    this.#testerPort = testerPort;
  }

  /** Undefined when the target cannot be configured for the profile. */
  static async start(options: StationOptions): Promise<Station | undefined> {
    if (options.profile.subnet && !canMakeSubnet()) return undefined;
    const directory = mkdtempSync(
      join(options.workDirectory, `${options.target.name}-${options.profile.name}-`),
    );
    const port = await freePort();
    const testerPort = await freePort('127.1.0.1');
    const { profile, target } = options;
    const servers = await openServers(profile, testerPort);
    const instance = await target.start({ profile, directory, port, testerPort }).catch((error: unknown) => {
      closeServers(servers);
      throw error;
    });
    if (instance !== undefined) return new Station(options, instance, testerPort, servers);
    closeServers(servers);
    return undefined;
  }

  /** A bench for one execution on this instance. */
  bench(execution: string, seed: number, transcript: Transcript): Bench {
    const { invariants } = this.#options;
    // Whatever the target may hold back for its advertisement interval is not late yet.
    const patienceMs = this.#options.patienceMs + 2000 * this.profile.advertisementSeconds;
    const { instance, profile } = this;
    const options: BenchOptions = {
      execution,
      instance,
      profile,
      patienceMs,
      seed,
      transcript,
      invariants,
      takeAddress: (role) => this.#takeAddress(role),
      takePrefix: (family) => this.#takePrefix(family),
      testerPort: this.#testerPort,
      ...this.#servers,
    };
    return new Bench(options);
  }

  /** True when a case may find no unused static neighbour any more. */
  get exhausted(): boolean {
    if (this.profile.neighbours === 'range') return false;
    return roles.some((role) => (this.#used.get(role.name) ?? 0) > STATIC_PER_ROLE - 12);
  }

  /** Brings the canary up if it is not; false if it was up before and is not any more. */
  async canaryAlive(): Promise<boolean> {
    if (this.profile.active || this.profile.neighbours === 'static') return true;
    if (this.#canary?.peer.established === true) return true;
    const dropped = this.#canary !== undefined;
    this.#canary?.bench.dispose();
    const bench = this.bench('canary', 1, new Transcript());
    try {
      this.#canary = { bench, peer: await bench.peer('canary') };
    } catch {
      bench.dispose();
      this.#canary = undefined;
    }
    return !dropped;
  }

  async stop(): Promise<void> {
    this.#canary?.bench.dispose();
    await this.instance.stop();
    closeServers(this.#servers);
  }

  #takeAddress(role: Role): string {
    const { single } = this.#options.target;
    if (single !== undefined) return single.takeAddress(role);
    const ordinal = this.#used.get(role.name) ?? 0;
    this.#used.set(role.name, ordinal + 1);
    return neighbourAddress(this.profile, role, ordinal);
  }

  #takePrefix(family: Family): string {
    const n = this.#prefixes++ % 0xe000;
    if (family === 'v4') return `20.${(n >>> 8) & 0xff}.${n & 0xff}.0/24`;
    return `2001:db8:${(0x1000 + n).toString(16)}::/48`;
  }
}
