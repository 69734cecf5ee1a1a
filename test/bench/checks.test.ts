/** Can the checks of the benchmark fail? Each fault is put into a good stream of a reflector and has to be found. */
import { describe, expect, it } from 'vitest';
import { makeAnnouncement, makePrefixTable, makeWithdrawal } from '../../bench/full-table.ts';
import { Member, Stream } from '../../bench/shared-stream.ts';
import { Verifier } from '../../bench/verifier.ts';

const prefixes = makePrefixTable(2000, 1);
const claims = [1, 2].map((seed) => makeAnnouncement(prefixes, { seed, first: 0, end: prefixes.count }));
const originator = 0x0afe0001;

/** As a reflector passes UPDATEs on: ORIGINATOR_ID and CLUSTER_LIST behind the other attributes. */
function reflected(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt16BE(at + 16)) {
    const frame = bytes.subarray(at, at + bytes.readUInt16BE(at + 16));
    const end = 23 + frame.readUInt16BE(21);
    const added = Buffer.from([0x80, 9, 4, 10, 254, 0, 1, 0x80, 10, 4, 10, 0, 0, 1]);
    const out = Buffer.concat([frame.subarray(0, end), added, frame.subarray(end)]);
    out.writeUInt16BE(out.length, 16);
    out.writeUInt16BE(end - 23 + added.length, 21);
    frames.push(out);
  }
  return frames;
}

const heard = claims.map((said) => ({ first: 0, end: prefixes.count, said, originatorId: originator }));
const good = (): Buffer[] => reflected(claims[0].bytes);

function verified(frames: readonly Buffer[], expected: readonly number[]): Verifier {
  const verifier = new Verifier(prefixes, heard);
  verifier.expect(expected);
  const bytes = Buffer.concat(frames);
  verifier.advance(bytes, bytes.length);
  return verifier;
}

describe('what a peer received', () => {
  it('is complete with the last byte of the last route, and not before', () => {
    const frames = good();
    const { completeAt, wrong, delivered, updates } = verified(frames, [0]);
    expect({ completeAt, wrong, delivered, updates }).toEqual({
      completeAt: frames.reduce((sum, { length }) => sum + length, 0),
      wrong: undefined,
      delivered: prefixes.count,
      updates: frames.length,
    });
    expect(verified(frames.slice(1), [0]).completeAt).toBeUndefined();
  });

  it('is checked in slices, so that KEEPALIVEs are sent in between', () => {
    const bytes = Buffer.concat(good());
    const verifier = new Verifier(prefixes, heard);
    verifier.expect([0]);
    let slices = 1;
    let before = verifier.updates;
    for (let more = true; more; slices++) {
      more = verifier.advance(bytes, bytes.length, 1000);
      // The smallest UPDATE has more than 40 octets.
      expect(verifier.updates - before).toBeLessThanOrEqual(1000 / 40);
      before = verifier.updates;
    }
    expect(slices).toBeGreaterThan(bytes.length / 4096);
    expect(verifier.completeAt).toBe(bytes.length);
  });

  it('is not complete with the routes of another claim, or with one withdrawn', () => {
    expect(verified(good(), [1])).toMatchObject({ completeAt: undefined, wrong: undefined });
    expect(verified([...good(), makeWithdrawal(prefixes, 7, 8)], [0])).toMatchObject({
      completeAt: undefined,
      wrong: undefined,
    });
    expect(verified([...good(), makeWithdrawal(prefixes, 0, prefixes.count)], []).missing).toBe(0);
  });

  it.each<[string, number, (frame: Buffer) => void]>([
    ['another AS in the path', 0, (frame) => frame.writeUInt8(frame[34] ^ 1, 34)],
    [
      'another next hop',
      0,
      (frame) =>
        frame.writeUInt8(frame[frame.indexOf('400304', 'hex') + 3] ^ 1, frame.indexOf('400304', 'hex') + 3),
    ],
    ['another ORIGINATOR_ID', 0, (frame) => frame.writeUInt8(11, frame.indexOf('800904', 'hex') + 3)],
    ['another prefix', 3, (frame) => frame.writeUInt8(frame[frame.length - 1] ^ 0x80, frame.length - 1)],
  ])('%s is found', (_, n, breakIt) => {
    const frames = good();
    breakIt(frames[n]);
    const { wrong, completeAt } = verified(frames, [0]);
    expect(wrong).toBeDefined();
    expect(completeAt).toBeUndefined();
  });
});

describe('a crowd', () => {
  function crowd(size: number): { readonly streams: Stream[]; readonly members: readonly Member[] } {
    const streams: Stream[] = [];
    const open = (): Stream => {
      const verifier = new Verifier(prefixes, heard);
      verifier.expect([0]);
      streams.push(new Stream(1 << 10, verifier));
      return streams[streams.length - 1];
    };
    const first = open();
    const fork = (from: Stream, end: number): Stream => {
      const stream = open();
      stream.append(from.bytes.subarray(0, end));
      return stream;
    };
    return { streams, members: Array.from({ length: size }, () => new Member(first, fork)) };
  }

  /** In chunks of 700 octets, clients taking turns. */
  function feed(members: readonly Member[], bytes: readonly Buffer[]): void {
    for (let at = 0; bytes.some(({ length }) => at < length); at += 700)
      for (const [n, member] of members.entries())
        if (at < bytes[n].length) member.add(bytes[n].subarray(at, at + 700));
  }

  it('that is told the same has one stream; each is complete when it has all of it', () => {
    const { streams, members } = crowd(3);
    const bytes = Buffer.concat(good());
    feed(members, [bytes, bytes, bytes.subarray(0, bytes.length - 1)]);
    expect(streams.map((stream) => stream.check())).toEqual([bytes.length]);
    expect(members.map((member) => member.isComplete)).toEqual([true, true, false]);
  });

  it('member that is told it in another order has a stream of its own, which is checked', () => {
    const { streams, members } = crowd(2);
    const [one, two, ...rest] = good();
    feed(members, [Buffer.concat([one, two, ...rest]), Buffer.concat([two, one, ...rest])]);
    for (const stream of streams) stream.check();
    expect(streams).toHaveLength(2);
    expect(members.map((member) => member.isComplete)).toEqual([true, true]);
  });

  it('member that is told something wrong is found', () => {
    const { streams, members } = crowd(2);
    const bytes = Buffer.concat(good());
    const broken = Buffer.from(bytes);
    broken[34] ^= 1;
    feed(members, [bytes, broken]);
    for (const stream of streams) stream.check();
    expect(streams.filter(({ verifier }) => verifier.wrong !== undefined)).toHaveLength(1);
    expect(members.map((member) => member.isComplete)).toEqual([true, false]);
  });
});
