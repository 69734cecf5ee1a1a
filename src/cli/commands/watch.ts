/** `helioctl watch`: what happens, as it happens, until Ctrl-C; `--snapshot` starts with what is. A daemon that goes away is waited for. */
import type { Command } from 'commander';
import { IncompleteAnswerError, type StreamPosition, UnreachableError } from '../../api/client.ts';
import { type Actions, asGroup, withExamples } from '../command.ts';
import type { Run } from '../run.ts';
import type { Topic, WatchEvent } from '../views.ts';

interface Stream {
  readonly topic: Topic;
  readonly summary: string;
  readonly example: string;
  readonly snapshot: ((run: Run) => Promise<void>) | undefined;
}

const streams: readonly Stream[] = [
  {
    topic: 'routes',
    summary: 'Changes of best routes.',
    example: 'the Loc-RIB, then every change',
    snapshot: async (run) => {
      const { printRoutes } = await import('../print-routes.ts');
      await printRoutes(run, { view: 'loc-rib', best: true }, { view: 'loc-rib', limit: undefined });
    },
  },
  {
    topic: 'peers',
    summary: 'Sessions that come, go and change state.',
    example: 'the peers table, then every change',
    snapshot: async (run) => (await import('./peers.ts')).showTable(run, {}).then(() => undefined),
  },
  {
    topic: 'events',
    summary: 'Everything but routes: sessions, NOTIFICATIONs, malformed messages, limits, reloads.',
    example: 'everything that happens',
    snapshot: undefined,
  },
];

export function defineWatch(watch: Command, { act }: Actions): void {
  for (const stream of streams) {
    const command = watch
      .command(stream.topic)
      .description(stream.summary)
      .action(act((run: Run, options: { readonly snapshot?: boolean }) => follow(run, stream, options)));
    const plain = { line: `watch ${stream.topic} -o ndjson`, what: 'an event a line, for jq' };
    if (stream.snapshot) {
      command.option(
        '--snapshot',
        'begin with the present state; nothing between it and the changes is lost',
      );
      withExamples(command, [{ line: `watch ${stream.topic} --snapshot`, what: stream.example }, plain]);
    } else {
      withExamples(command, [{ line: `watch ${stream.topic}`, what: stream.example }, plain]);
    }
  }
  withExamples(asGroup(watch), [
    { line: 'watch peers --snapshot', what: 'sessions now, then every change' },
    { line: 'watch routes -o ndjson', what: 'best-route changes for a program' },
    { line: 'watch events', what: 'everything that happens' },
  ]);
}

async function follow(run: Run, stream: Stream, options: { readonly snapshot?: boolean }): Promise<never> {
  const daemon = await run.daemon();
  const position: StreamPosition = {};
  const subscribe = (): Promise<AsyncGenerator<WatchEvent>> => daemon.watch([stream.topic], position);
  const print = await printerFor(run);
  // Subscribed before the snapshot is taken: a change may show twice, but none is missed.
  let events = await subscribe();
  if (options.snapshot && stream.snapshot) await stream.snapshot(run);
  await run.output.flush();
  for (let tries = 0; ; tries++) {
    for await (const event of untilBroken(events)) {
      tries = 0;
      await print(event);
    }
    run.note('heliod ended the stream: it was stopped, or we read too slowly; connecting again');
    events = await subscribeAgain(run, subscribe, tries);
    run.note('connected again');
  }
}

async function printerFor(run: Run): Promise<(event: WatchEvent) => Promise<void>> {
  const { renderEvent } = await import('../render/events.ts');
  const isJson = run.options.output === 'json' || run.options.output === 'ndjson';
  return async (event) => {
    await run.output.write(isJson ? `${JSON.stringify(event)}\n` : renderEvent(event, run.colours));
    await run.output.flush();
  };
}

/** A daemon that dies breaks the stream, one that stops ends it: for us it is the same. */
async function* untilBroken(events: AsyncGenerator<WatchEvent>): AsyncGenerator<WatchEvent> {
  try {
    yield* events;
  } catch (error) {
    if (!(error instanceof IncompleteAnswerError)) throw error;
  }
}

const firstWaitMilliseconds = 250;
const longestWaitMilliseconds = 10_000;

/** Until the daemon is back; throws when it is and refuses. `tries`: streams that ended without an event before. */
async function subscribeAgain<T>(run: Run, subscribe: () => Promise<T>, tries: number): Promise<T> {
  const { signal, wait } = run.surroundings;
  for (let doublings = tries; ; doublings++) {
    await wait(Math.min(firstWaitMilliseconds * 2 ** doublings, longestWaitMilliseconds), signal);
    try {
      return await subscribe();
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
    }
  }
}
