/**
 * Failovers as they go on, until Ctrl-C. A controller that goes away is waited for; what changed meanwhile is read from
 * its list, so that nothing is missed and nothing is told twice.
 */
import { CliError, ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';
import type { ControllerClient } from './client.ts';
import type { FailoverEvent, List } from './views.ts';

const firstWaitMilliseconds = 250;
const longestWaitMilliseconds = 10_000;

export async function followEvents(
  run: Run,
  client: ControllerClient,
  first: List<'events'>,
  tell: (event: FailoverEvent) => Promise<void>,
): Promise<never> {
  const told = new Map(first.items.map((event) => [event.name, JSON.stringify(event)]));
  const tellNew = async (event: FailoverEvent): Promise<void> => {
    const text = JSON.stringify(event);
    if (told.get(event.name) === text) return;
    told.set(event.name, text);
    await tell(event);
  };
  for (let from = first.revision; ; ) {
    await unlessGone(async () => {
      for await (const event of client.follow('events', from)) await tellNew(event);
    });
    run.note('the controller ended the stream; asking again');
    const list = await listAgain(run, client);
    for (const event of list.items) await tellNew(event);
    from = list.revision;
  }
}

/** `undefined` when nobody answered; a refusal is thrown. */
async function unlessGone<T>(task: () => Promise<T>): Promise<T | undefined> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof CliError && error.exitCode === ExitCode.unreachable) return undefined;
    throw error;
  }
}

async function listAgain(run: Run, client: ControllerClient): Promise<List<'events'>> {
  const { wait, signal } = run.surroundings;
  for (let tries = 0; ; tries++) {
    await wait(Math.min(firstWaitMilliseconds * 2 ** tries, longestWaitMilliseconds), signal);
    const list = await unlessGone(() => client.list('events'));
    if (list) return list;
  }
}
