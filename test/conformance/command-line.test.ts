/** What the command line takes and refuses, and the words it has for that. */
import { describe, expect, it } from 'vitest';
import { chosen } from '../../conformance/cli/select.ts';
import { parse } from '../../conformance/cli/settings.ts';
import { targets } from '../../conformance/targets/index.ts';
import { obstacleTo } from '../../conformance/targets/obstacle.ts';

const choose = (...words: readonly string[]) => chosen(parse(words)).map(({ name }) => name);

describe('the choice of cases', () => {
  it('takes ids with all their variants, globs and standards, and what answers to every option', () => {
    expect(choose('--case', 'RFC4271-6.1-01')).toEqual(['RFC4271-6.1-01']);
    expect(choose('--case', 'RFC4271-6.1-12')).toHaveLength(3);
    expect(choose('--rfc', 'RFC5082', '--level', 'may')).toEqual(['RFC5082-3-03']);
    const both = choose('--rfc', '5082', '--rfc', '2385');
    expect(both).toEqual([...choose('--rfc', '5082'), ...choose('--rfc', '2385')].sort(byOrder(both)));
  });

  it('divides a run into fast and slow cases', () => {
    const count = (...words: readonly string[]) => choose('--rfc', '4271', ...words).length;
    expect(count('--slow')).toBeGreaterThan(0);
    expect(count('--fast') + count('--slow')).toBe(count());
  });

  it.each([
    [['--case', 'RFC4271-6.1-99'], 'no case RFC4271-6.1-99; "helio-conformance list --rows" names them'],
    [['--case', 'RFC4271-9.2-01'], 'is judged on every message of a whole run'],
    [['--case', 'RFC5925-Z-01'], 'is a row of the catalogue that is not built'],
    [['--rfc', '99'], 'no case of RFC 99; there are cases of 4271, '],
    [['--rfc', '5082', '--level', 'SHOULD'], 'no case answers to all of these options together'],
  ])('refuses %s', (words, message) => {
    expect(() => choose(...words)).toThrow(message);
  });
});

describe('options of run', () => {
  it.each([
    [['--level', 'MUSTY'], 'no level MUSTY; levels: MUST, SHOULD, MAY, RECORD, ROBUST'],
    [['--workers', '0'], '--workers wants a number from 1 to 64, not 0'],
    [['--workers', 'many'], '--workers wants a number from 1 to 64, not many'],
    [['--seed', '1.5'], '--seed wants a number'],
    [['--port', '70000'], '--port wants a number from 1 to 65535, not 70000'],
    [['--fast', '--slow'], '--fast and --slow exclude each other'],
    [['--bogus'], "Unknown option '--bogus'"],
    [['stray'], "Unexpected argument 'stray'"],
  ])('%s are refused', (words, message) => {
    expect(() => parse(words)).toThrow(message);
  });

  it('patience may be a fraction', () => {
    expect(parse(['--patience', '2.5']).patience).toBe('2.5');
  });
});

describe('a target', () => {
  const { heliod } = targets;
  const with_ = (changes: object) => obstacleTo({ ...(heliod as NonNullable<typeof heliod>), ...changes });

  it('that cannot be started here at all is named, with the reason', async () => {
    expect(await with_({ version: () => Promise.resolve('unknown') })).toBe(
      'heliod is not installed on this machine',
    );
    expect(await with_({ obstacle: () => 'only root can start it' })).toBe('heliod: only root can start it');
    expect(await with_({ version: () => Promise.resolve('1') })).toBeUndefined();
  });
});

const byOrder = (order: readonly string[]) => (a: string, b: string) => order.indexOf(a) - order.indexOf(b);
