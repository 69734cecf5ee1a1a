/** A rehearsal that plays nothing would compile nothing, and nobody would notice. */
import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../src/config/configuration.ts';
import { loadConfig } from '../../src/config/load.ts';
import { rehearsalConfig, rehearseInQuietTime } from '../../src/rehearsal.ts';
import type { Log } from '../../src/runtime/logging.ts';
import { rehearse } from '../../src/speaker/rehearsal.ts';
import { RehearsalTable } from '../../src/speaker/rehearsal-table.ts';

const [settings] = configOf(rehearsalConfig).instances;
const options = { settings, updates: 200, single: 60 };

function configOf(text: string): Configuration {
  const loaded = loadConfig(text, 'rehearsal');
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => problem.text).join());
  return loaded.config;
}

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

  it('has all peers up, also the one that came late', () => {
    expect(sessions).toBe(8);
  });

  it('makes the speaker tell the others', () => {
    const said = Array.from({ length: options.updates }, (_, n) =>
      new RehearsalTable(options.updates).announcement(n, 0),
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

describe('the daemon', () => {
  const said: [string, object][] = [];
  const say = (facts: object, text: string) => said.push([text, facts]);
  const log = { debug: say, error: say } as unknown as Log;

  it('rehearses to the end while it is quiet, and says that it did', async () => {
    said.length = 0;
    await rehearseInQuietTime(
      () => true,
      () => performance.now(),
      log,
    );
    expect(said).toEqual([['rehearsed', expect.objectContaining({ sessions: 8, routes: 0, errors: [] })]]);
  });

  it.each([
    ['gives way to peers', () => false, () => 0, 'no time to rehearse'],
    [
      'survives a rehearsal that breaks',
      () => true,
      brokenClock(),
      'the rehearsal failed: first routes are slower, nothing else',
    ],
  ])('%s', async (_, isQuiet, now, text) => {
    said.length = 0;
    await rehearseInQuietTime(isQuiet, now, log);
    expect(said.map(([message]) => message)).toEqual([text]);
  });
});

/** Tells the time once. */
function brokenClock(): () => number {
  let asked = 0;
  return () => {
    if (asked++ > 0) throw new Error('no time');
    return 0;
  };
}
