import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Framer } from '../../src/wire/framer.ts';
import { keepaliveBytes } from '../../src/wire/keepalive.ts';
import { hex, marker, message, thrown } from './support/messages.ts';

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Whole messages, copied, as the naive way would cut them. */
function collect(framer: Framer, chunk: Uint8Array, into: Uint8Array[]): void {
  framer.push(chunk, (bytes, start, end, type) => {
    expect(type).toBe(bytes[start + 18]);
    into.push(bytes.slice(start, end));
  });
}

function pushed(bytes: Uint8Array, maxMessage = 4096): string {
  const framer = new Framer();
  framer.maxMessage = maxMessage;
  return thrown(() => framer.push(bytes, () => {}));
}

const header = (length: string, type: string) => hex(marker + length + type + '00'.repeat(20));

describe('header errors (RFC 4271 §6.1, RFC 8654)', () => {
  it.each([
    ['last marker octet', hex(`${'ff'.repeat(15)}fe001304`), 4096, '1/1'],
    ['marker of zeros', hex(`${'00'.repeat(16)}001d01`), 4096, '1/1'],
    ['marker and length wrong', hex(`${'00'.repeat(16)}000001`), 4096, '1/1'],
    ['length 18', header('0012', '04'), 4096, '1/2 0012'],
    ['length 0', header('0000', '04'), 4096, '1/2 0000'],
    ['UPDATE of 4097', header('1001', '02'), 4096, '1/2 1001'],
    ['OPEN of 28', header('001c', '01'), 4096, '1/2 001c'],
    ['UPDATE of 22', header('0016', '02'), 4096, '1/2 0016'],
    ['UPDATE of 19', header('0013', '02'), 4096, '1/2 0013'],
    ['KEEPALIVE of 20', header('0014', '04'), 4096, '1/2 0014'],
    ['NOTIFICATION of 20', header('0014', '03'), 4096, '1/2 0014'],
    ['type 0', header('0013', '00'), 4096, '1/3 00'],
    ['type 6', header('0013', '06'), 4096, '1/3 06'],
    ['type 255', header('0013', 'ff'), 4096, '1/3 ff'],
    ['bad type and bad length', header('0012', 'ff'), 4096, '1/2 0012'],
    ['OPEN of 4097 where extended', header('1001', '01'), 65535, '1/2 1001'],
    ['KEEPALIVE of 4097 where extended', header('1001', '04'), 65535, '1/2 1001'],
    ['UPDATE of 65535 where extended', header('ffff', '02'), 65535, 'nothing thrown'],
    ['UPDATE of 4096', header('1000', '02'), 4096, 'nothing thrown'],
  ])('%s', (_name, bytes, maxMessage, expected) => {
    expect(pushed(bytes, maxMessage)).toBe(expected);
    // The same when the header comes octet by octet.
    const framer = new Framer();
    framer.maxMessage = maxMessage;
    const slow = () => {
      for (const octet of bytes) framer.push(Uint8Array.of(octet), () => {});
    };
    expect(thrown(slow)).toBe(expected);
  });

  it('delivers what came before the bad message, then nothing more', () => {
    const framer = new Framer();
    const messages: Uint8Array[] = [];
    const bad = header('0012', '04');
    expect(thrown(() => collect(framer, concat([keepaliveBytes, keepaliveBytes, bad]), messages))).toBe(
      '1/2 0012',
    );
    expect(messages).toHaveLength(2);
    collect(framer, keepaliveBytes, messages);
    expect(messages).toHaveLength(2);
    expect(framer.stopped).toBe(true);
  });
});

describe('Framer', () => {
  const anyMessage = fc.oneof(
    fc.constant(keepaliveBytes),
    fc
      .uint8Array({ minLength: 4, maxLength: 300 })
      .map((body) => message(2, Buffer.from(body).toString('hex'))),
    fc
      .uint8Array({ minLength: 2, maxLength: 20 })
      .map((body) => message(3, Buffer.from(body).toString('hex'))),
  );

  it('cuts any stream into the same messages however it was chunked', () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 12 }), fc.array(fc.nat(4000)), (messages, cuts) => {
        const stream = concat(messages);
        const edges = [
          0,
          ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b),
          stream.length,
        ];
        const framer = new Framer();
        const got: Uint8Array[] = [];
        for (let i = 1; i < edges.length; i++) collect(framer, stream.slice(edges[i - 1], edges[i]), got);
        expect(got).toEqual(messages);
        expect(framer.pendingBytes()).toHaveLength(0);
      }),
      { numRuns: 500 },
    );
  });

  it('does not copy a message that lies in the chunk', () => {
    const chunk = concat([keepaliveBytes, keepaliveBytes]);
    const seen: unknown[] = [];
    new Framer().push(chunk, (bytes, start, end) => seen.push([bytes === chunk, start, end]));
    expect(seen).toEqual([
      [true, 0, 19],
      [true, 19, 38],
    ]);
  });

  it('shows the beginning of a message, which a new framer can go on with', () => {
    const whole = message(2, '00000000');
    for (let cut = 1; cut < whole.length; cut++) {
      const first = new Framer();
      first.push(concat([keepaliveBytes, whole.slice(0, cut)]), () => {});
      expect(first.pendingBytes()).toEqual(whole.slice(0, cut));
      const second = new Framer();
      const got: Uint8Array[] = [];
      collect(second, first.pendingBytes(), got);
      collect(second, whole.slice(cut), got);
      expect(got).toEqual([whole]);
    }
  });

  it('stops when the handler says so', () => {
    const framer = new Framer();
    let count = 0;
    framer.push(concat([keepaliveBytes, keepaliveBytes, keepaliveBytes.slice(0, 5)]), () => {
      count++;
      framer.stop();
    });
    expect(count).toBe(1);
    expect(framer.pendingBytes()).toHaveLength(0);
  });

  it('stops when the handler throws, and passes the error on', () => {
    const framer = new Framer();
    const push = () =>
      framer.push(keepaliveBytes, () => {
        throw new TypeError('from the handler');
      });
    expect(push).toThrow(TypeError);
    expect(push).not.toThrow();
  });

  it('honours a limit that changed inside the handler', () => {
    const framer = new Framer();
    const types: number[] = [];
    framer.push(concat([keepaliveBytes, message(2, '00'.repeat(5000))]), (_bytes, _start, _end, type) => {
      types.push(type);
      framer.maxMessage = 65535;
    });
    expect(types).toEqual([4, 2]);
  });

  it('keeps a large message that comes in many chunks', () => {
    const framer = new Framer();
    framer.maxMessage = 65535;
    const whole = message(2, `00000000${'ab'.repeat(60000)}`);
    const got: Uint8Array[] = [];
    for (let at = 0; at < whole.length; at += 1460) collect(framer, whole.slice(at, at + 1460), got);
    expect(got).toEqual([whole]);
  });
});
