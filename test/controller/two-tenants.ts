/**
 * The reference's example: pool A (25 Gbit/s, N=1) of three gateways; Contoso with a connection on each of two of them
 * and a site behind each, Woodgrove beside it with the same site address.
 */
import { connection, gateway, peer, pool, put, tenant } from './builders.ts';
import { World } from './world.ts';

export function twoTenants(): World {
  const world = new World();
  world.write(
    put('pools', pool('a')),
    put('gateways', gateway('a1', 'a', 1), gateway('a2', 'a', 2), gateway('a3', 'a', 3)),
  );
  world.run(8000);
  world.write(put('tenants', tenant('contoso', ['a']), tenant('woodgrove', ['a'])));
  world.write(put('connections', connection('contoso-1', 'contoso', 4_000_000)));
  world.write(
    put('connections', connection('woodgrove-1', 'woodgrove', 2_000_000, { remoteAddress: '192.0.2.2' })),
  );
  world.write(
    put('connections', connection('contoso-2', 'contoso', 2_500_000, { remoteAddress: '192.0.2.3' })),
  );
  world.write(
    put(
      'peers',
      peer('contoso-p1', 'contoso', '10.10.0.1', 'contoso-1'),
      peer('contoso-p2', 'contoso', '10.20.0.1', 'contoso-2'),
      peer('woodgrove-p1', 'woodgrove', '10.10.0.1', 'woodgrove-1'),
    ),
  );
  return world;
}
