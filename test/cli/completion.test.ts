import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { helioctl } from './fake-daemon.ts';

let directory: string;
let script: string;

/** A stand-in on PATH: what it is asked goes to a file, and it knows three peers. */
const standIn = `#!/bin/sh
echo "$@" >> "$(dirname "$0")/asked"
printf '10.0.0.2\\n10.0.0.3\\n2001:db8::2\\n'
`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'helioctl-'));
  script = join(directory, 'completion.bash');
  await writeFile(script, (await helioctl(['completion', 'bash'])).out);
  await writeFile(join(directory, 'helioctl'), standIn);
  await chmod(join(directory, 'helioctl'), 0o755);
  await writeFile(join(directory, 'heliod.yaml'), '');
});

afterAll(() => rm(directory, { recursive: true }));

/** What bash would offer at the end of this line. */
async function complete(line: string): Promise<string[]> {
  const program = `
    source "$1"; COMP_LINE="$2"; COMP_POINT=\${#COMP_LINE}
    COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
    _helioctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const bash = spawn('bash', ['--norc', '-c', program, 'bash', script, line], {
    cwd: directory,
    env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
  });
  let out = '';
  let err = '';
  bash.stdout.on('data', (chunk) => (out += chunk));
  bash.stderr.on('data', (chunk) => (err += chunk));
  await new Promise((resolve) => bash.on('close', resolve));
  expect(err).toBe('');
  return out.split('\n').filter((word) => word !== '');
}

const peers = ['10.0.0.2', '10.0.0.3', '2001:db8::2'];

test.each([
  {
    line: 'helioctl ',
    offers: 'status peers routes explain fib bmp watch networks tenants config controller completion'.split(
      ' ',
    ),
  },
  { line: 'helioctl p', offers: ['peers'] },
  { line: 'helioctl peers r', offers: ['reset'] },
  { line: 'helioctl peers reset ', offers: peers },
  { line: 'helioctl peers reset 10.0.0.3', offers: ['10.0.0.3'] },
  { line: 'helioctl peers reset 10.0.0.3 ', offers: [] },
  { line: 'helioctl -o json peers soft-', offers: ['soft-in', 'soft-out'] },
  { line: 'helioctl -o ', offers: ['table', 'wide', 'json', 'ndjson'] },
  { line: 'helioctl peers -o w', offers: ['wide'] },
  { line: 'helioctl routes --view adj', offers: ['adj-in', 'adj-out'] },
  { line: 'helioctl routes --peer 10', offers: ['10.0.0.2', '10.0.0.3'] },
  { line: 'helioctl routes --l', offers: ['--longer', '--lpm', '--limit'] },
  { line: 'helioctl networks remove ', offers: [] },
  { line: 'helioctl config check hel', offers: ['helioctl', 'heliod.yaml'] },
  { line: 'helioctl --socket peers config ', offers: ['check', 'diff', 'reload', 'show', 'schema'] },
  { line: 'helioctl nonsense ', offers: [] },
])('bash completes "$line"', async ({ line, offers }) => {
  expect((await complete(line)).sort()).toEqual([...offers].sort());
});

test('peers are offered beside the subcommands, IPv6 without the part that bash has split off', async () => {
  expect(await complete('helioctl peers ')).toEqual(expect.arrayContaining(['reset', ...peers]));
  expect(await complete('helioctl peers 2001:db8::')).toEqual(['2']);
});

test('the daemon asked is the one that the line names', async () => {
  await rm(join(directory, 'asked'), { force: true });
  await complete('helioctl --socket /other.sock peers reset ');
  const { readFile } = await import('node:fs/promises');
  expect(await readFile(join(directory, 'asked'), 'utf8')).toBe(
    '--socket /other.sock --timeout 1s __peers\n',
  );
});

test.each(['zsh', 'fish'])('the script for %s names every command and option', async (shell) => {
  const { code, out } = await helioctl(['completion', shell]);
  expect(code).toBe(0);
  for (const word of ['soft-out', 'origin-as', 'exit-code', 'loc-rib', 'ndjson', 'snapshot', '__peers']) {
    expect(out).toContain(word);
  }
});
