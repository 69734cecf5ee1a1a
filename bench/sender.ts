/** A process that announces the whole table: builds its bytes, connects, and writes them when told. */
import { type FullTable, makeTable } from './full-table.ts';
import { Inbox } from './inbox.ts';
import type { FromPeer, PeerTask, ToPeer } from './protocol.ts';
import { clock, Session } from './session.ts';

const tell = (message: FromPeer): void => void process.send?.(message);

let task: PeerTask | undefined;
let table: FullTable | undefined;
let session: Session | undefined;
const inbox = new Inbox(1 << 20, () => tell({ type: 'established' }));

process.on('message', (message: ToPeer) => {
  switch (message.type) {
    case 'prepare':
      task = message.task;
      table = makeTable(task.prefixes, task.seed);
      tell({
        type: 'prepared',
        attributeSets: table.setHash.length,
        updates: table.updates - 1,
        bytes: table.bytes.length,
      });
      break;
    case 'connect':
      if (!task) throw new Error('not prepared');
      session = new Session({
        ...task,
        onBytes: (bytes) => inbox.add(bytes),
        onClosed: (why) => tell({ type: 'failed', why: `sender: ${why}` }),
      });
      break;
    case 'go':
      if (!table) throw new Error('not prepared');
      tell({ type: 'sent-first-byte', at: clock() });
      session?.write(table.bytes);
      break;
    case 'end':
      session?.close();
      tell({ type: 'ended', longestGapMs: inbox.longestGapMs(), wrong: inbox.notification() });
      process.disconnect();
      break;
  }
});
