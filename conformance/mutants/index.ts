// Every mutant of heliod, by what the fault is in.

import { attributeMutants } from './attribute-mutants.ts';
import { messageMutants } from './message-mutants.ts';
import type { Mutant } from './mutant.ts';
import { routeMutants } from './route-mutants.ts';
import { serviceMutants } from './service-mutants.ts';

export const mutants: readonly Mutant[] = [
  ...messageMutants,
  ...attributeMutants,
  ...routeMutants,
  ...serviceMutants,
];
