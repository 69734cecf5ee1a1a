// The targets by name.

import { bird } from './bird.ts';
import { frr } from './frr.ts';
import { gobgp } from './gobgp.ts';
import { heliod } from './heliod.ts';
import { openbgpd } from './openbgpd.ts';
import type { Target } from './target.ts';

export const targets: Readonly<Record<string, Target>> = { heliod, frr, bird, gobgp, openbgpd };
