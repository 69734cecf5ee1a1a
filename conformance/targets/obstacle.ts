// Whether a target can be started on this machine at all.

import type { Target } from './target.ts';

/** A sentence for the operator, or undefined. A router that is there already is not asked. */
export async function obstacleTo(target: Target): Promise<string | undefined> {
  if (target.single !== undefined) return undefined;
  if ((await target.version()) === 'unknown') return `${target.name} is not installed on this machine`;
  const obstacle = target.obstacle?.();
  return obstacle === undefined ? undefined : `${target.name}: ${obstacle}`;
}
