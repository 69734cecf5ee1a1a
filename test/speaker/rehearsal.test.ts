/** A rehearsal that plays nothing would compile nothing, and nobody would notice. */
import { describe, expect, it } from 'vitest';
import { rehearse } from '../../src/speaker/rehearsal.ts';
import { RehearsalTable } from '../../src/speaker/rehearsal-table.ts';

const options = { updates: 200, single: 60 };

function played() {
  let now = 0;
  const steps = rehearse(() => now++, options);
  for (let count = 1; ; count++) {
    const { done, value } = steps.next();
    if (done) return { ...value, steps: count };
  }
}

describe('the rehearsal', () => {
  const { heard, sentOctets, sessions, routes, errors, steps } = played();

  it('says everything to a speaker that understands it', () => {
    expect(errors).toEqual([]);
    // By two speakers: four tables, a change, a farewell, each with End-of-RIB; by one the single prefixes, said and taken back.
    expect(heard).toBe(2 * 6 * (options.updates + 1) + 2 * options.single);
  });

  it('has all peers up, also the one that left and came back', () => {
    expect(sessions).toBe(8);
  });

  it('makes the speaker tell the others', () => {
    const said = Array.from({ length: options.updates }, (_, n) =>
      new RehearsalTable(options).announcement(n, 0),
    );
    const octets = said.reduce((sum, bytes) => sum + bytes.length, 0);
    // Three peers of each speaker hear the first table, and all that comes after it.
    expect(sentOctets).toBeGreaterThan(10 * octets);
  });

  it('leaves no route behind', () => {
    expect(routes).toBe(0);
  });

  it('takes a breath often', () => {
    expect(steps).toBeGreaterThan(20);
  });
});
