/**
 * An instance that is removed leaves nothing in memory: not its speaker, not its tables. Held to with WeakRef and a
 * forced collection, over real sessions, since sockets and timers are what would keep it alive.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InstanceSet } from '../../src/instances/instance-set.ts';
import { ipv4Unicast } from '../../src/net/family.ts';
import type { InstanceSettings } from '../../src/speaker/settings.ts';
import {
  address,
  instanceSettings,
  networkSettings,
  peerSettings,
  routerSettings,
} from '../support/settings.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const port = 17_923;
const routes = 20_000;
const set = new InstanceSet({
  version: 'test',
  now: () => performance.now(),
  restarted: () => false,
  onEvent: () => undefined,
});

afterEach(() => set.stop(() => ({ type: 'silent' })));

/** Listens on 127.23.0.`own`, peers with 127.23.0.`other` and announces `count` networks to it. */
function settingsOf(name: string, own: number, other: number, count: number): InstanceSettings {
  const local = address(`127.23.0.${own}`);
  const [tenant, slot] = name.split('/');
  const router = routerSettings({ asn: 65001, routerId: own, listen: [{ address: local, port }] });
  const peer = peerSettings(`127.23.0.${other}`, {
    remoteAs: 65001,
    localAs: 65001,
    port,
    localAddress: local,
    families: [ipv4Unicast],
  });
  const networks = Array.from({ length: count }, (_, i) =>
    networkSettings(`10.${i >> 8}.${i & 255}.0/24`, { nextHop: address('192.0.2.1') }),
  );
  return instanceSettings(router, [peer], { name, tenant, slot, networks });
}

const prefixes = (name: string): number => set.management(name)?.status().families[0]?.prefixes ?? 0;

/** Octets of typed arrays and buffers after a collection. */
function bufferOctets(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

/** Adds an instance with a table, removes it again; a function of its own, so that no variable holds it. */
async function comesAndGoes(stays: InstanceSettings): Promise<WeakRef<object>> {
  await set.apply([stays, settingsOf('contoso/edge2', 2, 1, routes)]);
  await vi.waitFor(() => expect(prefixes('contoso/main')).toBe(routes), { timeout: 20_000 });
  const management = set.management('contoso/edge2');
  if (management === undefined) throw new Error('it is not there');
  const ref = new WeakRef(management);
  await set.apply([stays]);
  await vi.waitFor(() => expect(prefixes('contoso/main')).toBe(0), { timeout: 20_000 });
  return ref;
}

/** One that leaks has at least its columns left: 24 octets a route, and 21 for its NLRI (docs/memory.md). */
const leak = routes * 45;

describe('an instance that is removed', () => {
  it('leaves neither objects nor tables', async () => {
    const stays = settingsOf('contoso/main', 1, 2, 0);
    await set.start([stays]);
    await comesAndGoes(stays); // the tables of the other one have their size after this
    const before = bufferOctets();
    const removed = [await comesAndGoes(stays), await comesAndGoes(stays)];
    await vi.waitFor(
      () => {
        expect(bufferOctets() - before).toBeLessThan(leak);
        expect(removed.map((ref) => ref.deref() === undefined)).toEqual([true, true]);
      },
      { timeout: 20_000 },
    );
  });
});
