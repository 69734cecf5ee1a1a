/**
 * The static routes of a space as the kernel has them, from `ip -json -N route show`, and what brings them to those that
 * are wanted. Routes of BGP and of the kernel itself are others' and not seen. Pure.
 */
import type { SpaceRoute } from '../kernel-contract.ts';
import type { Line } from './line.ts';

/** rtnetlink's number for routes that an administrator made: all of a space's are the agent's. */
const staticProtocol = '4';

export interface HeldRoute extends Omit<SpaceRoute, 'link'> {
  readonly link: string | undefined;
}

interface JsonRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly protocol?: string;
  readonly metric?: number;
}

const hostLength = { 4: 32, 6: 128 } as const;
const zero = { 4: '0.0.0.0/0', 6: '::/0' } as const;

/** Throws when it is no JSON. */
export function parseRoutes(text: string, version: 4 | 6): readonly HeldRoute[] {
  const routes: readonly JsonRoute[] = text.trim() === '' ? [] : JSON.parse(text);
  return routes
    .filter(({ protocol }) => protocol === staticProtocol)
    .map(({ dst, gateway, dev, metric = 0 }) => ({
      prefix: prefixOf(dst, version),
      link: dev,
      metric,
      ...(gateway === undefined ? {} : { via: gateway }),
    }));
}

function prefixOf(destination: string, version: 4 | 6): string {
  if (destination === 'default') return zero[version];
  return destination.includes('/') ? destination : `${destination}/${hostLength[version]}`;
}

/** Metric 0 stands for 1024 in IPv6: all of them are one more there. */
function inKernel(route: SpaceRoute): SpaceRoute {
  return route.prefix.includes(':') ? { ...route, metric: route.metric + 1 } : route;
}

/** Run in the space. What is not wanted goes first; a neighbour is reached before it is a next hop. */
export function routeChanges(held: readonly HeldRoute[], wanted: readonly SpaceRoute[]): readonly Line[] {
  const keep = new Map<string, SpaceRoute>();
  for (const route of wanted.map(inKernel)) if (!keep.has(keyOf(route))) keep.set(keyOf(route), route);
  const there = new Map(held.map((route) => [keyOf(route), wayOf(route)]));
  const gone = held.filter((route) => !keep.has(keyOf(route)));
  const fresh = [...keep].filter(([key, route]) => there.get(key) !== wayOf(route)).map(([, route]) => route);
  return [
    ...sorted(gone).reverse().map(removal),
    ...sorted(fresh).map((route) => ({
      text: `route replace ${route.prefix} ${wayOf(route)} proto static metric ${route.metric}`,
      words: `no route to ${route.prefix}`,
    })),
  ];
}

function removal(route: HeldRoute): Line {
  const { prefix, metric } = route;
  return {
    text: `route del ${prefix} proto static metric ${metric}`,
    words: `the route to ${prefix} cannot be removed`,
  };
}

/** Those that lead to a neighbour before those over it. */
function sorted<R extends HeldRoute>(routes: readonly R[]): R[] {
  return [...routes].sort((a, b) => Number(a.via !== undefined) - Number(b.via !== undefined));
}

function keyOf({ prefix, metric }: HeldRoute): string {
  return `${prefix} ${metric}`;
}

function wayOf({ via, link }: HeldRoute): string {
  const over = link === undefined ? '' : `dev ${link}`;
  // The address of our own end, which would tell that the neighbour is on the link, comes last.
  return via === undefined ? over : `via ${via} ${over} onlink`;
}
