/**
 * `npm run demo`: a route reflector with two clients, shown from its own command line and from the clients' side. It
 * stays up for a look around until Ctrl-C; with --once it ends by itself, with 0 when every route was where it belongs.
 */
import { once } from 'node:events';
import { eventually } from '../../test/interop/harness/eventually.ts';
import { missing } from '../../test/interop/harness/requirements.ts';
import { loopbackWorld } from './loopback.ts';
import { namespaceWorld } from './namespaces.ts';
import { contested, type Example, onlyFromFirst, type World } from './world.ts';

const isTerminal = process.stdout.isTTY === true && !process.env.NO_COLOR;
const paint = (code: number, text: string): string => (isTerminal ? `\x1b[${code}m${text}\x1b[0m` : text);
const say = (text = ''): void => void process.stdout.write(`${text}\n`);

function show(title: string, command: string, text: string): void {
  say(`\n${paint(1, title)}`);
  say(paint(36, `$ ${command}`));
  say(text.trimEnd().replace(/^/gm, '  '));
}

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
  say(paint(1, 'A route reflector and its clients'));
  for (const line of world.picture) say(`  ${line}`);
  await world.reflector.established(world.clients);
  await eventually('every client has the routes of the other', world.check);
  for (const { title, command, run } of [...pages(world), ...world.farSides]) {
    show(title, command, await run());
  }
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
  say(`\n${paint(1, 'It stays up. To try from another terminal, in this directory:')}`);
  for (const line of [`export HELIOD_SOCKET=${reflector.socket}`, ...tries, ...hints]) say(`  ${line}`);
  say(`\n${paint(1, 'Ctrl-C ends it and removes everything.')}`);
}

async function main(args: readonly string[]): Promise<number> {
  if (args.some((word) => word !== '--once')) {
    process.stderr.write('usage: npm run demo [-- --once]\n');
    return 2;
  }
  const reason = missing(['frr', 'bird']);
  if (reason) say(`Without FRR and BIRD (${reason}): Heliograph's own speakers on loopback instead.\n`);
  process.on('SIGINT', () => undefined); // a second Ctrl-C must not stop the cleaning up
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const world = await (reason ? loopbackWorld() : namespaceWorld());
  try {
    const wasInterrupted = await Promise.race([
      present(world).then(() => false),
      interrupted.then(() => true),
    ]);
    if (wasInterrupted) return 130;
    if (args.includes('--once')) {
      say(`\n${paint(32, 'Every route is where it belongs.')}`);
      return 0;
    }
    invite(world);
    await interrupted;
    return 0;
  } catch (error) {
    process.stderr.write(
      `${world.logs()}\n\ndemo: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  } finally {
    await world.close();
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
