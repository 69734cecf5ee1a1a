/** Route feeds over a real port: heliod's end of the stream and the controller's. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readTokens } from '../../src/api/token.ts';
import { monitoredSpeaker } from '../../src/bmp/monitored-speaker.ts';
import { type FeedIdentity, feedPath, feedProtocol } from '../../src/controller/agent-protocol.ts';
import { Reconciler } from '../../src/controller/reconciler/reconciler.ts';
import { MemoryStorage } from '../../src/controller/store/memory-store.ts';
import type { ControllerGrant } from '../../src/controllerd/grants.ts';
import { History } from '../../src/controllerd/history.ts';
import { type ControllerServer, startServer } from '../../src/controllerd/server.ts';
import { RouteFeeds } from '../../src/instances/route-feeds.ts';
import { FeedConnection } from '../../src/runtime/feed-connection.ts';
import type { StationSocketOwner } from '../../src/runtime/station-socket.ts';
import { twoTenants } from '../controller/two-tenants.ts';
import { Bench, RawPeer } from '../simulation/raw-peer.ts';
import { client, internalRoutes, prefixes, scene } from '../simulation/scenes.ts';

const clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (ms: number, task: () => void) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
const tokens: Readonly<Record<string, string>> = {
  agent: 'agent-0123456789abcdef',
  stranger: 'stranger-0123456789ab',
  viewer: 'viewer-0123456789abcdef',
};

let directory: string;
let server: ControllerServer;
let reconciler: Reconciler;
let gateway: string;
let feeds: RouteFeeds | undefined;
const contoso = { tenant: 'contoso', slot: '', epoch: 0 };

beforeEach(async () => {
  const { snapshot } = twoTenants();
  contoso.slot = snapshot.tenants.get('contoso')?.status.rrSlot ?? expect.fail('no reflector');
  const slot = snapshot.slots.get(contoso.slot)?.status ?? expect.fail('no slot');
  contoso.epoch = slot.epoch;
  gateway = slot.gateway ?? expect.fail('no gateway');
  directory = mkdtempSync(join(tmpdir(), 'heliograph-feed-'));
  const grants = [
    { file: 'agent', role: 'agent', gateway },
    { file: 'stranger', role: 'agent', gateway: 'a9' },
    { file: 'viewer', role: 'viewer' },
  ].map((grant) => {
    const file = join(directory, grant.file);
    writeFileSync(file, tokens[grant.file] ?? '', { mode: 0o600 });
    return { ...grant, file } as ControllerGrant;
  });
  const fail = (problem: unknown) => expect.fail(String(problem));
  const store = new MemoryStorage(snapshot).open();
  reconciler = new Reconciler({ store, clock, onViolation: fail, onError: fail });
  const common = { version: '1', store, reconciler, history: new History(store), now: clock.now };
  const check = readTokens(grants);
  server = await startServer({ ...common, check, address: '127.0.0.1', port: 0, onInternalError: fail });
});

afterEach(async () => {
  feeds?.stop();
  await reconciler.stop();
  await server.close();
  rmSync(directory, { recursive: true });
});

const origin = () => `http://127.0.0.1:${server.port}`;

function connect(identity: FeedIdentity, owner: StationSocketOwner, as = 'agent', path?: string) {
  const request = {
    origin: origin(),
    path: path ?? feedPath(gateway, identity),
    token: tokens[as] ?? 'none',
  };
  return new FeedConnection({ ...request, protocol: feedProtocol }, owner);
}

function outcome(as: string, identity: FeedIdentity, path?: string): Promise<string> {
  return new Promise((resolve) => {
    const connection = connect(
      identity,
      {
        connected: () => {
          connection.close();
          resolve('connected');
        },
        drained: () => {},
        failed: resolve,
      },
      as,
      path,
    );
  });
}

describe('the handshake', () => {
  it.each([
    ['an agent', 'agent', {}, undefined, 'connected'],
    ['nobody', 'nobody', {}, undefined, /bearer token/],
    ['an agent of another gateway', 'stranger', {}, undefined, /speak for/],
    ['a viewer', 'viewer', {}, undefined, /speak for/],
    ['an older epoch', 'agent', { epoch: -1 }, undefined, /newer epoch/],
    ['a tenant that is not there', 'agent', { tenant: 'fabrikam' }, undefined, /no reflector/],
    ['another path', 'agent', {}, '/v1/agents/a1/food', /only a feed/],
    ['half a request', 'agent', {}, '/v1/agents/a1/feed?tenant=contoso', /expected/],
  ])('of %s', async (_, as, change, path, expected) => {
    const epoch = contoso.epoch + ('epoch' in change ? change.epoch : 0);
    const said = await outcome(as, { ...contoso, ...change, epoch }, path?.replace('a1', gateway));
    expect(said).toMatch(expected);
  });
});

/** A reflector as the set of a gateway's instances has it. */
function reflecting() {
  const bench = new Bench(scene([client('10.0.0.2')]));
  const site = new RawPeer(bench, '10.0.0.2');
  const { speaker, management } = bench;
  const instance = { monitored: monitoredSpeaker(speaker), management, settings: speaker.settings };
  return { bench, site, instance };
}

