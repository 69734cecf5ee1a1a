/** Facts of the machine that a speaker or its configuration wants to know. */
import { existsSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { Prefix } from '../net/prefix.ts';
import type { LocalInterface } from '../speaker/host.ts';
import type { Place } from '../speaker/settings.ts';
import { keyFileProblem } from './md5-keys.ts';
import { type NativeResult, nativeSockets } from './native/sockets.ts';
import { nativeProblem, placeProblem } from './transport-check.ts';

/** What `config/` asks of the machine (`MachineFacts` there). */
export function machineFacts(native: NativeResult = nativeSockets()) {
  return {
    hostName: hostname(),
    socketProblem: () => nativeProblem(native),
    keyFileProblem,
    placeProblem: (place: Place) => placeProblem(place, native),
  };
}

/**
 * The interfaces of a place that are up, by name, each with its addresses and the lengths of their subnets. Of a device
 * its own and, for a VRF device, those enslaved to it. None when the place is not there.
 */
export function localInterfaces(
  place: Place = { type: 'host' },
  native: NativeResult = nativeSockets(),
): readonly LocalInterface[] {
  return Object.entries(interfacesIn(place, native))
    .filter(([name]) => place.type !== 'device' || name === place.name || isEnslaved(name, place.name))
    .map(([name, list]) => ({
      name,
      addresses: (list ?? []).flatMap(({ cidr }) => Prefix.parse(cidr ?? '') ?? []),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function interfacesIn(place: Place, native: NativeResult): ReturnType<typeof networkInterfaces> {
  if (place.type !== 'netns') return networkInterfaces();
  try {
    return native.ok ? native.sockets.interfaces(place) : {};
  } catch {
    return {}; // it is gone
  }
}

function isEnslaved(name: string, device: string): boolean {
  return existsSync(`/sys/class/net/${device}/lower_${name}`);
}
