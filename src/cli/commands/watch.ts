/** `helioctl watch`: what happens, as it happens, until Ctrl-C; `--snapshot` starts with what is. */
import type { Command } from 'commander';
import { type Actions, asGroup, withExamples } from '../command.ts';
import { CliError, ExitCode } from '../exit-codes.ts';
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

async function follow(
  run: Run,
  stream: Stream,
  options: { readonly snapshot?: boolean },
): Promise<ExitCode | undefined> {
  const { renderEvent } = await import('../render/events.ts');
  // Subscribed before the snapshot is taken: a change may show twice, but none is missed.
  const events = await (await run.daemon()).watch([stream.topic]);
  if (options.snapshot && stream.snapshot) await stream.snapshot(run);
  await run.output.flush();
  const isJson = run.options.output === 'json' || run.options.output === 'ndjson';
  const line = (event: WatchEvent): string =>
    isJson ? `${JSON.stringify(event)}\n` : renderEvent(event, wallClock(new Date()), run.colours);
  for await (const event of events) {
    await run.output.write(line(event));
    await run.output.flush();
  }
  throw new CliError(ExitCode.failure, 'heliod ended the stream: it was stopped, or we read too slowly');
}

/** Local time of day with milliseconds. */
function wallClock(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
