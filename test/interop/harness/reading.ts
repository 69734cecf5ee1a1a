/** Questions every daemon of a lab answers in the same shape, and waiting for their answers. */
import { isDeepStrictEqual } from 'node:util';
import { eventually } from './eventually.ts';
import type { SeenPeer, SeenRoute } from './seen-route.ts';

export interface Speaker {
  peers(): Promise<readonly SeenPeer[]>;
  /** Every path to exactly this prefix. */
  routes(prefix: string): Promise<readonly SeenRoute[]>;
}

/** Waits until the only paths to `expected`'s prefix are these. */
export async function sees(
  who: Speaker,
  prefix: string,
  expected: readonly SeenRoute[],
  within = 20_000,
): Promise<void> {
  await eventually(
    `paths to ${prefix} are as expected`,
    async () => {
      const seen = await who.routes(prefix);
      if (isDeepStrictEqual(seen, expected)) return true;
      throw new Error(`expected ${JSON.stringify(expected)}\nseen ${JSON.stringify(seen)}`);
    },
    { within },
  );
}

/** Waits until there is no path to it. */
export const lacks = (who: Speaker, prefix: string, within?: number): Promise<void> =>
  sees(who, prefix, [], within);

/** Waits for one path to be there and returns it. */
export async function theRoute(who: Speaker, prefix: string, within = 20_000): Promise<SeenRoute> {
  return await eventually(
    `one path to ${prefix}`,
    async () => {
      const seen = await who.routes(prefix);
      if (seen.length === 1) return seen[0];
      throw new Error(`seen ${JSON.stringify(seen)}`);
    },
    { within },
  );
}

/** Waits until all sessions of `who` are up. */
export async function isUp(who: Speaker, within = 30_000): Promise<void> {
  await eventually(
    'every session is established',
    async () => {
      const peers = await who.peers();
      const down = peers.filter((peer) => !peer.isEstablished).map((peer) => peer.address);
      if (peers.length > 0 && down.length === 0) return true;
      throw new Error(`down: ${down.join(', ') || 'there are no peers'}`);
    },
    { within, every: 200 },
  );
}
