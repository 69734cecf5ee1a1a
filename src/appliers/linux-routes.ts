/**
 * A tenant's overlay routes as Linux routes of one of its hosts: each prefix by the provider address of the gateway that
 * ends the connection. Only routes of our own protocol number are looked at or touched. Pure: makes commands, runs none.
 */
import type { OverlayRoute } from '../controller/resources.ts';
import { Prefix } from '../net/prefix.ts';
import { batch, type Command, type Family } from './command.ts';

/** Of rtnetlink; from the range that is free for everybody. */
export const routeProtocol = 190;

/** What `ip -j route show` says of one route. */
interface PresentRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly via?: { readonly host: string };
  readonly metric?: number;
}

export function showRoutes(family: Family): Command {
  const args = [`-${family}`, '-j', 'route', 'show', 'table', 'main', 'proto', String(routeProtocol)];
  return { program: 'ip', args };
}

/** From what is there, as `showRoutes` shows it, to these. Added and replaced before anything is removed. */
export function routeCommands(
  routes: readonly OverlayRoute[],
  family: Family,
  { device, shown }: { readonly device: string; readonly shown: string },
): readonly Command[] {
  const wanted: ReadonlyMap<string, string> = new Map(
    routes.flatMap(({ prefix, nextHopPa, metric }) => {
      const own = (Prefix.parse(prefix)?.address.version ?? 4) === family;
      return own ? [[`${prefix} metric ${metricOf(metric, family)}`, nextHopPa] as const] : [];
    }),
  );
  const listed = JSON.parse(shown.trim() || '[]') as readonly PresentRoute[];
  const present = new Map(listed.map((route) => [keyOf(route, family), route.gateway ?? route.via?.host]));
  const missing = [...wanted].filter(([key, nextHop]) => present.get(key) !== nextHop);
  const stale = [...present.keys()].filter((key) => !wanted.has(key));
  return batch(
    [
      ...missing.map(
        ([key, nextHop]) => `route replace ${key} via ${nextHop} dev ${device} onlink proto ${routeProtocol}`,
      ),
      ...stale.map((key) => `route del ${key} proto ${routeProtocol}`),
    ],
    family,
  );
}

/** IPv6 takes 0 for its default of 1024. */
function metricOf(metric: number, family: Family): number {
  return family === 6 && metric === 0 ? 1024 : metric;
}

/** A host route is shown without its length. */
function keyOf({ dst, metric = 0 }: PresentRoute, family: Family): string {
  const whole = dst === 'default' ? (family === 4 ? '0.0.0.0/0' : '::/0') : dst;
  const prefix = whole.includes('/') ? whole : `${whole}/${family === 4 ? 32 : 128}`;
  return `${prefix} metric ${metric}`;
}
