/** A process that is many clients at once: they only listen, and hold together that they were all told the same. */
import { makeAnnouncement, makePrefixTable } from './full-table.ts';
import type { CrowdTask, FromPeer, ToCrowd } from './protocol.ts';
import { clock, Session } from './session.ts';
import { Member, Stream } from './shared-stream.ts';
import { Verifier } from './verifier.ts';

/** Milliseconds without a byte to anybody after which what came is checked. */
const quietMs = 300;
const watchMs = 50;

const tell = (message: FromPeer): void => void process.send?.(message);

let task: CrowdTask | undefined;
let makeStream: () => Stream = () => {
  throw new Error('not prepared');
};
let expected: readonly number[] = [];
const streams: Stream[] = [];
const sessions: Session[] = [];
const members: Member[] = [];
let established = 0;
let watch: NodeJS.Timeout | undefined;

process.on('message', (message: ToCrowd) => {
  switch (message.type) {
    case 'prepare':
      prepare(message.task);
      break;
    case 'connect':
      for (const member of task?.members ?? []) connect(member);
      break;
    case 'expect':
      expected = message.claims;
      for (const stream of streams) {
        stream.check();
        stream.verifier.expect(expected);
      }
      clearTimeout(watch);
      watch = setTimeout(checkWhenQuiet, watchMs);
      break;
    case 'end':
      clearTimeout(watch);
      for (const session of sessions) session.close();
      for (const stream of streams) stream.check();
      tell({ type: 'ended', longestGapMs: 0, wrong: wrong() });
      process.disconnect();
      break;
  }
});

function prepare(next: CrowdTask): void {
  task = next;
  const prefixes = makePrefixTable(next.prefixes, next.seed);
  const heard = next.claims.map((claim) => ({
    first: claim.first,
    end: claim.end,
    said: makeAnnouncement(prefixes, claim),
    originatorId: next.speakers[claim.peer],
  }));
  const octets = heard.reduce((sum, { said: { bytes } }) => sum + bytes.length, 0);
  makeStream = () => {
    const stream = new Stream(octets * 2 + (1 << 16), new Verifier(prefixes, heard));
    stream.verifier.expect(expected);
    streams.push(stream);
    return stream;
  };
  makeStream();
  tell({ type: 'prepared', attributeSets: 0, bytes: 0 });
}

/** The same bytes so far; the new verifier reads them once more. */
function fork(from: Stream, end: number): Stream {
  const stream = makeStream();
  stream.append(from.bytes.subarray(0, end));
  return stream;
}

/** A daemon with many neighbours may listen before it knows all of them: a refusal without a word is tried again. */
const mostAttempts = 20;
const retryMs = 250;

function connect(client: CrowdTask['members'][number], attempt = 1): void {
  if (!task) throw new Error('not prepared');
  const member = new Member(streams[0], fork);
  members.push(member);
  const session = new Session({
    ...task,
    ...client,
    onBytes: (bytes) => {
      const wasUp = isUp(member);
      member.add(bytes);
      if (wasUp || !isUp(member)) return;
      established += 1;
      if (established === task?.members.length) tell({ type: 'established' });
    },
    onClosed: (why) => {
      if (member.at > 0 || attempt === mostAttempts) {
        tell({ type: 'failed', why: `${client.localAddress}: ${why}` });
        return;
      }
      session.close();
      sessions.splice(sessions.indexOf(session), 1);
      members.splice(members.indexOf(member), 1);
      setTimeout(() => connect(client, attempt + 1), retryMs);
    },
  });
  sessions.push(session);
}

/** OPEN and KEEPALIVE have come. */
function isUp({ at, stream: { bytes } }: Member): boolean {
  return at >= 19 && at >= bytes.readUInt16BE(16) + 19;
}

const wrong = (): string | undefined => streams.find(({ verifier }) => verifier.wrong)?.verifier.wrong;

function checkWhenQuiet(): void {
  const last = members.reduce((latest, { arrivals }) => Math.max(latest, arrivals.lastAt), 0);
  const isQuiet = clock() - last >= quietMs;
  // In slices, so that the sessions stay up meanwhile.
  const hasMore = isQuiet && streams.some((stream) => stream.checkSome());
  const why = isQuiet && !hasMore ? wrong() : undefined;
  if (why) tell({ type: 'failed', why });
  else if (isQuiet && !hasMore && members.every((member) => member.isComplete)) complete();
  else watch = setTimeout(checkWhenQuiet, hasMore ? 0 : watchMs);
}

function complete(): void {
  const sum = (of: (member: Member) => number): number => members.reduce((all, one) => all + of(one), 0);
  tell({
    type: 'complete',
    at: Math.max(...members.map(({ arrivals, stream }) => arrivals.before(stream.verifier.completeAt ?? 0))),
    bytes: sum(({ at }) => at),
    updates: sum(({ stream }) => stream.verifier.updates),
    delivered: sum(({ stream }) => stream.verifier.delivered),
    streams: streams.length,
  });
}
