/** Several runs of `ip` by one shell: what each said, how each ended, whatever they were given. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runTogether } from '../../../src/runtime/kernel/ip-together.ts';

/** Says what it was given; an argument of `fail` ends it with 3. */
const fake = `#!/bin/sh
printf '%s|' "$@"
cat
for word in "$@"; do if [ "$word" = fail ]; then echo "it failed" >&2; exit 3; fi; done
`;

let directory: string;
const path = process.env.PATH;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heliograph-ip-'));
  writeFileSync(join(directory, 'ip'), fake, { mode: 0o755 });
  process.env.PATH = `${directory}${delimiter}/usr/bin${delimiter}/bin`;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(directory, { recursive: true });
});

it('gives each its arguments, its input and its own answer', async () => {
  const ends = await runTogether([
    { namespace: undefined, args: ['-j', "it's", '$HOME', 'a  b'] },
    {
      namespace: 'gw1+pool-1+contoso',
      args: ['-batch', '-'],
      input: 'link set dev lo up\n$(reboot) `x` \\\n',
    },
    { namespace: undefined, args: ['fail'] },
    { namespace: undefined, args: ['-batch'], input: 'no line end' },
  ]);
  expect(ends).toEqual([
    { code: 0, stdout: "-j|it's|$HOME|a  b|", stderr: '', problem: undefined },
    {
      code: 0,
      stdout: '-n|gw1+pool-1+contoso|-batch|-|link set dev lo up\n$(reboot) `x` \\\n',
      stderr: '',
      problem: undefined,
    },
    { code: 3, stdout: 'fail|', stderr: 'it failed\n', problem: undefined },
    { code: 0, stdout: '-batch|no line end\n', stderr: '', problem: undefined },
  ]);
});

it('takes an answer that ends with a number, and a hundred runs', async () => {
  const requests = Array.from({ length: 100 }, (_, at) => ({
    namespace: undefined,
    args: [],
    input: `${at}`,
  }));
  const ends = await runTogether(requests);
  expect(ends.map(({ stdout }) => stdout)).toEqual(requests.map(({ input }) => `|${input}\n`));
  expect(await runTogether([])).toEqual([]);
});

it('says of each that there is no such program', async () => {
  rmSync(join(directory, 'ip'));
  process.env.PATH = directory;
  const ends = await runTogether([
    { namespace: undefined, args: ['a'] },
    { namespace: undefined, args: ['b'] },
  ]);
  const problem = 'there is no ip (iproute2 is not installed)';
  expect(ends.map((end) => end.problem)).toEqual([problem, problem]);
});
