// Known deviations by target name. heliod has none: what it fails is mended.

import type { KnownDeviation } from '../engine/known.ts';
import { bird } from './bird.ts';
import { frr } from './frr.ts';
import { gobgp } from './gobgp.ts';
import { openbgpd } from './openbgpd.ts';

export const knownDeviations: Readonly<Record<string, readonly KnownDeviation[]>> = {
  bird,
  frr,
  gobgp,
  openbgpd,
};
