// Routes as cases write them and as the tester sees them.
//
// Owns the default attributes of a route per kind of peer, the UPDATE that announces it, and the readable form of what
// an observer received. It writes what it is told, valid or not.

import {
  address,
  afiOf,
  type Family,
  familyOf,
  formatAddress,
  formatIpv4,
  prefixes,
} from '../wire/address.ts';
import * as pa from '../wire/attributes.ts';
import { type Bytes, concat, readU16, readU32, toHex, u32 } from '../wire/bytes.ts';
import { type DecodedAttribute, decodePath, formatPath } from '../wire/decode.ts';
import { update } from '../wire/messages.ts';

export interface RouteSpec {
  readonly origin?: number;
  readonly path?: pa.Path;
  readonly nextHop?: string;
  readonly med?: number;
  readonly localPref?: number;
  readonly communities?: readonly number[];
  readonly originatorId?: string;
  readonly clusterList?: readonly string[];
  /** Whole attributes, sorted into their place by type; one with the type of a default replaces it. */
  readonly with?: readonly Bytes[];
  /** Whole attributes written after all others, as they are, duplicates included. */
  readonly append?: readonly Bytes[];
  /** Attribute types left out. */
  readonly without?: readonly number[];
  /** Path identifiers, RFC 7911. */
  readonly pathId?: number;
  /** Announce in MP_REACH even if IPv4 (RFC 4760). */
  readonly mp?: boolean;
}

/** What the builder must know of the peer that sends. */
export interface Sender {
  readonly asn: number;
  readonly internal: boolean;
  readonly width: 2 | 4;
  /** Next hop of its IPv4 routes that name none. */
  readonly nextHop?: string | undefined;
}

const typeOf = (attribute: Bytes): number => attribute[1] ?? 0;

/** The attributes of a route without MP_REACH, ascending by type. */
export function routeAttributes(sender: Sender, spec: RouteSpec, family: Family): Bytes[] {
  const path = spec.path ?? (sender.internal ? [] : [sender.asn]);
  const defaults: Bytes[] = [pa.origin(spec.origin ?? 0), pa.asPath(path, sender.width)];
  if (family === 'v4' && spec.mp !== true)
    defaults.push(pa.nextHop(spec.nextHop ?? sender.nextHop ?? pa.defaultNextHop('v4')));
  if (spec.med !== undefined) defaults.push(pa.med(spec.med));
  const preference = spec.localPref ?? (sender.internal ? 100 : undefined);
  if (preference !== undefined) defaults.push(pa.localPref(preference));
  if (spec.communities !== undefined) defaults.push(pa.communities(...spec.communities));
  if (spec.originatorId !== undefined) defaults.push(pa.originatorId(spec.originatorId));
  if (spec.clusterList !== undefined) defaults.push(pa.clusterList(...spec.clusterList));
  const replaced = new Set([...(spec.with ?? []).map(typeOf), ...(spec.without ?? [])]);
  const kept = defaults.filter((attribute) => !replaced.has(typeOf(attribute)));
  const sorted = [...kept, ...(spec.with ?? [])].sort((a, b) => typeOf(a) - typeOf(b));
  return [...sorted, ...(spec.append ?? [])];
}

function nlriOf(list: readonly string[], pathId: number | undefined): Bytes {
  if (pathId === undefined) return prefixes(...list);
  return concat(...list.map((one) => concat(u32(pathId), prefixes(one))));
}

/** One UPDATE that announces all of `list` (one family) with the same attributes. */
export function announcement(sender: Sender, list: readonly string[], spec: RouteSpec = {}): Bytes {
  const family = familyOf(list[0] ?? '0.0.0.0/0');
  const nlri = nlriOf(list, spec.pathId);
  const attributes = routeAttributes(sender, spec, family);
  if (family === 'v4' && spec.mp !== true) return update({ attributes, nlri });
  const hop = address(spec.nextHop ?? pa.defaultNextHop(family));
  return update({ attributes: [pa.mpReach(afiOf(family), 1, hop, nlri), ...attributes] });
}

export function withdrawal(list: readonly string[], pathId?: number, viaMp = false): Bytes {
  const family = familyOf(list[0] ?? '0.0.0.0/0');
  const nlri = nlriOf(list, pathId);
  if (family === 'v4' && !viaMp) return update({ withdrawn: nlri });
  return update({ attributes: [pa.mpUnreach(afiOf(family), 1, nlri)] });
}

/** A route in an observer's table. */
export interface SeenRoute {
  readonly family: Family;
  readonly prefix: string;
  readonly pathId: number | undefined;
  readonly label?: string;
  readonly attributes: readonly DecodedAttribute[];
  /** Next hop octets, from NEXT_HOP or from MP_REACH. */
  readonly nextHop: Bytes;
  readonly width: 2 | 4;
  /** Ordinal of the UPDATE, counted per peer from 1. */
  readonly updateNumber: number;
}

export function attributeOf(route: SeenRoute, type: number): DecodedAttribute | undefined {
  return route.attributes.find((attribute) => attribute.type === type);
}

/** Value octets in hex, or undefined if the attribute is absent. */
export function hexOf(route: SeenRoute, type: number): string | undefined {
  const found = attributeOf(route, type);
  return found === undefined ? undefined : toHex(found.value);
}

export function numberOf(route: SeenRoute, type: number): number | undefined {
  const value = attributeOf(route, type)?.value;
  if (value === undefined) return undefined;
  return value.length === 1 ? value[0] : readU32(value, 0);
}

export function pathOf(route: SeenRoute): string {
  return formatPath(decodePath(attributeOf(route, pa.AS_PATH)?.value ?? new Uint8Array(), route.width));
}

export function communitiesOf(route: SeenRoute): readonly string[] {
  const value = attributeOf(route, pa.COMMUNITIES)?.value ?? new Uint8Array();
  return Array.from({ length: Math.floor(value.length / 4) }, (_, i) =>
    [readU16(value, 4 * i), readU16(value, 4 * i + 2)].join(':'),
  );
}

export function addressesOf(route: SeenRoute, type: number): readonly string[] {
  const value = attributeOf(route, type)?.value ?? new Uint8Array();
  return Array.from({ length: Math.floor(value.length / 4) }, (_, i) => formatIpv4(value.subarray(4 * i)));
}

/** One line for a human: every attribute as flags, type and value. */
export function describeRoute(route: SeenRoute | undefined): string {
  if (route === undefined) return 'no route';
  const rest = route.attributes
    .filter((a) => ![pa.AS_PATH, pa.NEXT_HOP, pa.MP_REACH].includes(a.type))
    .map(
      (a) => `${a.flags.toString(16).padStart(2, '0')}/${a.type}=${toHex(a.value).slice(0, 48) || 'empty'}`,
    );
  const id = route.pathId === undefined ? '' : ` id ${route.pathId}`;
  return `${route.prefix}${id} path [${pathOf(route)}] next hop ${formatAddress(route.nextHop)} ${rest.join(' ')}`;
}