describe('a reflector', () => {
  const known = () => reconciler.observations.feeds.get('contoso');

  it('is heard from its first route to its last, also after it was built anew, and no more when it goes', async () => {
    let { site, bench, instance } = reflecting();
    site.update(internalRoutes(prefixes(3)));
    bench.settle();
    const failures: string[] = [];
    const reflectors = new RouteFeeds({
      set: { version: '1', followed: () => instance },
      connect,
      onFailure: (_identity, detail) => void failures.push(detail),
    });
    feeds = reflectors;
    reflectors.apply(new Map([['contoso', contoso]]));
    await vi.waitFor(() => expect(known()?.routes).toHaveLength(3), 5000);
    expect(known()).toMatchObject({ ...contoso, endOfRib: true });
    site.update({ withdrawn: prefixes(1) });
    bench.settle();
    await vi.waitFor(() => expect(known()?.routes).toHaveLength(2), 5000);
    ({ site, bench, instance } = reflecting());
    site.update(internalRoutes(prefixes(5)));
    bench.settle();
    await vi.waitFor(() => expect(known()?.routes).toHaveLength(5), 5000);
    reflectors.apply(new Map());
    await vi.waitFor(() => expect(known()).toMatchObject({ endOfRib: false, routes: [] }), 5000);
    expect(failures).toEqual([]);
    expect(reconciler.feeds.size).toBe(0);
  });

  it('says nothing before its deferral is over', async () => {
    const { bench, instance } = reflecting();
    let busy = true;
    const status = () => ({ ...bench.management.status(), busy });
    const management = Object.assign(Object.create(bench.management), { status });
    let tried = 0;
    feeds = new RouteFeeds({
      set: { version: '1', followed: () => instance },
      connect: (identity, owner) => {
        tried++;
        return connect(identity, owner);
      },
      onFailure: (_identity, detail) => expect.fail(detail),
    });
    Object.assign(instance, { management });
    feeds.apply(new Map([['contoso', contoso]]));
    feeds.apply(new Map([['contoso', contoso]]));
    expect(tried).toBe(0);
    busy = false;
    feeds.apply(new Map([['contoso', contoso]]));
    expect(tried).toBe(1);
    await vi.waitFor(() => expect(known()).toMatchObject({ endOfRib: true, routes: [] }), 5000);
  });

  it('tries again when the controller has ended its stream', async () => {
    const { site, bench, instance } = reflecting();
    site.update(internalRoutes(prefixes(3)));
    bench.settle();
    const failures: string[] = [];
    feeds = new RouteFeeds({
      set: { version: '1', followed: () => instance },
      connect,
      onFailure: (_identity, detail) => void failures.push(detail),
    });
    feeds.apply(new Map([['contoso', contoso]]));
    await vi.waitFor(() => expect(known()?.routes).toHaveLength(3), 5000);
    reconciler.feeds.close();
    expect(known()).toMatchObject({ endOfRib: false, routes: [] });
    await vi.waitFor(() => expect(known()).toMatchObject({ endOfRib: true }), 5000);
    expect(known()?.routes).toHaveLength(3);
    expect(failures).toHaveLength(1);
  });
});
