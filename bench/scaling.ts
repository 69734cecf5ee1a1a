/** `npm run bench -- --scaling`: the cost of more prefixes and of more clients, which is to grow no faster than they do. */
import { onCrowdStage, told } from './crowd-stage.ts';
import { runScenario } from './play.ts';
import type { Measured, RunOptions, RunResult } from './result.ts';
import { scenarios } from './scenarios.ts';

const usualPrefixes = 1_000_000;

/** `options.prefixes` scales all of it: a million is the whole ladder. */
export function ladder(options: RunOptions): readonly Measured[] {
  const share = (prefixes: number): number =>
    Math.max(1000, Math.round((prefixes * options.prefixes) / usualPrefixes));
  return [
    ...[100_000, 300_000, 1_000_000, 3_000_000].map(share).map(tableOf),
    ...[1, 10, 100, 1000].map((clients) => crowdOf(clients, share(100_000))),
  ];
}

function tableOf(prefixes: number): Measured {
  const name = `${prefixes} prefixes`;
  const fanout1 = scenarios[0];
  return {
    name,
    run: (daemon, options) => runScenario(daemon, { ...fanout1, name }, { ...options, prefixes }),
  };
}

function crowdOf(clients: number, prefixes: number): Measured {
  const name = `${clients} clients`;
  return { name, run: (daemon, options) => runClients(daemon, { name, clients }, { ...options, prefixes }) };
}

function runClients(
  daemon: string,
  { name, clients }: { readonly name: string; readonly clients: number },
  options: RunOptions,
): Promise<RunResult> {
  const { prefixes, seed, timeoutSeconds } = options;
  const play = {
    scenario: name,
    clients,
    claims: [{ peer: 0, seed, first: 0, end: prefixes }],
    announced: 1,
  };
  return onCrowdStage(daemon, play, options, async (stage) => {
    const { seconds, delivered, updates, streams, cpuSeconds } = await told(stage, {
      expected: [0],
      timeoutSeconds,
      act: async () => {
        stage.sender.tell({ type: 'say', says: [0] });
        return (await stage.sender.answer('sent-first-byte', 10)).at;
      },
    });
    return {
      seconds,
      delivered,
      prefixesPerSecond: Math.round(delivered / seconds),
      prefixesPerUpdate: delivered / Math.max(1, updates),
      streams,
      cpuSeconds,
    };
  });
}
