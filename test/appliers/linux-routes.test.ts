/** Overlay routes of one tenant as Linux routes: what has to be said to come from what is there to what is wanted. */
import { describe, expect, it } from 'vitest';
import { routeCommands } from '../../src/appliers/linux-routes.ts';
import type { OverlayRoute } from '../../src/controller/resources.ts';

const route = (prefix: string, nextHopPa: string, metric = 0): OverlayRoute => ({
  ...{ name: `contoso ${prefix}`, tenant: 'contoso', prefix, nextHopPa, metric },
  ...{ slot: 'slot-1', epoch: 1, fromRevision: 7 },
});
const said = (routes: readonly OverlayRoute[], family: 4 | 6, shown: readonly object[]) =>
  routeCommands(routes, family, { device: 'eth0', shown: JSON.stringify(shown) })
    .flatMap(({ input = '' }) => input.split('\n'))
    .filter(Boolean);

describe('routes of a host', () => {
  const wanted = [route('10.1.0.0/16', '10.255.0.1'), route('10.2.0.1/32', '10.255.0.2', 5)];

  it('are all said where there are none', () => {
    expect(said(wanted, 4, [])).toEqual([
      'route replace 10.1.0.0/16 metric 0 via 10.255.0.1 dev eth0 onlink proto 190',
      'route replace 10.2.0.1/32 metric 5 via 10.255.0.2 dev eth0 onlink proto 190',
    ]);
  });

  it('are not said again; a host route is shown without its length', () => {
    const shown = [
      { dst: '10.1.0.0/16', gateway: '10.255.0.1', metric: 0 },
      { dst: '10.2.0.1', gateway: '10.255.0.2', metric: 5 },
    ];
    expect(said(wanted, 4, shown)).toEqual([]);
    expect(said(wanted, 6, [])).toEqual([]);
  });

  it('move to another gateway in place, and what is over goes last', () => {
    const shown = [
      { dst: 'default', gateway: '10.255.0.1' },
      { dst: '10.1.0.0/16', gateway: '10.255.0.9' },
      { dst: '10.2.0.1', gateway: '10.255.0.2', metric: 6 },
    ];
    expect(said(wanted, 4, shown)).toEqual([
      'route replace 10.1.0.0/16 metric 0 via 10.255.0.1 dev eth0 onlink proto 190',
      'route replace 10.2.0.1/32 metric 5 via 10.255.0.2 dev eth0 onlink proto 190',
      'route del 0.0.0.0/0 metric 0 proto 190',
      'route del 10.2.0.1/32 metric 6 proto 190',
    ]);
  });

  it('of IPv6 have the metric that the kernel gives them', () => {
    const six = [route('2001:db8::/32', 'fd00::1')];
    expect(said(six, 6, [{ dst: '2001:db8::/32', gateway: 'fd00::1', metric: 1024 }])).toEqual([]);
    expect(said(six, 4, [])).toEqual([]);
  });
});
