/**
 * The OPEN we send: settings and restart state in, message out. Owns the choice and order of our
 * capabilities (RFC 5492); what both ends make of them is `negotiation.ts`, the bytes are `wire/`.
 */
import { Afi } from '../net/family.ts';
import type { Capability, GracefulRestartCapability, OpenMessage } from '../wire/messages.ts';
import type { RestartState, SessionSettings } from './contract.ts';

/** RFC 6793 §9: stands in the 2-octet field for numbers that do not fit. */
export const asTrans = 23456;

/** RFC 4724 §3: the restart time has 12 bits. */
const maxRestartTimeSeconds = 4095;

export function buildOpen(settings: SessionSettings, restart: RestartState): OpenMessage {
  return {
    type: 'open',
    version: 4,
    myAs: settings.localAs > 0xffff ? asTrans : settings.localAs,
    holdTimeSeconds: settings.holdTimeSeconds,
    bgpIdentifier: settings.routerId,
    capabilities: localCapabilities(settings, restart),
  };
}

function localCapabilities(settings: SessionSettings, restart: RestartState): readonly Capability[] {
  const capabilities: Capability[] = settings.families.map((family) => ({ type: 'multiprotocol', family }));
  capabilities.push({ type: 'route-refresh' });
  if (settings.extendedNextHop.length > 0) {
    // RFC 8950 §4: (IPv4 family, IPv6 next hop) is the one combination that needs saying.
    const entries = settings.extendedNextHop.map((family) => ({ family, nextHopAfi: Afi.ipv6 }));
    capabilities.push({ type: 'extended-next-hop', entries });
  }
  if (settings.extendedMessage) capabilities.push({ type: 'extended-message' });
  if (settings.gracefulRestart) capabilities.push(gracefulRestart(settings.gracefulRestart, restart));
  if (settings.fourOctetAs) capabilities.push({ type: 'four-octet-as', asn: settings.localAs });
  if (settings.addPath.length > 0) capabilities.push({ type: 'add-path', families: settings.addPath });
  if (settings.enhancedRouteRefresh) capabilities.push({ type: 'enhanced-route-refresh' });
  if (settings.hostName !== '') {
    capabilities.push({ type: 'fqdn', hostName: settings.hostName, domainName: '' });
  }
  return capabilities;
}

function gracefulRestart(
  settings: NonNullable<SessionSettings['gracefulRestart']>,
  restart: RestartState,
): GracefulRestartCapability {
  return {
    type: 'graceful-restart',
    restarting: restart.restarting,
    notification: settings.notification,
    restartTimeSeconds: Math.min(settings.restartTimeSeconds, maxRestartTimeSeconds),
    families: settings.families.map((family) => ({ family, forwarding: restart.forwardingPreserved })),
  };
}
