/** A line per event of a live stream: wall-clock time, kind, and the event in words. Pure. */
import type { WatchEvent } from '../views.ts';
import type { Colours } from './colours.ts';
import { routeFlags } from './routes.ts';
import { instanceName, printable } from './text.ts';

export function renderEvent(event: WatchEvent, colours: Colours): string {
  return `${colours.dim(timeOfDay(new Date(event.time)))}  ${whose(event)}${describe(event, colours)}\n`;
}

/** Nothing for the default instance: where there are no tenants nobody is told of any. */
function whose(event: WatchEvent): string {
  if (!('tenant' in event) || event.tenant === 'default') return '';
  return `[${instanceName(event)}]  `;
}

/** Local, with milliseconds. */
function timeOfDay(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function describe(event: WatchEvent, colours: Colours): string {
  if (event.type === 'route') return describeRoute(event, colours);
  if (event.type === 'peer-state') return describeState(event, colours);
  return `${event.type.padEnd(21)}  ${printable(eventWords(event))}`;
}

function describeState(event: Extract<WatchEvent, { type: 'peer-state' }>, colours: Colours): string {
  const paint = event.to === 'established' ? colours.green : colours.yellow;
  const reason = event.reason ? `: ${event.reason}` : '';
  return `${event.type.padEnd(21)}  ${event.peer}  ${event.from} -> ${paint(event.to)}${printable(reason)}`;
}

function describeRoute(event: Extract<WatchEvent, { type: 'route' }>, colours: Colours): string {
  const { route, prefix } = event;
  if (!route) return `${colours.red('-')}    ${prefix}  withdrawn`;
  const { nextHop, asPath, origin, localPref, med } = route.attributes;
  const parts = [
    `next hop ${nextHop}`,
    `path ${[asPath, origin].filter((part) => part !== '').join(' ')}`,
    ...(localPref === undefined ? [] : [`local-pref ${localPref}`]),
    ...(med === undefined ? [] : [`MED ${med}`]),
    `from ${route.from}`,
    ...(route.decidedBy ? [`(${route.decidedBy})`] : []),
  ];
  return `${colours.green('+')}${routeFlags(route)} ${prefix}  ${printable(parts.join('  '))}`;
}

type OtherEvent = Exclude<WatchEvent, { type: 'route' | 'peer-state' }>;

function eventWords(event: OtherEvent): string {
  switch (event.type) {
    case 'peer-added':
    case 'peer-removed':
      return `${event.peer}${event.dynamic ? '  dynamic' : ''}`;
    case 'notification-sent':
    case 'notification-received':
      return `${event.peer}  ${event.code}/${event.subcode} ${event.text}${event.data ? `  data ${event.data}` : ''}`;
    case 'malformed-update':
      return `${event.peer}  ${event.action}: ${event.detail}  bytes ${event.bytes}`;
    case 'max-prefixes':
      return `${event.peer}  ${event.family} ${event.count} of at most ${event.limit}: ${event.action}`;
    case 'end-of-rib':
      return `${event.peer}  ${event.family} ${event.direction}`;
    case 'stale-routes':
      return `${event.peer}  ${event.family} ${event.count} ${event.phase}`;
    case 'connection-refused':
      return `${event.remote}  ${event.reason}`;
    case 'route-limit':
      return `${event.count} routes of at most ${event.limit}: more are dropped`;
    case 'fib-failure':
      return `${event.prefix ?? 'routes of the kernel'}  ${event.reason}`;
    case 'instance-added':
    case 'instance-removed':
    case 'instance-up':
    case 'instance-down':
      return event.reason ?? '';
    case 'overflow':
      return `events were lost: ${event.detail}`;
    case 'configuration':
      return event.summary;
    case 'internal-error':
      return `${event.peer ?? '-'}  ${event.detail}`;
    default:
      // A newer daemon may know more kinds of events than we do.
      return JSON.stringify(event);
  }
}
