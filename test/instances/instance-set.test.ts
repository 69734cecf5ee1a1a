/**
 * Several instances in one process, over real sockets on loopback: what is added, changed and removed touches no other;
 * what the machine refuses changes nothing; an instance that breaks is rebuilt alone.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InstanceEvent } from '../../src/api/ports.ts';
import { InstanceSet } from '../../src/instances/instance-set.ts';
import { ipv4Unicast } from '../../src/net/family.ts';
import type { InstanceSettings } from '../../src/speaker/settings.ts';
import { Speaker } from '../../src/speaker/speaker.ts';
import {
  address,
  instanceSettings,
  networkSettings,
  peerSettings,
  prefix,
  routerSettings,
} from '../support/settings.ts';

const port = 17920;
const sets: InstanceSet[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  for (const set of sets.splice(0)) await set.stop(() => ({ type: 'silent' }));
});

/** A next hop of 127/8 would be of no use to anybody. */
const route = (text: string) => networkSettings(text, { nextHop: address('10.9.9.9') });

/** Listens on 127.21.0.N and has the others as peers. */
function settingsOf(
  name: string,
  own: number,
  others: readonly number[],
  network?: string,
): InstanceSettings {
  const [tenant, slot = 'main'] = name.split('/');
  const local = address(`127.21.0.${own}`);
  const router = routerSettings({
    asn: 65001,
    routerId: 0x0a000000 + own,
    listen: [{ address: local, port }],
  });
  const peers = others.map((other) =>
    peerSettings(`127.21.0.${other}`, {
      remoteAs: 65001,
      localAs: 65001,
      port,
      localAddress: local,
      families: [ipv4Unicast],
    }),
  );
  const networks = network === undefined ? [] : [route(network)];
  return instanceSettings(router, peers, { name, tenant, slot, networks });
}

/** Cease/Connection Collision Resolution: both sides called at once. */
const collision = 7;
/** RFC 8538 §3.1: what it really says is in its data. */
const hardReset = 9;

