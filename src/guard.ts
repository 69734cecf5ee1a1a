/**
 * The guard: a small process beside heliod that outlives it. A dead daemon cannot fence itself, and its kernel would go
 * on answering for addresses that are given to somebody else. When heliod is gone without a farewell the guard takes
 * addresses and links away and *then* reports, which counts as the release of the slots.
 *
 * There is one guard per gateway at a time: it holds an abstract socket of its network namespace. A daemon that is
 * started anew has its guard wait for the former one.
 */
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { type GuardLine, type GuardOptions, guardReady } from './agent/guard-protocol.ts';
import { readToken } from './api/token.ts';
import { AgentClient, ControllerRefusal, describeRequestError } from './runtime/agent-client.ts';
import { createKernelDriver } from './runtime/kernel-driver.ts';

const retryMilliseconds = 200;
/** After this long somebody else must have noticed. */
const giveUpMilliseconds = 60_000;

/** Above the sequence of anything that the daemon sent. */
const lastSequence = Number.MAX_SAFE_INTEGER;

await main();

async function main(): Promise<void> {
  // A signal to the whole group, such as Ctrl-C, ends heliod in order; the guard ends when it has said farewell.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.title = 'heliod-guard';
  let options: GuardOptions | undefined;
  let revision = 0;
  let farewell = false;
  for await (const line of createInterface({ input: process.stdin })) {
    const said = JSON.parse(line) as GuardLine;
    if (said.type === 'guard') {
      options = said;
      await beTheOnlyOne(said.gateway);
      process.stdout.write(`${guardReady}\n`);
    } else if (said.type === 'applied') revision = said.revision;
    else farewell = true;
  }
  if (options && !farewell) await takeOver(options, revision);
  process.exit(0);
}

/** Resolves when no other guard of this gateway is at work. */
async function beTheOnlyOne(gateway: string): Promise<void> {
  const path = `\0heliod-guard-${gateway}`;
  for (;;) {
    const server = createServer();
    const taken = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(true));
      server.listen(path, () => resolve(false));
    });
    if (!taken) return;
    await new Promise<void>((resolve) => {
      const former = connect(path);
      former.on('error', () => {});
      former.once('close', () => resolve());
      former.resume();
    });
  }
}

async function takeOver(options: GuardOptions, appliedRevision: number): Promise<void> {
  const { gateway, incarnation } = options;
  say(gateway, 'heliod is gone: taking its addresses and links away');
  const until = performance.now() + giveUpMilliseconds;
  const driver = createKernelDriver({ gateway });
  for (;;) {
    const problems = await driver.release([]);
    for (const { space, message } of problems) say(gateway, `${space}: ${message}`);
    if (problems.length === 0) break;
    if (performance.now() > until) return;
    await pause();
  }
  const client = new AgentClient({ ...options, token: () => readToken(options.tokenFile) });
  const report = { gateway, incarnation, sequence: lastSequence, from: 'guard', appliedRevision } as const;
  while (performance.now() < until) {
    try {
      await client.report({ ...report, held: [], tenants: [], tunnelsUp: [] });
      say(gateway, 'the release was reported');
      return;
    } catch (error) {
      // A later report has arrived, or nobody knows the gateway: there is nothing to say any more.
      if (error instanceof ControllerRefusal && error.status < 500 && error.status !== 401) return;
      say(gateway, `the controller cannot be told: ${describeRequestError(error)}`);
      await pause();
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, retryMilliseconds));
}

/** In the form of heliod's log, so that one reader takes both. */
function say(gateway: string, msg: string): void {
  process.stderr.write(
    `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), gateway, msg })}\n`,
  );
}
