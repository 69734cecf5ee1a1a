/** The agent's rules: no lease, no service; what was let go of stays so until it is told anew; nothing is held unsaid. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desired, GatewayWorld, leaseMs, renewMs, tenant } from './gateway-world.ts';

const space = 'g+s1+contoso';

function serving(): GatewayWorld {
  const world = new GatewayWorld();
  world.start();
  world.answer({ desired: desired(5, tenant('s1')) });
  return world;
}

function eventTypes(world: GatewayWorld): readonly string[] {
  return world.events.map(({ type }) => type);
}

describe('the start', () => {
  it('clears what a former daemon left before it says anything', () => {
    const world = new GatewayWorld();
    world.workEnds = false;
    world.kernel.set('g+old+contoso', 50_000);
    world.start();
    expect(world.log).toEqual(['release']);
    expect(world.reports).toEqual([]);
    world.finish();
    expect(world.kernel.size).toBe(0);
    world.workEnds = true;
    world.finish();
    expect(world.reports).toMatchObject([{ from: 'agent', held: [], appliedRevision: 0, tenants: [] }]);
  });

  it('tries again while something cannot be cleared, and is silent until then', () => {
    const world = new GatewayWorld();
    let bad = true;
    world.problems = ({ type }) => (type === 'release' && bad ? [{ space, message: 'busy' }] : []);
    world.start();
    world.pass(3 * renewMs);
    expect(world.reports).toEqual([]);
    expect(world.log.filter((work) => work === 'release').length).toBeGreaterThan(2);
    bad = false;
    world.pass(renewMs);
    expect(world.reports).toHaveLength(1);
  });

  it('serves nothing before an answer', () => {
    const world = new GatewayWorld();
    world.start();
    world.pass(60_000);
    expect(world.serving).toEqual([]);
    expect(new Set(world.log)).toEqual(new Set(['release', 'instances']));
  });
});

describe('the way to what is wanted', () => {
  it('lets go first, opens sockets before addresses, and says what is held', () => {
    const world = serving();
    const own = world.log.slice(world.log.lastIndexOf('instances') + 1);
    expect(own).toEqual([`release ${space}`, `prepare ${space}`, 'instances s1', `serve ${space}`]);
    expect(world.serving).toEqual([space]);
    expect(world.reports.at(-1)).toMatchObject({
      appliedRevision: 5,
      held: [{ slot: 's1', epoch: 1 }],
      tunnelsUp: ['c1'],
    });
  });

  it('reports a slot as held from before its first piece until the last is gone', () => {
    const world = new GatewayWorld();
    world.start();
    world.workEnds = false;
    world.answer({ desired: desired(5, tenant('s1')) });
    world.finish();
    expect(world.log.at(-1)).toBe(`prepare ${space}`);
    expect(world.agent.held).toEqual([{ slot: 's1', epoch: 1 }]);
    world.workEnds = true;
    world.finish();
    world.workEnds = false;
    world.answer({ desired: desired(6) });
    expect(world.log.at(-1)).toBe('release');
    expect(world.agent.held).toEqual([{ slot: 's1', epoch: 1 }]);
    world.finish();
    expect(world.agent.held).toEqual([]);
  });

  it('goes on counting a slot as held that it could not release', () => {
    const world = serving();
    world.problems = ({ type }) => (type === 'release' ? [{ space, message: 'interface is busy' }] : []);
    world.answer({ desired: desired(6) });
    expect(world.agent.held).toEqual([{ slot: 's1', epoch: 1 }]);
    expect(eventTypes(world)).toContain('trouble');
    world.problems = () => [];
    world.pass(renewMs);
    world.answer({ desired: desired(6) });
    expect(world.agent.held).toEqual([]);
  });

  it('does not run through the kernel again for a revision of others', () => {
    const world = serving();
    const before = world.log.length;
    world.pass(renewMs);
    world.answer({ desired: desired(6, tenant('s1')) });
    expect(world.log.slice(before)).toEqual([`renew ${space}`]);
    expect(world.reports.at(-1)).toMatchObject({ appliedRevision: 6, tunnelsUp: ['c1'] });
  });

  it('begins anew when the target changes under way, and never does two things at once', () => {
    const world = new GatewayWorld();
    world.start();
    world.workEnds = false;
    world.answer({ desired: desired(5, tenant('s1')) });
    world.agent.observed();
    world.answer({ desired: desired(6, tenant('s2')) });
    world.workEnds = true;
    world.finish();
    expect(world.serving).toEqual(['g+s2+contoso']);
    expect(world.agent.held).toEqual([{ slot: 's2', epoch: 1 }]);
    expect(world.agent.appliedRevision).toBe(6);
  });

  it('begins anew also when the target changes during a renewal', () => {
    const world = serving();
    world.pass(renewMs);
    world.workEnds = false;
    world.answer({ desired: desired(5, tenant('s1')) });
    expect(world.log.at(-1)).toBe(`renew ${space}`);
    world.agent.observed();
    world.answer({ desired: desired(6, tenant('s2')) });
    world.workEnds = true;
    world.finish();
    expect(world.serving).toEqual(['g+s2+contoso']);
  });

  it('one tenant that cannot be had does not harm the other, and is tried again', () => {
    const world = new GatewayWorld();
    let bad = true;
    const other = 'g+s2+contoso';
    world.problems = ({ type }) =>
      bad && type === 'prepare' ? [{ space, message: 'no such interface' }] : [];
    world.start();
    const both = desired(5, tenant('s1'), tenant('s2', 1, { connections: [] }));
    world.answer({ desired: both });
    expect(world.serving).toContain(other);
    expect(world.reports.at(-1)?.tunnelsUp).toEqual([]);
    bad = false;
    world.pass(renewMs);
    world.answer({ desired: both });
    expect(world.agent.troubles.size).toBe(0);
    expect(world.reports.at(-1)?.tunnelsUp).toEqual(['c1']);
  });
});

describe('the lease', () => {
  it('is renewed with each answer, in whole seconds of what is left', () => {
    const world = serving();
    for (let i = 0; i < 20; i++) {
      world.pass(renewMs);
      world.answer({ desired: desired(5, tenant('s1')) });
      expect(world.serving).toEqual([space]);
      expect(world.kernel.get(space)).toBeLessThanOrEqual(world.agent.leaseEnd);
    }
  });

  it('outlives work on other spaces that takes longer', () => {
    const world = serving();
    const both = desired(6, tenant('s1'), tenant('s2'));
    world.pass(renewMs);
    world.workEnds = false;
    world.answer({ desired: both });
    for (let second = 0; second < 10; second++) {
      world.pass(renewMs);
      world.answer({ desired: both });
      expect(world.serving).toEqual([space]);
    }
    world.workEnds = true;
    world.finish();
    expect(world.serving).toEqual([space, 'g+s2+contoso']);
  });

  it('is not renewed for a space that is to go, while it is being let go of', () => {
    const world = serving();
    world.pass(renewMs);
    world.workEnds = false;
    world.answer({ desired: desired(6) });
    for (let second = 0; second < 5; second++) {
      world.pass(renewMs);
      world.answer({ desired: desired(6) });
    }
    expect(world.serving).toEqual([]);
  });

  it('is renewed in the kernel once an interval, however many answers come', () => {
    const world = serving();
    world.pass(renewMs);
    const before = world.log.length;
    for (let times = 0; times < 10; times++) {
      world.agent.observed();
      world.answer({ desired: desired(5, tenant('s1')) });
    }
    expect(world.log.slice(before)).toEqual([`renew ${space}`]);
  });

  it('counts from the sending of the report, not from the answer', () => {
    const world = serving();
    world.pass(renewMs);
    const sentAt = world.clock;
    world.sleep(900);
    world.answer({ desired: desired(5, tenant('s1')) });
    expect(world.agent.leaseEnd).toBe(sentAt + leaseMs);
  });

  it('ends in a fence: everything goes, without being told', () => {
    const world = serving();
    world.pass(leaseMs);
    expect(eventTypes(world)).toContain('fenced');
    expect(world.kernel.size).toBe(0);
    expect(world.agent.held).toEqual([]);
    expect(world.reports.at(-1)).toMatchObject({ held: [] });
  });

  it('is over for a daemon that slept, whatever answer is waiting for it', () => {
    const world = serving();
    world.pass(renewMs);
    const { ticket } = world.sent.at(-1) ?? expect.fail('no report');
    world.sleep(leaseMs + 1);
    expect(world.serving).toEqual([]);
    world.answerTo(ticket, { desired: desired(5, tenant('s1')) });
    expect(world.serving).toEqual([]);
    world.pass(0);
    expect(world.agent.phase).toBe('fenced');
  });

  it('fences before it takes up a lease that comes after the end of the former', () => {
    const world = serving();
    world.pass(renewMs);
    // A report sent late, whose own lease still runs.
    world.sleep(leaseMs - 1500);
    world.agent.observed();
    const { ticket } = world.sent.at(-1) ?? expect.fail('no report');
    world.sleep(1600);
    const before = world.log.length;
    world.answerTo(ticket, { desired: desired(5, tenant('s1')) });
    expect(world.log.slice(before)[0]).toBe('release');
    expect(world.serving).toEqual([space]);
  });

  it('of none: everything goes at once, and the revision counts as applied', () => {
    const world = serving();
    world.pass(renewMs);
    world.answer({ leaseMs: 0, desired: desired(9) });
    expect(world.kernel.size).toBe(0);
    expect(world.reports.at(-1)).toMatchObject({ held: [], appliedRevision: 9 });
  });

  it('comes back with an answer alone', () => {
    const world = serving();
    world.pass(leaseMs + 10_000);
    expect(world.serving).toEqual([]);
    world.answer({ desired: desired(5, tenant('s1')) });
    expect(world.serving).toEqual([space]);
  });
});

describe('answers that do not count', () => {
  it.each([
    ['of a lower term', { term: 1, revision: 7 }, 'refused'],
    ['of a lower revision', { term: 2, revision: 4 }, 'overtaken'],
  ])('%s', (_what, { term, revision }, event) => {
    const world = new GatewayWorld();
    world.start();
    world.answer({ term: 2, desired: desired(5, tenant('s1')) });
    world.pass(renewMs);
    const end = world.agent.leaseEnd;
    world.answer({ term, revision, desired: desired(revision) });
    expect(world.agent.leaseEnd).toBe(end);
    expect(world.serving).toEqual([space]);
    expect(eventTypes(world)).toContain(event);
  });

  it('of a slot with an epoch below one that was seen: it is somebody else’s', () => {
    const world = new GatewayWorld();
    world.start();
    world.answer({ desired: desired(5, tenant('s1', 3)) });
    world.pass(renewMs);
    world.answer({ desired: desired(6, tenant('s1', 2)) });
    expect(world.kernel.size).toBe(0);
    expect(world.agent.held).toEqual([]);
  });

  it('to a report that nobody sent', () => {
    const world = new GatewayWorld();
    world.start();
    world.answerTo(999, { desired: desired(5, tenant('s1')) });
    expect(world.serving).toEqual([]);
  });
});

describe('the end', () => {
  it('lets go of everything, says so, and is silent from then on', () => {
    const world = serving();
    world.agent.stop();
    world.finish();
    expect(world.kernel.size).toBe(0);
    expect(world.reports.at(-1)).toMatchObject({ held: [] });
    expect(eventTypes(world).at(-1)).toBe('released');
    const said = world.reports.length;
    world.pass(60_000);
    world.answer({ desired: desired(6, tenant('s1')) });
    expect(world.reports).toHaveLength(said);
    expect(world.serving).toEqual([]);
  });

  it('waits for what is under way', () => {
    const world = new GatewayWorld();
    world.start();
    world.workEnds = false;
    world.answer({ desired: desired(5, tenant('s1')) });
    world.agent.stop();
    expect(eventTypes(world)).not.toContain('released');
    world.workEnds = true;
    world.finish();
    expect(world.kernel.size).toBe(0);
    expect(eventTypes(world).at(-1)).toBe('released');
  });
});

describe('reports', () => {
  it('follow each other at the pace that the controller asks for, with growing sequence', () => {
    const world = serving();
    const before = world.reports.length;
    for (let i = 0; i < 10; i++) {
      world.pass(500);
      world.answer({ renewMs: 500, desired: desired(5, tenant('s1')) });
    }
    expect(world.reports.length - before).toBeGreaterThanOrEqual(9);
    const sequences = world.reports.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(sequences).size).toBe(sequences.length);
  });

  it('are sent at once when there is something newer, and not for what is known', () => {
    const world = serving();
    const before = world.reports.length;
    world.agent.changed({ term: 1, revision: 5 });
    expect(world.reports).toHaveLength(before);
    world.agent.changed({ term: 1, revision: 6 });
    expect(world.reports).toHaveLength(before + 1);
  });
});

/** What may happen to a gateway, in any order. */
const happening = fc.oneof(
  fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3000 }) }),
  fc.record({ type: fc.constant('sleep' as const), ms: fc.integer({ min: 1, max: 8000 }) }),
  fc.record({
    type: fc.constant('answer' as const),
    slots: fc.uniqueArray(fc.constantFrom('s1', 's2', 's3'), { maxLength: 3 }),
    newer: fc.integer({ min: -2, max: 2 }),
    lease: fc.constantFrom(0, 1500, leaseMs),
    late: fc.integer({ min: 0, max: 5000 }),
  }),
  fc.record({ type: fc.constant('finish' as const), ms: fc.integer({ min: 0, max: 2500 }) }),
  fc.record({ type: fc.constant('trouble' as const), slot: fc.constantFrom('s1', 's2', 's3', '') }),
);

