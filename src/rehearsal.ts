/** The daemon's rehearsal: on what settings, when, and that nothing but speed ever depends on it. */
import { loadConfig } from './config/load.ts';
import type { Log } from './runtime/logging.ts';
import { inQuietTime } from './runtime/quiet-time.ts';
import { rehearse } from './speaker/rehearsal.ts';

/** Half a second of one core. */
const extent = { updates: 2000, single: 1500 };

/** A reflector as operators have it, on documentation addresses (RFC 5737). */
export const rehearsalConfig = `
version: 1
router: { asn: 65000, routerId: 192.0.2.1 }
peerGroups:
  - { name: clients, remoteAs: 65000, routeReflectorClient: true, passive: true, families: [ipv4-unicast] }
peers:
  - { address: 192.0.2.10, group: clients }
  - { address: 192.0.2.11, group: clients }
  - { address: 192.0.2.12, group: clients }
  - { address: 192.0.2.13, group: clients }
`;

/** Resolves when it has been played or there was no quiet for it. Never fails. */
export async function rehearseInQuietTime(
  isQuiet: () => boolean,
  now: () => number,
  log: Log,
): Promise<void> {
  const began = now();
  try {
    const loaded = loadConfig(rehearsalConfig, 'rehearsal');
    if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join('; '));
    const [settings] = loaded.config.instances;
    const played = await inQuietTime(rehearse(now, { settings, ...extent }), isQuiet);
    const milliseconds = Math.round(now() - began);
    log.debug({ milliseconds, ...played }, played ? 'rehearsed' : 'no time to rehearse');
  } catch (error) {
    log.error({ err: error }, 'the rehearsal failed: first routes are slower, nothing else');
  }
}
