// The options of `run --target manual`: which router, how it is configured, and what it can do.

import { type ProfileName, profiles } from '../engine/profile.ts';
import type { ManualOptions } from '../targets/manual.ts';
import { type Feature, features } from '../targets/target.ts';
import type { RunValues } from './settings.ts';

const isProfile = (name: string): name is ProfileName => Object.hasOwn(profiles, name);

function featuresOf(words: string): readonly Feature[] {
  return words.split(',').map((word) => {
    const found = features.find((feature) => feature === word);
    if (found === undefined) throw new Error(`no feature ${word}; features: ${features.join(', ')}`);
    return found;
  });
}

/** Throws with what to say instead. */
export function manualOptions(values: RunValues): ManualOptions {
  const { address, port, profile, network, has = [] } = values;
  if (!isProfile(profile))
    throw new Error(`no profile ${profile}; profiles: ${Object.keys(profiles).join(', ')}`);
  return { address, port: Number(port), profile, features: has.flatMap(featuresOf), network };
}

/** The same as words of a command line. */
export function manualWords({ address, port, profile, features, network }: ManualOptions): string {
  return [
    ` --address ${address} --port ${port} --profile ${profile}`,
    network === undefined ? '' : ` --network ${network}`,
    features.length === 0 ? '' : ` --has ${features.join(',')}`,
  ].join('');
}
