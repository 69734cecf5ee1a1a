/** Facts of the machine that a speaker or its configuration wants to know. */
import { hostname, networkInterfaces } from 'node:os';
import { Prefix } from '../net/prefix.ts';

export function hostName(): string {
  return hostname();
}

/** The subnets of all interfaces that are up, without repetition and in a stable order. */
export function connectedSubnets(): readonly Prefix[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const subnets = addresses.flatMap(({ cidr }) => Prefix.parse(cidr ?? '')?.masked() ?? []);
  const byText = new Map(subnets.map((subnet) => [subnet.toString(), subnet]));
  return [...byText.keys()].sort().flatMap((text) => byText.get(text) ?? []);
}
