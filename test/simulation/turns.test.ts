/** What one turn of route work does at most, however many clients there are; and that it is done once for all of them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AdjRibOut } from '../../src/export/adj-rib-out.ts';
import { ipv4Unicast } from '../../src/net/family.ts';
import type { PolicyDefinition, PolicyTerm } from '../../src/policy/definition.ts';
import type { InstanceSettings, PeerSettings } from '../../src/speaker/settings.ts';
import { prefix } from '../support/settings.ts';
import { Bench, heldBy, RawPeer } from './raw-peer.ts';
import { client, internalRoutes, prefixes, scene } from './scenes.ts';

const routes = 3000;
/** 10.0.0.0/22 is four of the prefixes, 10.0.0.0/16 is 256 of them. */
const changed = 256;
const items = 64;
const verdict = 'then';

function lowering(text: string): PolicyDefinition {
  const range = prefix(text);
  const match = { prefixes: [{ prefix: range, minLength: range.length, maxLength: 32 }] };
  const term = { name: text, match, set: { localPref: 50 }, [verdict]: 'accept' } as PolicyTerm;
  return { name: 'p', terms: [term], default: 'accept' };
}

const sinkAddress = (n: number) => `10.0.${1 + (n >> 7)}.${1 + (n & 127)}`;

function settingsOf(clients: number, changes: Partial<PeerSettings> = {}): InstanceSettings {
  const sinks = Array.from({ length: clients }, (_, n) => client(sinkAddress(n), changes));
  return scene([client('10.0.0.2'), client('10.0.0.3'), ...sinks], { policies: [lowering('10.0.0.0/22')] });
}

/** Looks at entries of Adj-RIBs-Out. */
let looks = 0;

