/**
 * `npm run demo:tenants`: two tenants whose networks have the same addresses, each with a site on FRR and one on BIRD,
 * served by one heliod. Shows their RIBs and kernel routes, pings from site to site, and checks that nothing crossed.
 */
import { eventually, insist } from '../../test/interop/harness/eventually.ts';
import { missing } from '../../test/interop/harness/requirements.ts';
import {
  echoesSeen,
  expectedRoutes,
  kernelRoutes,
  osloHost,
  siteAddresses,
  type TenantNetwork,
  type TenantWorld,
  tenantWorld,
} from '../../test/interop/harness/tenant-world.ts';
import { bold, onceOf, play, say, show } from './present.ts';

const picture = `
  contoso     berlin (FRR)   10.0.1.2 ──┐                  ┌── 10.0.1.2   berlin (FRR)     woodgrove
              192.168.1.0/24            ├─ heliod,         ┤              192.168.1.0/24
              172.16.1.0/24             │  AS 65000,       │              172.16.2.0/24
              oslo (BIRD)    10.0.2.2 ──┘  10.0.1.1 twice  └── 10.0.2.2   oslo (BIRD)
              192.168.2.0/24                                              192.168.2.0/24`;

/** Waits until both tenants have exactly what they should have; throws with what differs. */
async function settled({ tenants }: TenantWorld): Promise<void> {
  await Promise.all(
    tenants.map((tenant) =>
      eventually(`${tenant.name}'s kernel has its routes and no others`, async () => {
        const [found, wanted] = [await kernelRoutes(tenant.gate), expectedRoutes(tenant)];
        insist(found.join() === wanted.join(), `it has ${found.join(', ')}`);
        return true;
      }),
    ),
  );
}

/** Both sites of each tenant have what is theirs; the other tenant's own prefix is nowhere. */
async function checkSites({ tenants }: TenantWorld): Promise<void> {
  for (const tenant of tenants) {
    const others = tenants.filter((other) => other !== tenant);
    await eventually(`${tenant.name}'s sites have each other's routes`, async () => {
      insist((await tenant.bird.routes(tenant.own)).length === 1, `oslo lacks ${tenant.own}`);
      insist((await tenant.frr.routes('192.168.2.0/24')).length === 1, 'berlin lacks 192.168.2.0/24');
      return true;
    });
    for (const { own } of others) {
      insist((await tenant.bird.routes(own)).length === 0, `${own} crossed to ${tenant.name}'s oslo`);
      insist((await tenant.frr.routes(own)).length === 0, `${own} crossed to ${tenant.name}'s berlin`);
    }
  }
}

/** From berlin's LAN to oslo's; the kernels of both oslos say who answered. */
async function ping(from: TenantNetwork, other: TenantNetwork): Promise<string> {
  const before = await Promise.all([echoesSeen(from.oslo), echoesSeen(other.oslo)]);
  const text = await from.berlin.output('ping', ['-c', '3', '-i', '0.2', '-I', '192.168.1.1', osloHost]);
  const after = await Promise.all([echoesSeen(from.oslo), echoesSeen(other.oslo)]);
  const [own, foreign] = after.map((count, at) => count - before[at]);
  insist(own === 3 && foreign === 0, `${from.name}'s oslo saw ${own} requests, ${other.name}'s ${foreign}`);
  return `${text.trim()}\n${from.name}'s oslo answered ${own} requests, ${other.name}'s oslo ${foreign}`;
}

async function present(world: TenantWorld): Promise<void> {
  const { heliod, tenants } = world;
  const [contoso, woodgrove] = tenants;
  say(bold('Two tenants, the same addresses, one heliod'));
  say(picture);
  await settled(world);
  await checkSites(world);
  const ctl = (title: string, ...words: string[]) =>
    show({ title, command: `helioctl ${words.join(' ')}`, run: () => heliod.helioctl(...words) });
  await ctl('The routing instances', 'tenants');
  for (const { name, gate, own } of tenants) {
    say(`\n${bold(`── ${name} ──`)}`);
    await ctl(`The sessions of ${name}`, '--tenant', name, 'peers');
    await ctl(`Its Loc-RIB: ${own} is its alone`, '--tenant', name, 'routes');
    await ctl('What heliod put into the kernel of its namespace', '--tenant', name, 'fib');
    const command = 'ip route show proto bgp';
    await show({
      title: 'The same, as the kernel says it',
      command,
      run: () => gate.output('ip', command.split(' ').slice(1)),
    });
  }
  for (const [from, other] of [
    [contoso, woodgrove],
    [woodgrove, contoso],
  ] as const) {
    await show({
      title: `${from.name}: from berlin's LAN to oslo's, through these routes`,
      command: `ping -c 3 -I 192.168.1.1 ${osloHost}`,
      run: () => ping(from, other),
    });
  }
  await show({
    title: `woodgrove asks for ${contoso.own}, which only contoso has`,
    command: `helioctl --tenant woodgrove routes ${contoso.own}`,
    run: async () => {
      const { code, stdout, stderr } = await heliod.ctl('--tenant', 'woodgrove', 'routes', contoso.own);
      insist(code === 3, `woodgrove has it: ${stdout}`);
      return stderr;
    },
  });
}

function invite({ heliod, tenants }: TenantWorld): void {
  const [{ gate, berlin }] = tenants;
  const tries = [
    `export HELIOD_SOCKET=${heliod.socket}`,
    `node bin/helioctl.js --tenant contoso peers ${siteAddresses[0]}`,
    `node bin/helioctl.js --tenant woodgrove explain 192.168.1.0/24`,
    `node bin/helioctl.js config diff ${heliod.file}     # take a tenant out first, then: config reload`,
    `nsenter --net=/run/netns/${gate.namespace} ip route`,
    `nsenter --net=/run/netns/${berlin.namespace} ping -I 192.168.1.1 ${osloHost}`,
  ];
  say(`\n${bold('It stays up. To try from another terminal, in this directory:')}`);
  for (const line of tries) say(`  ${line}`);
  say(`\n${bold('Ctrl-C ends it and removes everything.')}`);
}

async function main(args: readonly string[]): Promise<number> {
  const once = onceOf(args, 'demo:tenants');
  if (once === undefined) return 2;
  const reason = missing(['frr', 'bird', 'ping']);
  if (reason) {
    process.stderr.write(`demo:tenants wants FRR, BIRD, ping and network namespaces: ${reason}\n`);
    return 1;
  }
  const verdict = 'Every route is where it belongs, and nowhere else.';
  return play({ build: tenantWorld, present, verdict, once, invite });
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`demo:tenants: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
