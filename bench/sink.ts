/** A process that receives the whole table: takes the bytes in, and checks them whenever the daemon is quiet. */
import { makeTable } from './full-table.ts';
import { Inbox } from './inbox.ts';
import type { FromPeer, PeerTask, ToPeer } from './protocol.ts';
import { clock, Session } from './session.ts';
import { Verifier } from './verifier.ts';

/** Milliseconds without a byte after which what came is checked. */
const quietMs = 300;

const tell = (message: FromPeer): void => void process.send?.(message);

let task: PeerTask | undefined;
let verifier: Verifier | undefined;
let session: Session | undefined;
let watch: NodeJS.Timeout | undefined;
const inbox = new Inbox(1 << 20, () => tell({ type: 'established' }));

process.on('message', (message: ToPeer) => {
  switch (message.type) {
    case 'prepare': {
      task = message.task;
      const table = makeTable(task.prefixes, task.seed);
      verifier = new Verifier(table, task.senderIdentifier);
      inbox.reserve(table.bytes.length * 2 + (1 << 20)); // 14 octets more per UPDATE, and room for worse packing
      tell({ type: 'prepared', attributeSets: table.setHash.length, updates: table.updates, bytes: 0 });
      break;
    }
    case 'connect':
      if (!task) throw new Error('not prepared');
      session = new Session({
        ...task,
        onBytes: (bytes) => inbox.add(bytes),
        onClosed: (why) => tell({ type: 'failed', why: `sink: ${why}` }),
      });
      break;
    case 'go':
      watch = setInterval(checkWhenQuiet, 50);
      break;
    case 'end':
      clearInterval(watch);
      session?.close();
      verifier?.advance(inbox.bytes, inbox.end);
      tell({ type: 'ended', longestGapMs: inbox.longestGapMs(), wrong: verifier?.wrong });
      process.disconnect();
      break;
  }
});

function checkWhenQuiet(): void {
  if (!verifier || clock() - inbox.lastAt < quietMs) return;
  verifier.advance(inbox.bytes, inbox.end);
  if (verifier.wrong) {
    clearInterval(watch);
    tell({ type: 'failed', why: `sink: ${verifier.wrong}` });
  } else if (verifier.completeAt !== undefined) {
    clearInterval(watch);
    const { completeAt, updates, verified } = verifier;
    tell({ type: 'complete', at: inbox.arrivedAt(completeAt), bytes: inbox.end, updates, verified });
  }
}
