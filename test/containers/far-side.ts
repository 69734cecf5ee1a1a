/** What FRR, BIRD and heliod in containers say of sessions and routes, in the shapes of the interop tests. */
import { expect } from 'vitest';
import type { PeerView } from '../../src/speaker/views.ts';
import { parsePeers, parseRoutes } from '../interop/harness/bird.ts';
import { eventually, insist } from '../interop/harness/eventually.ts';
import { seenRoute } from '../interop/harness/frr.ts';
import { familyOf, type SeenRoute } from '../interop/harness/seen-route.ts';
import type { Cluster } from './cluster.ts';

/** Of FRR's `show bgp neighbors ADDRESS json`, the part that is read. */
interface FrrNeighbor {
  readonly bgpState: string;
  readonly lastNotificationReason?: string;
}

export async function frrNeighbor(cluster: Cluster, address: string): Promise<FrrNeighbor> {
  const command = `show bgp neighbors ${address} json`;
  return JSON.parse(await cluster.exec('frr', 'vtysh', '-c', command))[address];
}

export async function frrRoutes(cluster: Cluster, prefix: string): Promise<readonly SeenRoute[]> {
  const family = familyOf(prefix) === 'ipv4-unicast' ? 'ipv4' : 'ipv6';
  const text = await cluster.exec('frr', 'vtysh', '-c', `show bgp ${family} unicast ${prefix} json`);
  const paths: readonly Parameters<typeof seenRoute>[1][] = JSON.parse(text).paths ?? [];
  return paths.map((path) => seenRoute(prefix, path));
}

export const birdc = async (cluster: Cluster, ...words: string[]): Promise<string> =>
  (await cluster.try('bird', 'birdc', ...words)).stdout; // ends with 1 also for "Network not found"

export const birdPeers = async (cluster: Cluster) =>
  parsePeers(await birdc(cluster, 'show', 'protocols', 'all'));

export async function birdRoutes(cluster: Cluster, prefix: string): Promise<readonly SeenRoute[]> {
  const table = familyOf(prefix) === 'ipv4-unicast' ? 'master4' : 'master6';
  return parseRoutes(await birdc(cluster, 'show', 'route', prefix, 'table', table, 'all'), prefix);
}

/** When BIRD's session began, as it prints it: a new session prints another time. */
export async function birdSince(cluster: Cluster, protocol: string): Promise<number> {
  const text = await birdc(cluster, 'show', 'protocols', protocol);
  const [, hours, minutes, seconds] =
    new RegExp(`^${protocol}\\s+BGP\\s+\\S+\\s+up\\s+(\\d+):(\\d+):([\\d.]+)\\s+Established`, 'm').exec(
      text,
    ) ?? [];
  insist(seconds !== undefined, text);
  return (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
}

/** BIRD computes the time of day anew from a monotonic clock: the same instant may differ by milliseconds. */
export function expectSameInstant(now: number, before: number): void {
  expect(Math.abs(now - before)).toBeLessThan(0.5);
}

export const heliodPeer = async (cluster: Cluster, service: string, address: string): Promise<PeerView> =>
  JSON.parse(await cluster.exec(service, 'helioctl', 'peers', address, '-o', 'json'));

/** Waits until heliod has every one of these sessions. */
export async function established(
  cluster: Cluster,
  service: string,
  addresses: readonly string[],
): Promise<void> {
  await eventually(`${service} peers with ${addresses.join(', ')}`, async () => {
    const peers: readonly PeerView[] = JSON.parse(
      await cluster.exec(service, 'helioctl', 'peers', '-o', 'json'),
    );
    const up = peers.filter(({ state }) => state === 'established').map(({ address }) => address);
    insist(
      addresses.every((address) => up.includes(address)),
      JSON.stringify(peers.map(({ address, state, reason }) => ({ address, state, reason }))),
    );
    return true;
  });
}

/** The routes to `prefix` that `read` shows, once there are as many as expected. */
export const routesOf = (
  read: (cluster: Cluster, prefix: string) => Promise<readonly SeenRoute[]>,
  cluster: Cluster,
  prefix: string,
  count = 1,
): Promise<readonly SeenRoute[]> =>
  eventually(`${count} paths to ${prefix}`, async () => {
    const routes = await read(cluster, prefix);
    insist(routes.length === count, JSON.stringify(routes));
    return routes;
  });