describe('whatever happens', () => {
  it('nothing answers without a lease, and what answers was reported as held', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (story) => {
        const world = new GatewayWorld();
        world.workEnds = false;
        let revision = 5;
        let granted = Number.NEGATIVE_INFINITY;
        const look = () => {
          for (const name of world.serving) {
            expect(world.clock).toBeLessThan(granted);
            const slot = name.split('+')[1];
            expect(world.agent.held.map((held) => held.slot)).toContain(slot);
          }
        };
        world.start();
        for (const step of story) {
          if (step.type === 'pass') world.pass(step.ms);
          if (step.type === 'sleep') world.sleep(step.ms);
          if (step.type === 'finish') world.finish(step.ms);
          if (step.type === 'trouble')
            world.problems = () =>
              step.slot === '' ? [] : [{ space: `g+${step.slot}+contoso`, message: 'no' }];
          if (step.type === 'answer') {
            const last = world.sent.at(-1);
            if (last === undefined) continue;
            world.sleep(step.late);
            revision = Math.max(1, revision + step.newer);
            granted = Math.max(granted, last.at + step.lease);
            world.answer({
              leaseMs: step.lease,
              desired: desired(revision, ...step.slots.map((slot) => tenant(slot))),
            });
          }
          look();
        }
        world.workEnds = true;
        world.problems = () => [];
        world.finish();
        // Told what to hold, it holds that and nothing else.
        world.pass(2 * renewMs);
        world.answer({ desired: desired(1000, tenant('s2')) });
        expect(world.serving).toEqual(['g+s2+contoso']);
        // Left alone, it falls silent.
        world.pass(2 * leaseMs);
        expect(world.serving).toEqual([]);
        expect(world.agent.held).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
