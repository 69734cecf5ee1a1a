/**
 * `npm run demo`: a route reflector with two clients, shown from its own command line and from the clients' side. It
 * stays up for a look around until Ctrl-C; with --once it ends by itself, with 0 when every route was where it belongs.
 */
import { eventually } from '../../test/interop/harness/eventually.ts';
import { missing } from '../../test/interop/harness/requirements.ts';
import { loopbackWorld } from './loopback.ts';
import { namespaceWorld } from './namespaces.ts';
import { bold, onceOf, play, say, show } from './present.ts';
import { contested, type Example, onlyFromFirst, type World } from './world.ts';

/** What an operator would look at first. */
function pages({ reflector, clients }: World): readonly Example[] {
  const page = (title: string, ...words: string[]): Example => ({
    title,
    command: `helioctl ${words.join(' ')}`,
    run: () => reflector.helioctl(...words),
  });
  return [
    page('The sessions of the reflector', 'peers'),
    page('Its Loc-RIB', 'routes'),
    page(`What it sent to ${clients[1]}`, 'routes', '--view', 'adj-out', '--peer', clients[1]),
    page('Two clients announce this prefix: why is one path best, and who got it?', 'explain', contested),
  ];
}

async function present(world: World): Promise<void> {
  say(bold('A route reflector and its clients'));
  for (const line of world.picture) say(`  ${line}`);
  await world.reflector.established(world.clients);
  await eventually('every client has the routes of the other', world.check);
  for (const example of [...pages(world), ...world.farSides]) await show(example);
}

function invite({ reflector, clients, hints }: World): void {
  const tries = [
    'node bin/helioctl.js status',
    `node bin/helioctl.js peers ${clients[0]}`,
    `node bin/helioctl.js explain ${onlyFromFirst}`,
    'node bin/helioctl.js networks add 100.64.0.0/24 --next-hop 10.0.0.1',
    `node bin/helioctl.js peers reset ${clients[0]} --reason "just to see"`,
    'node bin/helioctl.js watch events',
    `node bin/helioctl.js config diff ${reflector.file}     # edit it first, then: config reload`,
  ];
  say(`\n${bold('It stays up. To try from another terminal, in this directory:')}`);
  for (const line of [`export HELIOD_SOCKET=${reflector.socket}`, ...tries, ...hints]) say(`  ${line}`);
  say(`\n${bold('Ctrl-C ends it and removes everything.')}`);
}

async function main(args: readonly string[]): Promise<number> {
  const once = onceOf(args, 'demo');
  if (once === undefined) return 2;
  const reason = missing(['frr', 'bird']);
  if (reason) say(`Without FRR and BIRD (${reason}): Heliograph's own speakers on loopback instead.\n`);
  const build = reason ? loopbackWorld : namespaceWorld;
  return play({ build, present, verdict: 'Every route is where it belongs.', once, invite });
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
