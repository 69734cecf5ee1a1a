/**
 * The gateway's own network: VIPs on its loopback, and the instance that announces those of its slots to the routers of
 * the underlay, so that a VIP moves with its slot. Pure.
 */
import type { DesiredUnderlay } from '../controller/desired.ts';
import { hostPrefix } from '../net/prefix.ts';
import type { Space } from './kernel-contract.ts';

/** One entry of `tenants` of heliod's configuration, as plain data. */
export type UnderlayDocument = Readonly<Record<string, unknown>>;

/** No tenant of the controller has it: theirs are on slots. */
export const underlayName = 'underlay';

/**
 * A router that holds on to a dead gateway sends everything into nothing, and keeps what it heard from the standby
 * beside it: it is to notice soon (RFC 4271 §4.2: three seconds at the least), and nothing is to outlive the session.
 */
const timers = { hold: '3s', keepalive: '1s', connectRetry: '1s', idleHold: '1s', idleHoldMax: '5s' };

export function homeOf({ vips }: DesiredUnderlay, gateway: string): Space {
  const addresses = [...new Set(vips.map(({ address }) => address))].sort();
  return { name: gateway, isHome: true, addresses, links: [], routes: [] };
}

/** Nothing is learnt: the gateway's own ways are not ours to decide. */
export function underlayDocument({ address, vips, bgp }: DesiredUnderlay): UnderlayDocument | undefined {
  if (!bgp) return undefined;
  const announced = vips.filter(({ isAnnounced }) => isAnnounced);
  return {
    name: underlayName,
    asn: bgp.localAsn,
    routerId: bgp.routerId ?? address,
    listen: [address.includes(':') ? `[${address}]:179` : `${address}:179`],
    networks: announced.map((vip) => ({ prefix: hostPrefix(vip.address) })),
    peers: bgp.peers.map((peer) => ({
      address: peer.address,
      remoteAs: peer.asn,
      // The session may be of the other family.
      ...(address.includes(':') === peer.address.includes(':') ? { localAddress: address } : {}),
      description: 'router of the underlay',
      importPolicy: 'reject-all',
      exportPolicy: 'accept-all',
      gracefulRestart: false,
      timers,
    })),
  };
}
