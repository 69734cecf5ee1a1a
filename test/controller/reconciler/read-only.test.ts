/** F41: the disk of the store is full. */
import { expect, it } from 'vitest';
import { Reconciler } from '../../../src/controller/reconciler/reconciler.ts';
import { emptySnapshot } from '../../../src/controller/snapshot.ts';
import { openLogStore } from '../../../src/controller/store/log-store.ts';
import { gateway, pool, put, system } from '../builders.ts';
import { FaultyFiles } from '../store/faulty-files.ts';
import { settle, VirtualClock } from './simulation.ts';

it('F41: when nothing can be stored, leases are renewed and nothing is moved', async () => {
  const files = new FaultyFiles();
  const initial = emptySnapshot(system);
  const store = await openLogStore({ files, initial, onWarning: expect.fail });
  const clock = new VirtualClock();
  const errors: string[] = [];
  const onProblem = (problem: unknown) => expect.fail(String(problem));
  const onError = ({ message }: Error) => void errors.push(message);
  const reconciler = new Reconciler({ store, clock, onViolation: onProblem, onError });
  reconciler.start();
  await reconciler.write(() => [...put('pools', pool('pool')), ...put('gateways', gateway('a1', 'pool', 1))]);
  clock.advance(1000);
  await settle();
  files.fault = { message: 'ENOSPC: no space left on device', afterOctets: 3 };
  const refused = await reconciler.write(() => put('gateways', gateway('a2', 'pool', 2)));
  expect(refused).toMatchObject({ ok: false, reason: 'ReadOnly' });
  expect(errors[0]).toContain('ENOSPC');
  const { revision } = store.snapshot;
  const report = { gateway: 'a1', incarnation: 1, from: 'agent', appliedRevision: 0, held: [] } as const;
  for (let sequence = 1; sequence <= 30; sequence++) {
    const outcome = await reconciler.report({ ...report, sequence, tenants: [], tunnelsUp: [] });
    expect(outcome).toMatchObject({ type: 'answer', answer: { leaseMs: 4000, revision } });
    clock.advance(1000);
    await settle();
  }
  expect([errors.length, store.snapshot.revision]).toEqual([1, revision]);
  await reconciler.stop();
});
