/** Two of our own sessions, wired to each other, always end up Established on exactly one connection. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ipv4Unicast } from '../../src/net/family.ts';
import type { SessionSettings } from '../../src/session/contract.ts';
import { settingsWith } from './session-fixture.ts';
import { TwoSpeakers } from './two-speakers.ts';

const gracefulRestart = { restartTimeSeconds: 120, notification: true, families: [ipv4Unicast] };

const situation = fc.record({
  seed: fc.integer(),
  /** How much later the right side starts, in milliseconds. */
  lead: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20_000 })),
  slowest: fc.oneof(fc.constant(1), fc.constant(30), fc.integer({ min: 1, max: 800 })),
  delayOpenLeft: fc.constantFrom(0, 0, 1, 3),
  delayOpenRight: fc.constantFrom(0, 0, 1, 3),
  passive: fc.constantFrom('neither', 'neither', 'left', 'right'),
  largerId: fc.constantFrom('left', 'right', 'equal'),
  restart: fc.boolean(),
});

type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

function build(s: Situation): TwoSpeakers {
  const common: Partial<SessionSettings> = { gracefulRestart: s.restart ? gracefulRestart : undefined };
  return new TwoSpeakers({
    seed: s.seed,
    delay: [s.slowest / 10, s.slowest],
    left: settingsWith({ ...common, delayOpenSeconds: s.delayOpenLeft, passive: s.passive === 'left' }),
    right: {
      delayOpenSeconds: s.delayOpenRight,
      passive: s.passive === 'right',
      routerId: { left: 0x09000001, right: 0x0b000001, equal: 0x0a000001 }[s.largerId],
    },
  });
}

describe('two speakers', () => {
  test('come up on one connection, whoever starts first', () => {
    fc.assert(
      fc.property(situation, (s) => {
        const world = build(s);
        world.start(world.left, 0);
        world.start(world.right, s.lead);
        expect(world.run(90_000, () => world.settled)).toBe(true);
        // And stay so: nothing that lingers takes the session down.
        const ups = world.sides.map((side) => side.ups);
        world.run(world.now + 400_000, () => false);
        expect(world.settled).toBe(true);
        expect(world.sides.map((side) => side.ups)).toEqual(ups);
      }),
      { numRuns: 1500 },
    );
  });

  test('come up again after every loss of the connection', () => {
    fc.assert(
      fc.property(situation, fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 6 }), (s, losses) => {
        const world = build(s);
        world.start(world.left, 0);
        world.start(world.right, s.lead);
        for (const wait of losses) {
          world.run(world.now + wait, () => false);
          world.breakConnection(world.left);
        }
        expect(world.run(world.now + 600_000, () => world.settled)).toBe(true);
        for (const side of world.sides) expect(side.ups).toBe(side.downs + 1);
      }),
      { numRuns: 300 },
    );
  });

  test('a simultaneous open never costs both connections', () => {
    fc.assert(
      fc.property(situation, (s) => {
        const world = build({ ...s, lead: s.lead % 2_000 });
        world.start(world.left, 0);
        world.start(world.right, s.lead % 2_000);
        world.run(60_000, () => false);
        // One end may see the first connection Established for a moment before the peer's choice reaches it.
        expect(world.left.downs + world.right.downs).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1500 },
    );
  });
});
