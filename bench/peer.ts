/**
 * A process that is one peer of a play: it says what it is told to, from bytes it built beforehand, takes in what it is
 * sent, and checks that whenever the daemon is quiet.
 */
import {
  type Announcement,
  endOfRib,
  makeAnnouncement,
  makePrefixTable,
  makeWithdrawal,
} from './full-table.ts';
import { Inbox } from './inbox.ts';
import type { FromPeer, PeerTask, ToPeer } from './protocol.ts';
import { clock, Session } from './session.ts';
import { sliceOctets, Verifier } from './verifier.ts';

/** Milliseconds without a byte after which what came is checked. */
const quietMs = 300;
const watchMs = 50;

const tell = (message: FromPeer): void => void process.send?.(message);

let task: PeerTask | undefined;
let session: Session | undefined;
let verifier: Verifier | undefined;
let messages: readonly Buffer[] = [];
let watch: NodeJS.Timeout | undefined;
const inbox = new Inbox(1 << 20, () => tell({ type: 'established' }));

process.on('message', (message: ToPeer) => {
  switch (message.type) {
    case 'prepare':
      prepare(message.task);
      break;
    case 'connect':
      connect();
      break;
    case 'expect':
      verifier?.advance(inbox.bytes, inbox.end);
      verifier?.expect(message.claims);
      clearTimeout(watch);
      watch = setTimeout(checkWhenQuiet, watchMs);
      break;
    case 'say':
      tell({ type: 'sent-first-byte', at: clock() });
      for (const say of message.says) session?.write(messages[say]);
      break;
    case 'close':
      tell({ type: 'closed', at: clock() });
      session?.close();
      break;
    case 'end':
      clearTimeout(watch);
      end();
      break;
  }
});

function prepare(next: PeerTask): void {
  task = next;
  const prefixes = makePrefixTable(next.prefixes, next.seed);
  const said = new Map<number, Announcement>();
  const announcement = (claim: number): Announcement => {
    const made = said.get(claim) ?? makeAnnouncement(prefixes, next.claims[claim]);
    said.set(claim, made);
    return made;
  };
  messages = next.says.map(({ claim, what }) => {
    const { first, end } = next.claims[claim];
    if (what === 'withdraw') return makeWithdrawal(prefixes, first, end);
    return Buffer.concat([announcement(claim).bytes, endOfRib()]);
  });
  if (next.verifies) {
    const heard = next.claims.map(({ peer, first, end }, claim) => ({
      first,
      end,
      said: announcement(claim),
      originatorId: next.identifiers[peer],
    }));
    verifier = new Verifier(prefixes, heard);
    const octets = heard.reduce((sum, { said: { bytes } }) => sum + bytes.length, 0);
    inbox.reserve(octets * 2 + (1 << 20)); // 14 octets more per UPDATE, and room for worse packing
  }
  const own = next.says.map(({ claim }) => said.get(claim)?.setHash.length ?? 0);
  tell({
    type: 'prepared',
    attributeSets: own.reduce((sum, sets) => sum + sets, 0),
    bytes: messages.reduce((sum, { length }) => sum + length, 0),
  });
}

function connect(): void {
  if (!task) throw new Error('not prepared');
  tell({ type: 'connecting', at: clock() });
  session = new Session({
    ...task,
    identifier: task.identifiers[task.peer],
    onBytes: (bytes) => inbox.add(bytes),
    onClosed: (why) => tell({ type: 'failed', why: `peer ${task?.peer}: ${why}` }),
  });
}

function end(): void {
  const longestGapMs = session?.longestSilenceMs ?? 0;
  session?.close();
  verifier?.advance(inbox.bytes, inbox.end);
  tell({ type: 'ended', longestGapMs, wrong: verifier?.wrong ?? inbox.notification() });
  process.disconnect();
}

function checkWhenQuiet(): void {
  if (!verifier) return;
  const isQuiet = clock() - inbox.arrivals.lastAt >= quietMs;
  // In slices, so that the session stays up meanwhile.
  const hasMore = isQuiet && verifier.advance(inbox.bytes, inbox.end, sliceOctets);
  const { wrong, completeAt, updates, delivered } = verifier;
  if (isQuiet && !hasMore && wrong) tell({ type: 'failed', why: `peer ${task?.peer}: ${wrong}` });
  else if (isQuiet && !hasMore && completeAt !== undefined)
    tell({ type: 'complete', at: inbox.arrivals.before(completeAt), bytes: inbox.end, updates, delivered });
  else watch = setTimeout(checkWhenQuiet, hasMore ? 0 : watchMs);
}
