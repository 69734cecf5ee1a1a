/** What is asked of the C library, and of which mappings; nothing where there is none to ask. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { limitAllocator, releaseStart, unchangedOf } from '../../src/runtime/native/allocator.ts';
import type { Libc } from '../../src/runtime/native/libc.ts';

/** One mapping of proc_pid_smaps(5), of which so many kB are no longer the file's. */
const mapping = (line: string, anonymous = 0) =>
  [
    line,
    'Rss:                 428 kB',
    `Anonymous:     ${`${anonymous}`.padStart(9)} kB`,
    'AnonHugePages:         0 kB',
    'VmFlags: rd mr mw me sd',
    '',
  ].join('\n');

const smaps = [
  mapping('00400000-00b6f000 r--p 00000000 fe:00 260689                             /usr/bin/node'),
  mapping('00b72000-025fe000 r-xp 00772000 fe:00 260689                             /usr/bin/node'),
  mapping('0563a000-0563e000 r--p 05239000 fe:00 260689                             /usr/bin/node', 8),
  mapping('05640000-05660000 rw-p 0523f000 fe:00 260689                             /usr/bin/node'),
  mapping('0defe000-0e4c6000 rw-p 00000000 00:00 0                                  [heap]', 4096),
  mapping('7f0f5e7c3000-7f0f5e7ff000 rwxp 00000000 00:00 0 ', 12),
  mapping('7f3e4fe40000-7f3e4ffd2000 r-xp 014c4000 fe:00 260689                     /usr/bin/node'),
  mapping('7f9b59644000-7f9b5979a000 r-xp 00026000 fe:00 339380                     /usr/lib/libc.so.6'),
  mapping('7ffff0000000-7ffff0001000 r-xp 00000000 fe:00 12                         /opt/my node/bin/node'),
].join('');

describe('what of a file is mapped as it is', () => {
  it.each([
    ['/usr/bin/node', [0x400000n, 0xb72000n, 0x7f3e4fe40000n], [0x76f000, 0x25fe000 - 0xb72000, 0x192000]],
    ['/opt/my node/bin/node', [0x7ffff0000000n], [0x1000]],
    ['/usr/bin/nod', [], []],
  ])('%s: neither what may be written nor what was', (file, starts, lengths) => {
    const found = unchangedOf(file, smaps);
    expect(found.map(({ start }) => start)).toEqual(starts);
    expect(found.map(({ octets }) => octets)).toEqual(lengths);
  });

  it('is found in this very process, and given back without harm', () => {
    expect(unchangedOf(process.execPath, readFileSync('/proc/self/smaps', 'latin1'))).not.toEqual([]);
    expect(releaseStart).not.toThrow();
  });
});

test('arrays of 64 KiB and more are mapped by themselves, and freed room goes back', () => {
  const asked: unknown[] = [];
  const libc = { mallopt: (parameter: number, value: number) => asked.push([parameter, value]) };
  limitAllocator({ ok: true, libc: libc as unknown as Libc });
  // mallopt(3): M_MMAP_THRESHOLD -3, M_TRIM_THRESHOLD -1, M_TOP_PAD -2.
  expect(asked).toEqual([-3, -1, -2].map((parameter) => [parameter, 65536]));
});

test.each([
  ['no koffi', { ok: false, problem: 'koffi is missing' }],
  ['another C library', { ok: true, libc: { madvise: () => 0 } as unknown as Libc }],
] as const)('%s: nothing is asked, and nothing fails', (_, loaded) => {
  expect(() => limitAllocator(loaded)).not.toThrow();
  expect(() => releaseStart(loaded)).not.toThrow();
});
