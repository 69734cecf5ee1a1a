/** Short words for scenes with one speaker, 10.0.0.1 of AS 65000, and raw peers. */
import type { InstanceSettings, PeerSettings, RouterSettings } from '../../src/speaker/settings.ts';
import type { PathAttributes } from '../../src/wire/attributes/path-attributes.ts';
import type { UpdateFields } from '../../src/wire/update-encode.ts';
import { address, instanceSettings, peerSettings, routerSettings, testTimers } from '../support/settings.ts';

export const ownRouter: RouterSettings = routerSettings({ routerId: address('10.0.0.1').toUint32() });

/** A peer that was lost may be back a second later, however often. */
const quickTimers = { ...testTimers, idleHoldMaxSeconds: 1 };

/** The peer calls us. */
export function passivePeer(text: string, changes: Partial<PeerSettings> = {}): PeerSettings {
  return peerSettings(text, { passive: true, timers: quickTimers, ...changes });
}

export function client(text: string, changes: Partial<PeerSettings> = {}): PeerSettings {
  return passivePeer(text, { routeReflectorClient: true, ...changes });
}

export function scene(
  peers: readonly PeerSettings[],
  changes: Partial<InstanceSettings> & { readonly router?: RouterSettings } = {},
): InstanceSettings {
  return instanceSettings(changes.router ?? ownRouter, peers, changes);
}

/** An UPDATE from inside the AS: LOCAL_PREF is there. */
export function internalRoutes(
  prefixes: readonly string[],
  attributes: Partial<PathAttributes> = {},
  nextHop = '198.51.100.1',
): UpdateFields {
  return {
    announced: prefixes,
    nextHop: address(nextHop),
    attributes: { origin: 'igp', asPath: [], localPref: 100, ...attributes },
  };
}

/** An UPDATE from another AS. */
export function externalRoutes(
  asn: number,
  prefixes: readonly string[],
  attributes: Partial<PathAttributes> = {},
  nextHop = '198.51.100.1',
): UpdateFields {
  return {
    announced: prefixes,
    nextHop: address(nextHop),
    attributes: { origin: 'igp', asPath: [{ type: 'sequence', asns: [asn] }], ...attributes },
  };
}

/** `10.x.y.0/24` for numbers below 65,536. */
export function prefixes(count: number, first = 0): readonly string[] {
  return Array.from({ length: count }, (_, i) => `10.${(first + i) >> 8}.${(first + i) & 255}.0/24`);
}
