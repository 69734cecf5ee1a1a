/**
 * Whatever the bytes are: a message or a NotificationError, nothing else, and offsets that stay inside.
 * Random octets, random mutations of good messages, and every type with every flag. Seeds are printed on failure.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePathAttributes } from '../../src/wire/attributes/decode-attributes.ts';
import { encodePathAttributes } from '../../src/wire/attributes/encode-attributes.ts';
import { FastWalk } from '../../src/wire/attributes/fast-walk.ts';
import { resetOf, strongestAction } from '../../src/wire/attributes/faults.ts';
import { toTwoOctetAs } from '../../src/wire/attributes/two-octet-as.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { describeCapability } from '../../src/wire/capability.ts';
import { decodeControlMessage } from '../../src/wire/control-message.ts';
import { NotificationError } from '../../src/wire/errors.ts';
import { Framer } from '../../src/wire/framer.ts';
import { MessageType } from '../../src/wire/messages.ts';
import { checkNlriRun } from '../../src/wire/nlri/run.ts';
import { nlriRow } from '../../src/wire/nlri/table.ts';
import { describeNotification } from '../../src/wire/notification.ts';
import { encodeOpen } from '../../src/wire/open.ts';
import { type AttributeContext, type NlriRun, UpdateView } from '../../src/wire/update.ts';
import { decodeUpdate } from '../../src/wire/update-decode.ts';
import {
  external,
  externalOld,
  good,
  internal,
  internalOld,
  mandatory,
  message,
  update,
} from '../wire/support/messages.ts';

const contexts: readonly AttributeContext[] = [
  internal,
  external,
  internalOld,
  externalOld,
  { ...internal, addPathReceive: internal.families, extendedNextHop: internal.families },
  { ...external, families: new Set() },
];

const view = new UpdateView();

function checkRun(run: NlriRun, bytes: Uint8Array): void {
  if (run.family === 0) return;
  const row = nlriRow(run.family);
  expect(row).toBeDefined();
  expect(run.end).toBeLessThanOrEqual(bytes.length);
  if (row) expect(checkNlriRun(bytes, run.start, run.end, row, run.addPath)).toBeGreaterThan(0);
}

/** The canonical form is a fixed point: decoding it again changes nothing. */
function checkCanonical(context: AttributeContext): void {
  const bytes = view.canonical.slice(0, view.canonicalLength);
  const text = toHex(bytes);
  if (strongestAction(view.faults) === undefined || strongestAction(view.faults) === 'attribute-discard') {
    const object = decodePathAttributes(bytes, 0, bytes.length);
    expect(encodePathAttributes(object).length).toBeLessThanOrEqual(bytes.length + 8);
    expect(toTwoOctetAs(bytes).length).toBeLessThanOrEqual(2 * bytes.length + 16);
    if (bytes.length > 60000) return;
    const again = new UpdateView();
    const next = update('', text, '');
    decodeUpdate(again, next, 0, next.length, { ...context, fourOctetAs: true });
    expect(again.faults).toEqual([]);
    expect(toHex(again.canonical, 0, again.canonicalLength)).toBe(text);
  }
}

function checkUpdate(bytes: Uint8Array, start: number, end: number, context: AttributeContext): void {
  decodeUpdate(view, bytes, start, end, context);
  const action = strongestAction(view.faults);
  expect(resetOf(view.faults) !== undefined).toBe(action === 'session-reset');
  for (const fault of view.faults) {
    expect(fault.detail).not.toBe('');
    expect(fault.action === 'disable-family').toBe(fault.family !== undefined);
  }
  if (action === 'session-reset') return;
  for (const run of [view.withdrawn, view.announced, view.mpAnnounced, view.mpWithdrawn])
    checkRun(run, bytes);
  checkCanonical(context);
}

/** Feeds a stream to a framer and every message to its decoder; true when all of it was good. */
function survives(stream: Uint8Array, context: AttributeContext): boolean {
  const framer = new Framer();
  framer.maxMessage = 65535;
  try {
    framer.push(stream, (bytes, start, end, type) => {
      if (type === MessageType.update) {
        checkUpdate(bytes, start, end, context);
        return;
      }
      const decoded = decodeControlMessage(bytes, start, end, type);
      if (decoded.type === 'open') decoded.capabilities.map(describeCapability);
      if (decoded.type === 'notification') describeNotification(decoded.code, decoded.subcode, decoded.data);
    });
    return true;
  } catch (error) {
    if (!(error instanceof NotificationError)) throw error;
    expect(error.code).toBeGreaterThan(0);
    expect(error.message).not.toBe('');
    return false;
  }
}

