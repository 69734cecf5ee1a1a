/** Streams of reflectors as they come and go: who is let in, batches, back-pressure, what a broken one leaves. */
import { beforeEach, describe, expect, it } from 'vitest';
import { FeedStreams, feedRefusal } from '../../src/controller/feed-streams.ts';
import { observeFeed, type RouteFeed } from '../../src/controller/observations.ts';
import { internalRoutes, prefixes } from '../simulation/scenes.ts';
import { peer, put } from './builders.ts';
import { VirtualClock } from './reconciler/simulation.ts';
import { Reflector } from './reflector.ts';
import { twoTenants } from './two-tenants.ts';
import type { World } from './world.ts';

let world: World;
let slot: string;
let epoch: number;
let gateway: string;
let fed: RouteFeed[];
let clock: VirtualClock;
let streams: FeedStreams;

/** One connection: what was asked of it. */
class Line {
  readonly asked: string[] = [];
  pause() {
    this.asked.push('pause');
  }
  resume() {
    this.asked.push('resume');
  }
  end(reason: string) {
    this.asked.push(reason);
  }
}

beforeEach(() => {
  world = twoTenants();
  // The next hop of all that the reflectors here are told.
  world.write(put('peers', peer('contoso-p3', 'contoso', '198.51.100.1', 'contoso-1')));
  const status = world.snapshot.tenants.get('contoso')?.status;
  slot = status?.rrSlot ?? expect.fail('no reflector');
  const bound = world.snapshot.slots.get(slot)?.status ?? expect.fail('no slot');
  epoch = bound.epoch;
  gateway = bound.gateway ?? expect.fail('no gateway');
  fed = [];
  clock = new VirtualClock();
  streams = new FeedStreams({ clock, snapshot: () => world.snapshot, feed: (feed) => void fed.push(feed) });
});

const contoso = () => ({ tenant: 'contoso', slot, epoch });

function open(reflector = new Reflector(contoso())) {
  const line = new Line();
  return { reflector, line, stream: streams.open(gateway, contoso(), line) };
}

describe('a stream is let in', () => {
  it('from the gateway that has the reflector, under its epoch or a later one', () => {
    const asked = (from: string, feed: Partial<ReturnType<typeof contoso>>) =>
      feedRefusal(world.snapshot, from, { ...contoso(), ...feed });
    expect(asked(gateway, {})).toBeUndefined();
    expect(asked(gateway, { epoch: epoch + 1 })).toBeUndefined();
    expect(asked(gateway, { epoch: epoch - 1 })).toMatch(/newer epoch/);
    expect(asked('a3', {})).toMatch(/not on gateway a3/);
    expect(asked(gateway, { slot: 'nowhere' })).toMatch(/not on gateway/);
    expect(asked(gateway, { tenant: 'fabrikam' })).toMatch(/no reflector of tenant fabrikam/);
  });

  it('and not if its Initiation says something else than its request', () => {
    const { line, stream } = open();
    stream.received(new Reflector({ ...contoso(), tenant: 'woodgrove' }).written());
    expect(line.asked).toHaveLength(1);
    clock.advance(1000);
    expect(fed).toEqual([]);
  });
});

describe('what is fed', () => {
  it('is one table for all that came within a batch', () => {
    const { reflector, stream } = open();
    for (let i = 0; i < 5; i++) {
      reflector.site.update(internalRoutes(prefixes(2, 2 * i)));
      stream.received(reflector.written());
      clock.advance(9);
    }
    expect(fed).toEqual([]);
    clock.advance(50);
    expect(fed).toHaveLength(1);
    expect(fed[0]).toMatchObject({ ...contoso(), endOfRib: true });
    expect(fed[0]?.routes).toHaveLength(10);
    clock.advance(1000);
    expect(fed).toHaveLength(1);
  });

  it('waits unread where it is more than a batch holds', () => {
    const { reflector, line, stream } = open();
    stream.received(reflector.written());
    const bytes = reflector.written();
    reflector.site.update(internalRoutes(prefixes(200)));
    const more = reflector.written();
    expect(bytes).toHaveLength(0);
    while (line.asked.length === 0) stream.received(more);
    expect([line.asked, fed]).toEqual([['pause'], []]);
    clock.advance(50);
    expect([line.asked, fed.length]).toEqual([['pause', 'resume'], 1]);
  });
});

describe('a stream that ends', () => {
  const states = () =>
    [...world.snapshot.routes.values()]
      .filter(({ tenant }) => tenant === 'contoso')
      .map(({ state }) => state);

  /** As the loop does. */
  function replan(): void {
    for (const feed of fed.splice(0)) world.observations = observeFeed(world.observations, feed);
    world.replan();
  }

  function routed() {
    const opened = open();
    opened.reflector.site.update(internalRoutes(prefixes(3)));
    opened.stream.received(opened.reflector.written());
    clock.advance(50);
    replan();
    expect(states()).toEqual(['Fresh', 'Fresh', 'Fresh']);
    return opened;
  }

  it('leaves its routes stale, and a later one sweeps with its End-of-RIB alone', () => {
    const { stream, reflector } = routed();
    stream.ended();
    stream.ended();
    expect(fed).toHaveLength(1);
    replan();
    expect(states()).toEqual(['Stale', 'Stale', 'Stale']);
    reflector.site.update({ withdrawn: prefixes(1) });
    const again = open(new Reflector(contoso()));
    again.reflector.site.update(internalRoutes(prefixes(2, 1)));
    const bytes = again.reflector.written();
    again.stream.received(bytes.subarray(0, 10));
    clock.advance(50);
    replan();
    expect(states()).toEqual(['Stale', 'Stale', 'Stale']);
    again.stream.received(bytes.subarray(10));
    clock.advance(50);
    replan();
    expect(states()).toEqual(['Fresh', 'Fresh']);
  });

  it('loses its routes when nobody comes back within the restart time', () => {
    const { stream } = routed();
    stream.ended();
    replan();
    world.now += 119_000;
    replan();
    expect(states()).toEqual(['Stale', 'Stale', 'Stale']);
    world.now += 2000;
    replan();
    expect(states()).toEqual([]);
  });

  it('for one that takes its place is asked to end, and takes nothing from it', () => {
    const { line, stream } = routed();
    const second = open();
    expect(line.asked).toEqual(['a later stream of the tenant has come']);
    second.reflector.site.update(internalRoutes(prefixes(3)));
    second.stream.received(second.reflector.written());
    clock.advance(50);
    stream.ended();
    stream.received(new Reflector(contoso()).written());
    clock.advance(50);
    replan();
    expect([states(), streams.size]).toEqual([['Fresh', 'Fresh', 'Fresh'], 1]);
  });

  it('is ended when the slot has moved on', () => {
    const { line } = routed();
    streams.review();
    expect(line.asked).toEqual([]);
    world.powerOff(gateway);
    world.run(10_000);
    streams.review();
    expect(line.asked).toEqual([expect.stringMatching(/not on gateway/)]);
    expect(streams.size).toBe(0);
  });

  it('ends when what it says makes no sense, in BMP or inside', () => {
    const { line, stream } = open();
    stream.received(Uint8Array.from([22, 3, 1, 0, 0, 0, 0]));
    expect(line.asked).toEqual([expect.stringMatching(/version 22/)]);
    const damaged = open();
    const bytes = damaged.reflector.written();
    // What follows the header of the OPEN inside the Peer Up.
    const marker = Buffer.alloc(16, 0xff);
    bytes.fill(0, Buffer.from(bytes).indexOf(marker) + 19);
    damaged.stream.received(bytes);
    expect(damaged.line.asked).toHaveLength(1);
  });
});
