/** Rules of a RoutePolicy are judged by heliod's own reader, before they are stored. */
import { describe, expect, it } from 'vitest';
import { ruleProblems } from '../../src/controllerd/rule-check.ts';

describe('rules of a policy', () => {
  it('takes all that heliod takes', () => {
    const rules = [
      { match: { prefixes: ['10.0.0.0/8 orlonger', '::/0'] }, action: 'deny' },
      { match: { communities: ['65000:1'], asPath: ['^65009+$'] }, action: 'allow', set: { localPref: 50 } },
      { match: {}, action: 'allow', set: { addCommunities: ['no-export'], med: 'none' } },
    ] as const;
    expect(ruleProblems(rules)).toEqual([]);
    expect(ruleProblems([])).toEqual([]);
  });

  it.each([
    [{ prefixes: ['10.0.0.1/8'] }, undefined, [0, 'match', 'prefixes', 0], /host bits/],
    [{ asPath: ['['] }, undefined, [0, 'match', 'asPath', 0], /./],
    [{ prefix: ['10.0.0.0/8'] }, undefined, [0, 'match', 'prefix'], /did you mean "prefixes"/],
    [{}, { localPref: -1 }, [0, 'set', 'localPref'], /0/],
    [{}, { communities: 'no-export' }, [0, 'set', 'communities'], /./],
  ])('says where %j, %j is wrong', (match, set, path, words) => {
    const [problem, ...others] = ruleProblems([{ match, action: 'allow', ...(set ? { set } : {}) }]);
    expect(others).toEqual([]);
    expect(problem?.path).toEqual(path);
    expect(problem?.message).toMatch(words);
  });
});
