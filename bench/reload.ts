/**
 * The export policy of all clients changes while the table is in place: a tenth of the routes carries a community that
 * the new policy makes less preferred. How long until every client holds the new routes, and how many were sent.
 */
import { onCrowdStage, told } from './crowd-stage.ts';
import { lessPreferredAs } from './daemons.ts';
import type { Measured, RunOptions, RunResult } from './result.ts';
import { clock } from './session.ts';

const clients = 100;
const mark = 65000 * 65536 + 99;
const [before, after] = ['65000:98', '65000:99'];

export const reload: Measured & { readonly what: string } = {
  name: 'reload',
  what: `the policy towards ${clients} clients changes for a tenth of the table`,
  daemons: ['heliod', 'bird'],
  run: runReload,
};

function runReload(daemon: string, options: RunOptions): Promise<RunResult> {
  const { prefixes, seed, timeoutSeconds } = options;
  const changed = prefixes - Math.floor(prefixes / 10);
  const marked = { peer: 0, seed: seed + 1, first: changed, end: prefixes, mark };
  const claims = [
    { peer: 0, seed, first: 0, end: changed },
    marked,
    { ...marked, localPref: lessPreferredAs },
  ];
  const play = { scenario: reload.name, clients, claims, announced: 2, network: { lessPreferred: before } };
  return onCrowdStage(daemon, play, options, async (stage) => {
    const sayAll = async (): Promise<number> => {
      stage.sender.tell({ type: 'say', says: [0, 1] });
      return (await stage.sender.answer('sent-first-byte', 10)).at;
    };
    await told(stage, { expected: [0, 1], timeoutSeconds, act: sayAll });
    const changePolicy = async (): Promise<number> => {
      const began = clock();
      stage.daemon.reload({ ...stage.network, lessPreferred: after });
      return began;
    };
    const { updates, ...result } = await told(stage, { expected: [0, 2], timeoutSeconds, act: changePolicy });
    return {
      ...result,
      prefixesPerUpdate: result.delivered / Math.max(1, updates),
      deliveredPerChange: result.delivered / ((prefixes - changed) * clients),
    };
  });
}
