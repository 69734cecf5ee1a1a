// Known deviations by target name. heliod has none: what it fails is mended.

import type { KnownDeviation } from '../engine/known.ts';

export const knownDeviations: Readonly<Record<string, readonly KnownDeviation[]>> = {};
