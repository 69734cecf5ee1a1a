/**
 * What `ip -N -j route show table all` prints, route by route as it comes: the text of a large table is never whole in
 * memory, and no chunk of it costs more than a moment. Fields that are not known here are left alone.
 */
import { parseDestination } from './parse-prefix.ts';
import { type Hop, type KernelRoute, RouteTable, RouteType } from './route.ts';

interface JsonHop {
  readonly gateway?: string;
  readonly via?: { readonly host?: string };
  readonly dev?: string;
  readonly flags?: readonly string[];
}

interface JsonRoute extends JsonHop {
  readonly dst?: string;
  readonly type?: string;
  readonly table?: string;
  readonly protocol?: string;
  readonly metric?: number;
  readonly pref?: string;
  readonly nexthops?: readonly JsonHop[];
}

/** A route of the list ends where the next one begins: with its type or its destination, as no next hop does. */
const nextRoute = /\},\{"(?=type"|dst")/g;

/** Cuts the text into routes. Give it chunks in order, then `end`. */
export class RouteReader {
  readonly #onRoute: (route: KernelRoute) => void;
  #rest = '';
  /** Objects that were no routes: should stay 0. */
  malformed = 0;

  constructor(onRoute: (route: KernelRoute) => void) {
    this.#onRoute = onRoute;
  }

  push(chunk: string): void {
    const text = this.#rest + chunk;
    let from = 0;
    nextRoute.lastIndex = 0;
    for (let found = nextRoute.exec(text); found !== null; found = nextRoute.exec(text)) {
      this.#object(text.slice(from, found.index + 1));
      from = found.index + 2;
    }
    this.#rest = text.slice(from);
  }

  end(): void {
    const last = this.#rest.trim().replace(/\s*\]$/, '');
    this.#rest = '';
    if (last !== '' && last !== '[') this.#object(last);
  }

  #object(text: string): void {
    const route = parseRoute(text.startsWith('[') ? text.slice(1) : text);
    if (route === 'malformed') this.malformed++;
    else if (route !== undefined) this.#onRoute(route);
  }
}

/** `undefined` for what is no IP route (MPLS, say). */
function parseRoute(text: string): KernelRoute | 'malformed' | undefined {
  const json = parseObject(text);
  if (json === undefined) return 'malformed';
  if (typeof json.dst !== 'string') return undefined;
  const version = versionOf(json);
  const nlri = parseDestination(json.dst, version);
  if (nlri === undefined) return undefined;
  return {
    version,
    nlri,
    table: numberOf(json.table, RouteTable.main),
    protocol: numberOf(json.protocol, 0),
    type: numberOf(json.type, RouteType.unicast),
    metric: json.metric ?? 0,
    hops: (json.nexthops ?? [json]).flatMap(hopOf),
  };
}

function parseObject(text: string): JsonRoute | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `default` looks the same in both families: there, IPv6 routes have a preference (RFC 4191). */
function versionOf({ dst, pref }: JsonRoute): 4 | 6 {
  if (dst === 'default') return pref === undefined ? 4 : 6;
  return dst?.includes(':') ? 6 : 4;
}

function numberOf(text: string | undefined, absent: number): number {
  return text === undefined ? absent : Number(text);
}

function hopOf({ gateway, via, dev, flags }: JsonHop): Hop[] {
  if (dev === undefined) return [];
  const alive = !flags?.some((flag) => flag === 'dead' || flag === 'linkdown');
  return [{ gateway: gateway ?? via?.host, device: dev, alive }];
}