const samples: readonly Uint8Array[] = [
  update('080a', mandatory, '18c00002 200a280001'),
  update('', `${good.origin}${good.asPathOld}${good.nextHop}${good.localPref}c0110602010000fde9`, '18c00002'),
  update('', `${good.origin}${good.asPath}${good.localPref}${good.mpReach}800f0a 000201 3020010db80001`, ''),
  update(
    '',
    `${mandatory}c00808ffffff01ffffff02 800904 0a000001 800a080a0000010a000002 c010080002fde800000064`,
    '00',
  ),
  update(
    '',
    `${mandatory}c007080000fde90a000001 c0200c000000010000000200000003 c0fa02dead d0fb0102${'ab'.repeat(258)}`,
    '00',
  ),
  update('', '800f03 000201', ''),
  update('', '', ''),
  message(3, '0602046d6f7665'),
  message(5, '00010001'),
  message(4, ''),
  encodeOpen({
    type: 'open',
    version: 4,
    myAs: 65000,
    holdTimeSeconds: 90,
    bgpIdentifier: 1,
    capabilities: [
      { type: 'multiprotocol', family: 257 as never },
      {
        type: 'graceful-restart',
        restarting: false,
        notification: true,
        restartTimeSeconds: 120,
        families: [],
      },
      { type: 'fqdn', hostName: 'a', domainName: 'b' },
      { type: 'add-path', families: [{ family: 257 as never, mode: 'both' }] },
      { type: 'four-octet-as', asn: 65000 },
    ],
  }),
];

describe('hostile bytes', () => {
  const context = fc.constantFrom(...contexts);

  it('random bodies of every type', () => {
    const type = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 400 }), context, (each, body, peer) => {
        survives(message(each, toHex(body)), peer);
      }),
      { numRuns: 20_000 },
    );
  });

  it('random attribute blocks in a sound message', () => {
    const flags = fc.constantFrom(0x40, 0x80, 0xc0, 0xe0, 0x50, 0x90, 0xd0, 0);
    const type = fc.oneof(fc.nat(20), fc.constantFrom(32, 25, 35, 128), fc.nat(255));
    const attribute = fc
      .tuple(flags, type, fc.uint8Array({ maxLength: 30 }), fc.constantFrom(0, 0, 0, 0, 1, -1))
      .map(([flag, each, value, lie]) => {
        const length = Math.max(0, value.length + lie);
        const text = length.toString(16).padStart((flag & 0x10) !== 0 ? 4 : 2, '0');
        return toHex(Uint8Array.of(flag, each)) + text + toHex(value);
      });
    const nlri = fc.constantFrom('', '', '18c00002', '00', '00000001 18c00002');
    fc.assert(
      fc.property(
        fc.array(attribute, { maxLength: 8 }),
        nlri,
        fc.boolean(),
        context,
        (all, run, begun, peer) => {
          survives(update('', (begun ? mandatory : '') + all.join(''), run), peer);
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('good messages with octets changed, cut out and put in', () => {
    const edit = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'bit', 'remove', 'insert', 'repeat'));
    let good = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(edit, { maxLength: 4 }),
        context,
        (sample, edits, peer) => {
          const body = [...sample.slice(19)];
          for (const [where, value, how] of edits) {
            const at = where % Math.max(1, body.length);
            if (how === 'set') body[at] = value;
            else if (how === 'bit') body[at] = (body[at] ?? 0) ^ (1 << (value & 7));
            else if (how === 'remove') body.splice(at, 1 + (value & 3));
            else if (how === 'insert') body.splice(at, 0, value);
            else body.push(...body.slice(at, at + value));
          }
          if (survives(message(sample[18], toHex(Uint8Array.from(body.map((each) => each & 255)))), peer))
            good++;
        },
      ),
      { numRuns: 30_000 },
    );
    expect(good).toBeGreaterThan(1000);
  });

  it('random streams through the framer', () => {
    const piece = fc.oneof(fc.constantFrom(...samples), fc.uint8Array({ maxLength: 30 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), context, (pieces, peer) => {
        survives(Uint8Array.from(pieces.flatMap((each) => [...each])), peer);
      }),
      { numRuns: 5_000 },
    );
  });

  it('every type, flag and length: a reset only for 14, 15 and unknown well-known attributes', () => {
    const resets = new Set<string>();
    for (let type = 0; type < 256; type++) {
      for (const flags of [0x40, 0x80, 0xc0, 0xe0]) {
        for (const length of [0, 1, 2, 3, 4, 255]) {
          const value = 'a5'.repeat(length);
          const head = toHex(Uint8Array.of(flags, type, length));
          for (const peer of contexts.slice(0, 4)) {
            const path = peer.fourOctetAs ? good.asPath : good.asPathOld;
            const bytes = update(
              '',
              good.origin + path + good.nextHop + good.localPref + head + value,
              '18c00002',
            );
            decodeUpdate(view, bytes, 0, bytes.length, peer);
            const fourteen = type === 14 || type === 15;
            const known = type < 19 && (type < 11 || type > 13) && type !== 0;
            const unknownWellKnown = flags === 0x40 && !known && type !== 32;
            const reset = strongestAction(view.faults) === 'session-reset';
            if (reset) resets.add(`${type}`);
            expect(reset && !fourteen && !unknownWellKnown, `type ${type} flags ${flags}`).toBe(false);
            if (unknownWellKnown) expect(reset).toBe(true);
          }
        }
      }
    }
    expect(resets.has('14') && resets.has('15') && resets.has('99')).toBe(true);
  });

  it('the fast walk reads nothing beyond its end', () => {
    const walk = new FastWalk();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (bytes, cut) => {
        const end = Math.min(cut, bytes.length);
        const alone = new FastWalk();
        const found = alone.locate(bytes.slice(0, end), 0, end);
        expect(walk.locate(bytes, 0, end)).toBe(found);
      }),
      { numRuns: 5_000 },
    );
  });
});
