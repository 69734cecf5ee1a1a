import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/runtime/arguments.ts';

const parse = (line: string) => parseArguments(line.split(' ').filter(Boolean), '1.2.3');

describe('the command line', () => {
  it.each([
    ['--config a.yaml', { type: 'run', config: 'a.yaml', logLevel: undefined }],
    ['-c a.yaml --log-level debug', { type: 'run', config: 'a.yaml', logLevel: 'debug' }],
    ['--check --config=a.yaml', { type: 'check', config: 'a.yaml', logLevel: undefined }],
  ])('%s', (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });

  it.each([
    ['', 'stderr', 2, '--config FILE is missing'],
    ['--config', 'stderr', 2, '--config'],
    ['--config a.yaml b.yaml', 'stderr', 2, 'b.yaml'],
    ['--config a.yaml --chekc', 'stderr', 2, '--chekc'],
    ['--config a.yaml --log-level loud', 'stderr', 2, 'one of trace, debug'],
    ['--version', 'stdout', 0, 'heliod 1.2.3'],
    ['--help', 'stdout', 0, 'usage: heliod'],
  ])('"%s" prints to %s and exits %i', (line, stream, code, text) => {
    expect(parse(line)).toMatchObject({ type: 'exit', stream, code, text: expect.stringContaining(text) });
  });
});
