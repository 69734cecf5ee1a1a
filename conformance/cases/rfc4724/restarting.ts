// RFC 4724 §4.1: the target restarts itself, and its neighbours have kept its routes.

import type { Bench } from '../../engine/bench.ts';
import type { Case } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { again, endOfRib4, endOfRib6, gracefulRestartCode, withRestart } from './restart.ts';

/** How long nothing may be told: many times what the route took before the restart. */
const HELD_MS = 2500;
/** The profile chooses routes 10 s after a restart at the latest. */
const DEFERRAL_MS = 15_000;

async function restarts(t: Bench): Promise<void> {
  const e1 = await t.peer('e1', withRestart());
  const e2 = await t.peer('e2', withRestart());
  for (const peer of [e1, e2]) peer.send(endOfRib4, endOfRib6);
  const px = t.prefix();
  await t.seed(px, e1, [e2]);
  await t.restart();
  const observer = await again(t, 'e2', e2, withRestart());
  const source = await again(t, 'e1', e1, withRestart());
  const capability = source.remoteOpen?.capabilities.find((c) => c.code === gracefulRestartCode);
  const [head = 0] = t.must(capability, 'capability 64', 'none').value;
  t.check((head & 0x80) !== 0, 'R set in the OPEN after a restart', `first octet ${head.toString(16)}`);
  source.announce(px);
  observer.send(endOfRib4, endOfRib6);
  await t.pause(HELD_MS);
  t.check(observer.up && source.up, 'the sessions stay up', `${observer.state()}, ${source.state()}`);
  t.absent(px, [observer], 'nothing told before End-of-RIB of all');
  source.send(endOfRib4, endOfRib6);
  const began = t.now();
  // Neighbours that never come may be waited for as well.
  const there = await observer.until(() => observer.route(px), DEFERRAL_MS);
  t.check(there !== undefined, 'the route, after End-of-RIB of all', observer.state());
  t.observe(`told ${((t.now() - began) / 1000).toFixed(1)} s after End-of-RIB`);
  const ends = (u: Peer['updates'][number]) => u.withdrawn.length + u.nlri.length + u.attributes.length === 0;
  await observer.until(() => (observer.updates.some(ends) ? true : undefined));
  const told = observer.updates.findIndex((u) => u.nlri.some((n) => n.prefix === px));
  const end = observer.updates.findIndex(ends);
  t.check(end > told, 'End-of-RIB behind the routes', end < 0 ? 'no End-of-RIB' : 'before them');
}

export const restartingCases: readonly Case[] = [
  {
    id: 'RFC4724-4.1-01',
    level: 'MUST',
    profile: 'Pgrst',
    needs: ['graceful-restart'],
    isolated: true,
    seconds: 60,
    title: 'the target is restarted; its neighbours, which are not restarting, come back',
    expected:
      'R in its OPEN; no route told before the last of them has sent End-of-RIB; then the routes and End-of-RIB',
    run: restarts,
  },
];
