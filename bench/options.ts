/** The command line of the benchmark. */
import { parseArgs } from 'node:util';
import { daemonKinds } from './daemons.ts';
import { reload } from './reload.ts';
import type { RunOptions } from './result.ts';
import { scenarios } from './scenarios.ts';
import { stream } from './stream.ts';

const latency = {
  name: 'latency',
  what: 'one prefix from socket to socket, alone and beside 20,000 changes per second',
};
const known = [...scenarios, reload, stream, latency];

export const usage = `usage: npm run bench -- [--scenario NAME,...] [--against NAME,...] [--reps 3] [--prefixes 1000000] [--quick]
                        [--seed 1] [--timeout 120] [--json FILE] [--svg FILE]
       npm run bench -- --scaling [--against NAME,...] [--reps 3] [--prefixes 1000000] [--json FILE]
       npm run bench -- --micro [--prefixes 100000] [--json FILE]
scenarios (default: all):
${known.map(({ name, what }) => `  ${name.padEnd(14)} ${what}`).join('\n')}
against: ${Object.keys(daemonKinds)
  .filter((name) => name !== 'heliod')
  .join(', ')}
--quick is one run of 20,000 prefixes each; --svg draws heliod's times by those of the first daemon it is against.
--scaling is one client with 100,000 to 3,000,000 prefixes, and 1 to 1000 clients with 100,000; --prefixes scales it all.
--micro measures decoding, interning, decision, policy and packing alone, in this process.
`;

export interface Options extends RunOptions {
  readonly scenarios: readonly string[];
  readonly daemons: readonly string[];
  readonly reps: number;
  readonly json: string | undefined;
  readonly svg: string | undefined;
  readonly mode: 'scenarios' | 'scaling' | 'micro';
}

/** Throws with what is wrong. */
export function options(): Options {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', multiple: true, default: [] },
      against: { type: 'string', multiple: true, default: [] },
      reps: { type: 'string' },
      prefixes: { type: 'string' },
      seed: { type: 'string', default: '1' },
      timeout: { type: 'string', default: '120' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      svg: { type: 'string' },
      scaling: { type: 'boolean', default: false },
      micro: { type: 'boolean', default: false },
    },
  });
  const words = (given: readonly string[]): readonly string[] => given.flatMap((text) => text.split(','));
  const chosen = words(values.scenario);
  const against = words(values.against);
  const unknown =
    chosen.find((name) => !known.some((one) => one.name === name)) ??
    against.find((name) => !(name in daemonKinds));
  if (unknown !== undefined) throw new Error(`there is no ${unknown}`);
  return {
    scenarios: chosen.length > 0 ? chosen : known.map(({ name }) => name),
    daemons: [...new Set(['heliod', ...against])],
    reps: number(values.reps ?? (values.quick ? '1' : '3'), 'reps'),
    prefixes: number(values.prefixes ?? usualPrefixes(values), 'prefixes'),
    seed: number(values.seed, 'seed'),
    timeoutSeconds: number(values.timeout, 'timeout'),
    json: values.json,
    svg: values.svg,
    mode: values.micro ? 'micro' : values.scaling ? 'scaling' : 'scenarios',
  };
}

function usualPrefixes({ quick, micro }: { readonly quick: boolean; readonly micro: boolean }): string {
  if (quick) return '20000';
  return micro ? '100000' : '1000000';
}

function number(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} wants a whole number, not ${text}`);
  return value;
}
