/** ExaBGP in a namespace: announces what its configuration says, with attributes no other daemon would send. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from './lab.ts';
import type { LabProcess } from './lab-process.ts';

/** `config` is a whole configuration. ExaBGP has no way to ask whether it is up: ask its peer. */
export function startExabgp(node: LabNode, config: string): LabProcess {
  const file = join(node.directory, 'exabgp.conf');
  writeFileSync(file, config);
  const env = { exabgp_daemon_user: 'root', exabgp_api_cli: 'false', exabgp_cache_attributes: 'false' };
  return node.start('exabgp', '/usr/sbin/exabgp', [file], env);
}