beforeEach(() => {
  const pathOf = AdjRibOut.prototype.pathOf;
  vi.spyOn(AdjRibOut.prototype, 'pathOf').mockImplementation(function (this: AdjRibOut, item) {
    looks++;
    return pathOf.call(this, item);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

class World {
  readonly bench: Bench;
  readonly settings: InstanceSettings;
  readonly feeder: RawPeer;
  readonly sinks: readonly RawPeer[];
  /** Buffers that were handed to the sinks, each counted once. */
  readonly buffers = new Set<Uint8Array>();

  constructor(
    clients: number,
    changes: Partial<PeerSettings> = {},
    options: { readonly joined: boolean } = { joined: true },
  ) {
    this.settings = settingsOf(clients, changes);
    this.bench = new Bench(this.settings);
    this.feeder = new RawPeer(this.bench, '10.0.0.2');
    this.feeder.update(internalRoutes(prefixes(900)));
    for (let first = 900; first < routes; first += 700)
      this.feeder.update(internalRoutes(prefixes(700, first)));
    this.bench.settle();
    this.sinks = Array.from({ length: options.joined ? clients : 0 }, (_, n) => this.join(n));
  }

  join(n: number, options: { readonly settle?: boolean } = {}): RawPeer {
    const peer = new RawPeer(this.bench, sinkAddress(n), options);
    const hear = peer.hear.bind(peer);
    peer.hear = (bytes) => {
      this.buffers.add(bytes);
      return hear(bytes);
    };
    return peer;
  }

  get announced(): number {
    return this.sinks.reduce((sum, { updates }) => sum + updates.announced, 0);
  }

  /** Turns of `items` each until nothing is left; the most that one of them did. */
  turns(): { readonly turns: number; readonly looks: number; readonly announced: number } {
    const most = { turns: 0, looks: 0, announced: 0 };
    for (let more = true; more; most.turns++) {
      const before = { looks, announced: this.announced };
      more = this.bench.speaker.instance.work(this.bench.clock, items);
      most.looks = Math.max(most.looks, looks - before.looks);
      most.announced = Math.max(most.announced, this.announced - before.announced);
    }
    return most;
  }
}

describe('a change of policy', () => {
  it.each([2, 60])('of %i clients is worked out in short turns, and packed once', (clients) => {
    const world = new World(clients, { exportPolicy: 'p' });
    const before = world.announced;
    world.buffers.clear();
    looks = 0;
    world.bench.speaker.reconfigure({ ...world.settings, policies: [lowering('10.0.0.0/16')] });
    expect(looks, 'before the first turn').toBe(0);
    const most = world.turns();
    expect(world.announced - before).toBe((changed - 4) * clients);
    expect(most.turns).toBeGreaterThan(routes / items);
    // A slice of the copy and one of giving the old one back are a few looks for each destination a turn may decide.
    expect(most.looks).toBeLessThan(items * 16);
    expect(most.announced).toBeLessThanOrEqual(items * clients);
    expect(looks, 'in all').toBeLessThan(4 * routes + 3 * 4096);
    expect(world.buffers.size).toBeLessThan(20);
  });

  it('of some clients tells the others nothing, and costs the same', () => {
    const world = new World(40, { exportPolicy: 'p' });
    const peers = world.settings.peers.map((peer, n) =>
      n % 2 === 0 ? { ...peer, exportPolicy: undefined } : peer,
    );
    const before = world.announced;
    looks = 0;
    world.bench.speaker.reconfigure({ ...world.settings, peers });
    const most = world.turns();
    expect(world.announced - before).toBe(4 * 20);
    expect(most.looks).toBeLessThan(items * 16);
    expect(looks).toBeLessThan(4 * routes + 3 * 4096);
  });

  it('does not take a route away that another one is about to replace', () => {
    const world = new World(2, { exportPolicy: 'p' });
    const second = new RawPeer(world.bench, '10.0.0.3');
    for (let first = 0; first < routes; first += 600)
      second.update(internalRoutes(prefixes(600, first), { localPref: 90 }));
    world.bench.settle();
    world.feeder.drop();
    world.bench.speaker.reconfigure({ ...world.settings, policies: [lowering('10.0.0.0/16')] });
    world.turns();
    expect(world.sinks.map(({ updates }) => updates.withdrawn)).toEqual([0, 0]);
    expect(world.sinks.map((sink) => heldBy(sink).length)).toEqual([routes, routes]);
  });
});

describe('members with something of their own to come', () => {
  it('are fed one after the other, and one that joins costs nothing before its turn', () => {
    const world = new World(60, {}, { joined: false });
    looks = 0;
    const sinks = Array.from({ length: 60 }, (_, n) => world.join(n, { settle: false }));
    expect(looks).toBe(0);
    const heard = () => sinks.reduce((sum, { updates }) => sum + updates.announced, 0);
    let most = 0;
    for (let more = true; more; ) {
      const before = heard();
      more = world.bench.speaker.instance.work(world.bench.clock, items);
      most = Math.max(most, heard() - before);
    }
    expect(most).toBe(items);
    expect(sinks.map((sink) => heldBy(sink).length)).toEqual(sinks.map(() => routes));
    expect(sinks.map(({ updates }) => updates.endsOfRib)).toEqual(sinks.map(() => 1));
  });

  it('hear of changes while they join, and leave no id behind', () => {
    const world = new World(60, {}, { joined: false });
    const sink = world.join(0, { settle: false });
    const { instance } = world.bench.speaker;
    for (let turn = 0; turn < 20; turn++) {
      instance.work(world.bench.clock, items);
      // Some that it was told, and some that it was not.
      world.feeder.update({
        withdrawn: [...prefixes(10, turn * 10), ...prefixes(10, routes - 10 * (turn + 1))],
      });
    }
    world.bench.settle();
    expect(heldBy(sink)).toHaveLength(routes - 400);
    expect(world.bench.peer(sinkAddress(0)).families[0].sent).toBe(routes - 400);
    world.feeder.drop();
    world.bench.settle();
    expect(heldBy(sink)).toEqual([]);
    expect(instance.family(ipv4Unicast).rib.nlri.size).toBe(0);
  });

  it('wait for the interval that a reload gives them', () => {
    const world = new World(2);
    const peers = world.settings.peers.map((peer) => ({
      ...peer,
      timers: { ...peer.timers, advertisementIntervalSeconds: 5 },
    }));
    world.bench.speaker.reconfigure({ ...world.settings, peers });
    world.bench.settle();
    world.feeder.update(internalRoutes(['10.200.0.0/24']));
    world.bench.settle();
    world.feeder.update(internalRoutes(['10.200.1.0/24']));
    world.bench.settle();
    expect(heldBy(world.sinks[0])).toContain('10.200.0.0/24');
    expect(heldBy(world.sinks[0])).not.toContain('10.200.1.0/24');
    world.bench.pass(6);
    expect(heldBy(world.sinks[0])).toContain('10.200.1.0/24');
  });
});
