/** Key files: what is a key, what is refused in which words, and that no word ever holds a key. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KeyRing, keyFileProblem, readKeyFile } from '../../src/runtime/md5-keys.ts';

const directory = mkdtempSync(join(tmpdir(), 'hg-keys-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;

function file(content: string | Buffer, mode = 0o600): string {
  const path = join(directory, `key-${files++}`);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const text = (key: Uint8Array): string => Buffer.from(key).toString('latin1');

describe('a key file', () => {
  it.each([
    ['a line', 'secret\n', 'secret'],
    ['a line of another system', 'secret\r\n', 'secret'],
    ['no end of line', 'secret', 'secret'],
    ['blanks, which count', ' a b \n', ' a b '],
    ['80 octets', `${'x'.repeat(80)}\n`, 'x'.repeat(80)],
    ['octets that are no text', Buffer.from([1, 0, 255, 10]), '\u0001\u0000\u00ff'],
  ])('with %s', (_title, content, key) => {
    expect(text(readKeyFile(file(content)))).toBe(key);
  });

  it.each([0o600, 0o400, 0o640, 0o660])('with mode %o is closed enough', (mode) => {
    expect(keyFileProblem(file('secret', mode))).toBeUndefined();
  });

  it.each([
    ['empty', '', 0o600, 'is empty'],
    ['an empty line', '\n', 0o600, 'is empty'],
    ['two lines', 'secret-a\nsecret-b\n', 0o600, 'has more than one line'],
    ['81 octets', 'secret--x'.repeat(9), 0o600, 'holds more than 80 octets, the most a key may have'],
    ['a book', 'secret'.repeat(1000), 0o600, 'holds 6000 octets, and a key has 80 at most'],
    [
      'world-readable',
      'secret',
      0o644,
      'is open to everybody (mode 0644): chmod 0600 it, and change the key',
    ],
    [
      'world-writable',
      'secret',
      0o602,
      'is open to everybody (mode 0602): chmod 0600 it, and change the key',
    ],
  ])('that is %s is refused', (_title, content, mode, words) => {
    const path = file(content, mode);
    expect(keyFileProblem(path)).toBe(`md5 key file ${path} ${words}`);
  });

  it('that is missing, a directory or a pipe is refused, without waiting', () => {
    const missing = join(directory, 'none');
    expect(keyFileProblem(missing)).toBe(`md5 key file ${missing} does not exist`);
    const folder = join(directory, 'folder');
    mkdirSync(folder);
    expect(keyFileProblem(folder)).toBe(`md5 key file ${folder} is not a file`);
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    expect(keyFileProblem(pipe)).toBe(`md5 key file ${pipe} is not a file`);
  });

  it('leaves no descriptor open', () => {
    const descriptors = () =>
      execFileSync('ls', [`/proc/${process.pid}/fd`], { encoding: 'utf8' }).split('\n').length;
    const bad = file('', 0o644);
    keyFileProblem(bad);
    const before = descriptors();
    for (let i = 0; i < 50; i++) keyFileProblem(bad);
    // The process opens some for itself meanwhile; a leak is one a time.
    expect(descriptors() - before).toBeLessThan(50);
  });
});

describe('KeyRing', () => {
  it('keeps what it read when the file changes, and reads what it does not have', () => {
    const [kept, other] = [file('first'), file('other')];
    const ring = new KeyRing([kept, kept]);
    writeFileSync(kept, 'second');
    expect([kept, other].map((path) => text(ring.key(path) ?? new Uint8Array()))).toEqual(['first', 'other']);
    expect(ring.key(undefined)).toBeUndefined();
  });

  it('is not made when one file is bad', () => {
    expect(() => new KeyRing([file('good'), file('')])).toThrow(/is empty$/);
  });
});
