// RFC 4486 and RFC 9003: what a neighbour is told when an operator of the target ends its session.
//
// Each case runs on an instance of its own, whose neighbours have addresses of their own: the commands change it.

import type { Bench } from '../../engine/bench.ts';
import { type Body, type Case, each } from '../../engine/case.ts';
import type { Peer } from '../../engine/peer.ts';
import { CaseFailure } from '../../engine/verdict.ts';
import type { Command } from '../../targets/target.ts';
import { type Bytes, toHex } from '../../wire/bytes.ts';

const operated = { profile: 'Pst', isolated: true } as const;

/** RFC 9003 §2: the most octets of text. */
const LONGEST = 255;

interface Ended {
  readonly e1: Peer;
  readonly e2: Peer;
  readonly data: Bytes;
}

/** e1 has a session and a route that e2 has; the command ends it with Cease and this subcode, and the route goes. */
async function ceases(
  t: Bench,
  command: Command,
  subcodes: number | readonly number[],
  text = '',
): Promise<Ended> {
  const [e1, e2] = await t.peers('e1', 'e2');
  const px = t.prefix();
  await t.seed(px, e1, [e2]);
  await t.control(command, e1, text);
  const { data, subcode } = await t.notified(e1, 6, subcodes);
  await e2.loses(px);
  t.check(e2.up, 'the session of another neighbour stays', e2.state());
  t.observe(`6/${subcode} ${data.length === 0 ? 'without data' : `data ${toHex(data)}`}`);
  return { e1, e2, data };
}

const ceasing =
  (command: Command, subcodes: number | readonly number[]): Body =>
  async (t) => {
    await ceases(t, command, subcodes);
  };

/** The text of a shutdown communication: a length octet and as much UTF-8. Anything else fails the case. */
function textOf(t: Bench, data: Bytes): string {
  const [length = 0, ...text] = data;
  t.check(
    data.length > 0 && text.length === length,
    'a length octet and as many octets',
    toHex(data) || 'none',
  );
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(text));
  } catch {
    throw new CaseFailure('UTF-8', toHex(data));
  }
}

async function tells(t: Bench, text: string): Promise<void> {
  const { data } = await ceases(t, 'shutdown', 2, text);
  const told = textOf(t, data);
  t.check(
    told === text,
    `${Buffer.byteLength(text)} octets of text, as given`,
    `${Buffer.byteLength(told)}: ${told}`,
  );
}

/** The target may refuse what is too long; what it sends is cut between two characters. */
async function cuts(t: Bench, text: string): Promise<void> {
  const [e1, e2] = await t.peers('e1', 'e2');
  await t.seed(t.prefix(), e1, [e2]);
  try {
    await t.control('shutdown', e1, text);
  } catch (error) {
    if (!(error instanceof CaseFailure)) throw error;
    // Its control: the same neighbour, the same words, but short.
    await t.control('shutdown', e1, text.slice(0, 20));
    await t.notified(e1, 6, 2);
    t.observe('refused to the operator');
    return;
  }
  const { data } = await t.notified(e1, 6, 2);
  const told = textOf(t, data);
  t.check(text.startsWith(told) && told !== '', 'the beginning of the text', told || 'nothing');
  t.observe(`${Buffer.byteLength(told)} of ${Buffer.byteLength(text)} octets`);
}

const accented = (octets: number): string => 'é'.repeat(octets / 2);

export const ceaseCases: readonly Case[] = [
  {
    id: 'RFC4486-4-02',
    level: 'SHOULD',
    ...operated,
    title: 'the operator shuts the neighbour down',
    expected: 'NOTIFICATION 6/2, and its routes go',
    run: ceasing('shutdown', 2),
  },
  {
    id: 'RFC4486-4-03',
    level: 'SHOULD',
    ...operated,
    title: 'the operator resets the session',
    expected: 'NOTIFICATION 6/4, and its routes go',
    run: ceasing('reset', 4),
  },
  {
    id: 'RFC4486-4-04',
    level: 'SHOULD',
    ...operated,
    title: 'the neighbour is taken out of the configuration',
    expected: 'NOTIFICATION 6/3, and its routes go',
    run: ceasing('remove', 3),
  },
  {
    id: 'RFC4486-4-05',
    level: 'SHOULD',
    ...operated,
    title: 'a setting of the neighbour is changed that a session cannot keep up with',
    expected: 'NOTIFICATION 6/6 and its routes go, or the session stays up without the change',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      await t.control('change', e1);
      await e1.until(() => e1.notification ?? e1.connection.ending);
      if (e1.up) {
        await t.settle(e1, [e2]);
        t.need(e2, px);
        t.observe('the session stays up');
        return;
      }
      await t.notified(e1, 6, 6);
      await e2.loses(px);
    },
  },
  {
    id: 'RFC4486-4-08',
    level: 'SHOULD',
    ...operated,
    title: 'the target is stopped with SIGTERM',
    expected: 'NOTIFICATION 6/2 or 6/3 to each neighbour',
    run: async (t) => {
      const all = await t.peers('e1', 'c1');
      t.terminate();
      for (const peer of all) await t.notified(peer, 6, [2, 3]);
    },
  },
  {
    id: 'RFC9003-2-01',
    level: 'MAY',
    ...operated,
    title: 'the operator shuts the neighbour down and says why',
    expected: 'NOTIFICATION 6/2 with a length octet and the text',
    variants: each(
      { short: 'new line card', 'octets-128': accented(128), 'octets-255': `${accented(LONGEST - 1)}.` },
      tells,
    ),
  },
  {
    id: 'RFC9003-2-02',
    level: 'MUST',
    ...operated,
    title: 'the text is longer than a shutdown communication may be, of characters of two and three octets',
    expected: 'refused to the operator, or cut between two characters',
    variants: each({ two: accented(300), three: 'a'.repeat(2) + '€'.repeat(100) }, cuts),
  },
];
