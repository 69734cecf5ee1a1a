/** The part of a peer's settings that its session needs. */
import { routeTargetConstrain } from '../net/family.ts';
import type { IpAddress } from '../net/ip-address.ts';
import type { SessionSettings } from '../session/contract.ts';
import type { PeerTemplate, RouterSettings } from './settings.ts';

export function sessionSettingsOf(
  router: RouterSettings,
  peer: PeerTemplate,
  peerAddress: IpAddress,
): SessionSettings {
  const { timers } = peer;
  const send = peer.addPath.send !== undefined;
  const mode = peer.addPath.receive ? (send ? 'both' : 'receive') : 'send';
  const restarts = router.gracefulRestart;
  // RFC 4684: a membership is no route; it has one path, and its next hop is of either version anyway.
  const routed = peer.families.filter((family) => family !== routeTargetConstrain);
  return {
    // An internal peer sees the AS itself; `localAs` is a face for external ones.
    localAs: peer.remoteAs === router.asn ? router.asn : peer.localAs,
    remoteAs: peer.remoteAs,
    routerId: router.routerId,
    peerAddress,
    passive: peer.passive,
    adminDown: peer.shutdown,
    holdTimeSeconds: timers.holdSeconds,
    keepaliveSeconds: timers.keepaliveSeconds,
    connectRetrySeconds: timers.connectRetrySeconds,
    delayOpenSeconds: timers.delayOpenSeconds,
    idleHoldSeconds: timers.idleHoldSeconds,
    idleHoldMaxSeconds: timers.idleHoldMaxSeconds,
    sendHoldSeconds: timers.sendHoldSeconds,
    families: peer.families,
    addPath: peer.addPath.receive || send ? routed.map((family) => ({ family, mode })) : [],
    extendedNextHop: peer.extendedNextHop ? routed : [],
    extendedMessage: peer.extendedMessage,
    enhancedRouteRefresh: peer.enhancedRouteRefresh,
    fourOctetAs: peer.fourOctetAs,
    gracefulRestart:
      peer.gracefulRestart === undefined
        ? undefined
        : {
            restartTimeSeconds: restarts?.restartTimeSeconds ?? 0,
            notification: peer.gracefulRestart.notification,
            families: restarts === undefined ? [] : peer.families,
          },
    hostName: router.hostName,
  };
}