class Bench {
  readonly events: { readonly key: string; readonly event: InstanceEvent }[] = [];
  #waiters: (() => void)[] = [];
  readonly set = new InstanceSet({
    version: 'test',
    now: () => performance.now(),
    restarted: () => false,
    onEvent: (event, { name }) => {
      this.events.push({ key: name, event });
      for (const wake of this.#waiters.splice(0)) wake();
    },
  });

  constructor() {
    sets.push(this.set);
  }

  /** Until it holds: looked at again after each event and now and then. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const end = performance.now() + 20_000;
    while (!holds()) {
      if (performance.now() > end)
        throw new Error(`never: ${what}\n${JSON.stringify(this.events.slice(-20))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.#waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  states(key: string): string[] {
    return (this.set.management(key)?.peers() ?? []).map(({ state }) => state);
  }

  isUp(key: string): boolean {
    const states = this.states(key);
    return states.length > 0 && states.every((state) => state === 'established');
  }

  prefixes(key: string): number {
    return this.set.management(key)?.status().families[0]?.prefixes ?? 0;
  }

  count(type: InstanceEvent['type'], key: string): number {
    return this.events.filter((entry) => entry.key === key && entry.event.type === type).length;
  }

  /** NOTIFICATIONs that this one received, as code/subcode. */
  told(key: string): string[] {
    return this.events.flatMap(({ key: whose, event }) => {
      if (whose !== key || event.type !== 'notification-received' || event.subcode === collision) return [];
      const { code, subcode, data } = event;
      const inside = Buffer.from(data, 'hex');
      return [subcode === hardReset ? `${inside[0]}/${inside[1]}` : `${code}/${subcode}`];
    });
  }

  /** How often a session of it came or went. */
  changes(key: string): number {
    return this.count('peer-state', key);
  }
}

const contoso = settingsOf('contoso', 1, [2], '203.0.113.0/24');
const edge2 = settingsOf('contoso/edge2', 2, [1]);

async function twoSlots(): Promise<Bench> {
  const bench = new Bench();
  await bench.set.start([contoso, edge2]);
  await bench.until(
    'both up, with the route',
    () => bench.isUp('contoso') && bench.prefixes('contoso/edge2') === 1,
  );
  return bench;
}

describe('instances', () => {
  it('two slots of one tenant peer with each other', async () => {
    const bench = await twoSlots();
    expect(bench.set.list().map(({ name }) => name)).toEqual(['contoso', 'contoso/edge2']);
    expect([bench.set.trouble('contoso'), bench.set.trouble('contoso/edge2')]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('one that comes, changes and goes touches no other', async () => {
    const bench = await twoSlots();
    const before = bench.changes('contoso') + bench.changes('contoso/edge2');
    const fabrikam = settingsOf('fabrikam', 3, []);
    await bench.set.apply([contoso, edge2, fabrikam]);
    const changed = { ...fabrikam, networks: [route('10.0.0.0/8')] };
    await bench.set.apply([contoso, edge2, changed]);
    await bench.until('its network', () => bench.prefixes('fabrikam') === 1);
    await bench.set.apply([contoso, edge2]);
    expect(bench.set.management('fabrikam')).toBeUndefined();
    expect([bench.count('instance-added', 'fabrikam'), bench.count('instance-removed', 'fabrikam')]).toEqual([
      1, 1,
    ]);
    expect(bench.changes('contoso') + bench.changes('contoso/edge2')).toBe(before);
  });

  it('one that goes tells its peers, and leaves its address to the next', async () => {
    const bench = await twoSlots();
    await bench.set.apply([contoso, { ...edge2, name: 'other', tenant: 'other', slot: 'main' }]);
    await bench.until('Cease', () => bench.told('contoso').length > 0);
    // RFC 4486: Peer De-configured.
    expect(bench.told('contoso')).toEqual(['6/3']);
    await bench.until(
      'the new owner of the address is up',
      () => bench.isUp('other') && bench.prefixes('other') === 1,
    );
  });

  it('addresses may be exchanged in one go', async () => {
    const bench = new Bench();
    const a = settingsOf('a', 4, []);
    const b = settingsOf('b', 5, []);
    await bench.set.start([a, b]);
    const swapped = [
      { ...a, router: { ...a.router, listen: b.router.listen } },
      { ...b, router: { ...b.router, listen: a.router.listen } },
    ];
    await bench.set.apply(swapped);
    expect(bench.set.list()).toEqual(swapped);
  });

  it('what the machine refuses changes nothing', async () => {
    const bench = await twoSlots();
    const before = bench.changes('contoso') + bench.changes('contoso/edge2');
    const thief = settingsOf('thief', 1, []);
    const changed = { ...contoso, networks: [] };
    await expect(bench.set.apply([changed, thief])).rejects.toThrow('127.21.0.1');
    expect(bench.set.list()).toEqual([contoso, edge2]);
    expect(bench.prefixes('contoso/edge2')).toBe(1);
    expect(bench.changes('contoso') + bench.changes('contoso/edge2')).toBe(before);
    // Its listener is open again: whoever wants the address is refused.
    const other = new Bench();
    await other.set.start([settingsOf('second', 2, [])]);
    expect(other.set.trouble('second')).toContain('127.21.0.2');
  });

  it('a tenant that cannot listen at the start is tried again, and the others run', async () => {
    const holder = new Bench();
    await holder.set.start([settingsOf('holder', 6, [])]);
    const bench = new Bench();
    await bench.set.start([settingsOf('late', 6, []), settingsOf('well', 7, [])]);
    expect(bench.set.management('late')).toBeUndefined();
    expect(bench.set.management('well')).toBeDefined();
    await holder.set.apply([]);
    await bench.until('it is up', () => bench.set.management('late') !== undefined);
    expect(bench.set.trouble('late')).toBeUndefined();
    expect(bench.count('instance-up', 'late')).toBe(1);
  });

  it('the default one that cannot listen at the start ends it', async () => {
    const holder = new Bench();
    await holder.set.start([settingsOf('holder', 8, [])]);
    await expect(new Bench().set.start([settingsOf('default', 8, [])])).rejects.toThrow('127.21.0.8');
  });

  it('one that breaks is torn down with Cease and built anew; the others do not notice', async () => {
    const bench = await twoSlots();
    const loner = [settingsOf('a', 9, [10]), settingsOf('b', 10, [9])];
    await bench.set.apply([contoso, edge2, ...loner]);
    await bench.until('all up', () => bench.isUp('a') && bench.isUp('b'));
    const before = bench.changes('a') + bench.changes('b');
    // Its next turn of work, whatever the reason of it.
    const work = Speaker.prototype.work;
    const spy = vi.spyOn(Speaker.prototype, 'work').mockImplementation(function (this: Speaker, ...args) {
      if (this.settings.name !== 'contoso/edge2') return work.apply(this, args);
      spy.mockRestore();
      throw new Error('planted');
    });
    await bench.set.apply([{ ...contoso, networks: [route('198.51.100.0/24')] }, edge2, ...loner]);
    await bench.until('it breaks', () => bench.count('internal-error', 'contoso/edge2') === 1);
    expect(bench.set.trouble('contoso/edge2')).toContain('internal error');
    await bench.until('it is back', () => bench.isUp('contoso') && bench.prefixes('contoso/edge2') === 1);
    expect(bench.told('contoso')).toEqual(['6/2']);
    expect(bench.set.trouble('contoso/edge2')).toBeUndefined();
    expect(bench.changes('a') + bench.changes('b')).toBe(before);
  });

  it('one at its limit of routes drops what is above, says so once, and its sessions stay', async () => {
    const bench = new Bench();
    const wide = settingsOf('wide', 11, [12]);
    const networks = [1, 2, 3, 4, 5].map((n) => route(`10.${n}.0.0/16`));
    const narrow = settingsOf('narrow', 12, [11]);
    const limits = { ...narrow.limits, routes: 3 };
    await bench.set.start([
      { ...wide, networks },
      { ...narrow, limits },
    ]);
    await bench.until('three routes', () => bench.prefixes('narrow') === 3);
    await bench.until('told', () => bench.count('route-limit', 'narrow') === 1);
    expect([bench.prefixes('narrow'), bench.isUp('narrow'), bench.isUp('wide')]).toEqual([3, true, true]);
    await bench.set.apply([{ ...wide, networks }, narrow]);
    bench.set.management('narrow')?.peerAction('127.21.0.11', { type: 'soft-in' });
    await bench.until('all of them', () => bench.prefixes('narrow') === 5);
    expect(bench.count('route-limit', 'narrow')).toBe(1);
  });

  it('one at its limit of peers refuses more', async () => {
    const bench = new Bench();
    const host = settingsOf('host', 13, []);
    const { address: _, ...template } = settingsOf('x', 13, [14]).peers[0];
    const dynamicPeers = [
      { range: prefix('127.21.0.0/24'), limit: 10, template: { ...template, passive: true } },
    ];
    const limits = { ...host.limits, peers: 1 };
    await bench.set.start([{ ...host, dynamicPeers, limits }, settingsOf('one', 14, [13])]);
    await bench.until('the first', () => bench.isUp('one'));
    await bench.set.apply([...bench.set.list(), settingsOf('two', 15, [13])]);
    await bench.until('the second refused', () => bench.count('connection-refused', 'host') > 0);
    const refused = bench.events.find(({ event }) => event.type === 'connection-refused');
    expect(refused?.event).toMatchObject({
      remote: '127.21.0.15',
      reason: 'the instance has 1 peers: its limit',
    });
    expect(bench.isUp('one')).toBe(true);
  });
});
