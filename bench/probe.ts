/** A process that asks the management API for its status every 10 ms and notes how long each answer took. */
import { Agent, get } from 'node:http';
import type { FromProbe, ToProbe } from './protocol.ts';
import { clock } from './session.ts';

const everyMs = 10;
const tell = (message: FromProbe): void => void process.send?.(message);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const idle: number[] = [];
const load: number[] = [];
let current = idle;
let timer: NodeJS.Timeout | undefined;
let waiting = 0;

function probe(socketPath: string): void {
  const noted = current;
  const start = clock();
  waiting += 1;
  const done = (milliseconds: number): void => {
    noted.push(milliseconds);
    waiting -= 1;
  };
  const request = get({ socketPath, path: '/v1/status', agent }, (answer) => {
    answer
      .resume()
      .once('end', () => done(answer.statusCode === 200 ? clock() - start : Number.POSITIVE_INFINITY));
  });
  request.once('error', () => done(Number.POSITIVE_INFINITY));
}

process.on('message', (message: ToProbe) => {
  switch (message.type) {
    case 'probe':
      timer = setInterval(() => probe(message.socket), everyMs);
      tell({ type: 'probing' });
      break;
    case 'mark':
      current = load;
      break;
    case 'end':
      clearInterval(timer);
      finish();
      break;
  }
});

/** After the answers still owed have come. */
function finish(): void {
  if (waiting > 0) {
    setTimeout(finish, everyMs);
    return;
  }
  tell({ type: 'probed', idle, load });
  agent.destroy();
  process.disconnect();
}
