/** What an operator is told about policies: which one decided, and which of its terms. */
import { expect, it } from 'vitest';
import type { PolicyDefinition } from '../../src/policy/definition.ts';
import { Bench, RawPeer } from '../simulation/raw-peer.ts';
import { client, internalRoutes, scene } from '../simulation/scenes.ts';
import { prefix } from '../support/settings.ts';

const within = (text: string) => [{ prefix: prefix(text), minLength: 0, maxLength: 32 }];

const other = { accept: 'reject', reject: 'accept' } as const;

const policy = (name: string, verdict: 'accept' | 'reject'): PolicyDefinition => ({
  name,
  terms: (['10.1.0.0/16', '10.2.0.0/16'] as const).map((text, i) => ({
    ...{ name: ['inside', 'outside'][i] as string, match: { prefixes: within(text) }, set: {} },
    ...verdictOf(i === 0 ? verdict : other[verdict]),
  })),
  default: 'reject',
});

function verdictOf(verdict: 'accept' | 'reject'): Pick<PolicyDefinition['terms'][number], 'then'> {
  return Object.fromEntries([['then', verdict]]) as Pick<PolicyDefinition['terms'][number], 'then'>;
}

it('names the policy and the term that decided, for import and for export', () => {
  const bench = new Bench(
    scene(
      [
        client('10.0.0.2', { importPolicy: 'in' }),
        client('10.0.0.3', { exportPolicy: 'out' }),
        client('10.0.0.4'),
      ],
      { policies: [policy('in', 'reject'), policy('out', 'reject')] },
    ),
  );
  const bad = new RawPeer(bench, '10.0.0.2');
  const good = new RawPeer(bench, '10.0.0.4');
  new RawPeer(bench, '10.0.0.3');
  const all = ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'];
  bad.update(internalRoutes(all));
  good.update(internalRoutes(all, { med: 3 }));
  bench.settle();
  const told = (text: string) => {
    const { candidates, advertised } = bench.management.explain(text, undefined);
    return [
      candidates.find(({ route }) => route.from === '10.0.0.2')?.reason,
      advertised.find(({ peer }) => peer === '10.0.0.3')?.reason,
      advertised.find(({ peer }) => peer === '10.0.0.2')?.reason,
    ];
  };
  expect(told('10.1.0.0/16')).toEqual([
    'rejected by import policy in, term inside',
    'rejected by export policy out, term inside',
    'reflected: client -> client',
  ]);
  expect(told('10.2.0.0/16')[1]).toBe('reflected: client -> client, export policy out, term outside');
  expect(told('10.3.0.0/16').slice(0, 2)).toEqual([
    'rejected by import policy in, its default',
    'rejected by export policy out, its default',
  ]);
});
