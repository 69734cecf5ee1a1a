/** Facts of the machine that a speaker or its configuration wants to know. */
import { hostname, networkInterfaces } from 'node:os';
import { Prefix } from '../net/prefix.ts';
import type { LocalInterface } from '../speaker/host.ts';

export function hostName(): string {
  return hostname();
}

/** The interfaces that are up, by name, each with its addresses and the lengths of their subnets. */
export function localInterfaces(): readonly LocalInterface[] {
  return Object.entries(networkInterfaces())
    .map(([name, list]) => ({
      name,
      addresses: (list ?? []).flatMap(({ cidr }) => Prefix.parse(cidr ?? '') ?? []),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
