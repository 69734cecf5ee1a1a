/**
 * Which changes of a peer's settings a running session can take, and which need a new one: everything
 * the OPEN said stands until the next OPEN. Compares plain data only.
 */
import type { SessionSettings } from './contract.ts';

type Key = keyof SessionSettings;

/**
 * Part of what both ends agreed on, or of who they are. Not among them: `holdTimeSeconds` and `hostName`, which
 * count from the next OPEN on, and `adminDown`, which is a stop or a start.
 */
const agreed: readonly Key[] = [
  'localAs',
  'remoteAs',
  'routerId',
  'peerAddress',
  'families',
  'addPath',
  'extendedNextHop',
  'extendedMessage',
  'enhancedRouteRefresh',
  'fourOctetAs',
  'gracefulRestart',
];

/** Must a session under `oldSettings` end before `newSettings` can apply? */
export function needsReset(oldSettings: SessionSettings, newSettings: SessionSettings): boolean {
  return agreed.some((key) => !sameValue(oldSettings[key], newSettings[key]));
}

/** Plain data without functions; addresses serialise as their text. The order of lists counts. */
function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
