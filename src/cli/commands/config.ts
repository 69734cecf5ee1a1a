/** `helioctl config`: check a file without a daemon, compare it with what runs, reload, show, JSON Schema. */
import type { Command } from 'commander';
import { type Actions, asGroup, withExamples } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import { type Run, readInput } from '../run.ts';
import type { ConfigDiff } from '../views.ts';

export function defineConfig(config: Command, { act }: Actions): void {
  withExamples(asGroup(config), [
    { line: 'config check heliod.yaml', what: 'all mistakes at once, no daemon needed' },
    { line: 'config diff heliod.yaml', what: 'what a reload would do' },
    { line: 'config reload', what: 'do it' },
  ]);
  withExamples(
    config
      .command('check')
      .description(
        `Check a file without a daemon; every mistake as file:line:column, exit ${ExitCode.usage}.`,
      )
      .argument('<file>', 'the file, or - for standard input')
      .action(act(checkConfig)),
    [
      { line: 'config check /etc/heliod/heliod.yaml', what: 'before a reload, or in a commit hook' },
      { line: 'config check - < heliod.yaml', what: 'from standard input' },
    ],
  );
  withExamples(
    config
      .command('diff')
      .description('What a reload of this file would do to the running daemon, session by session.')
      .argument('<file>', 'the file, or - for standard input')
      .option('--exit-code', `exit ${ExitCode.differences} when there are differences`)
      .action(act(diffConfig)),
    [
      { line: 'config diff heliod.yaml', what: 'sessions that would start, end or reset' },
      { line: 'config diff heliod.yaml --exit-code -q', what: 'for scripts: 0 same, 6 different' },
    ],
  );
  addRunningConfigCommands(config, act);
}

function addRunningConfigCommands(config: Command, act: Actions['act']): void {
  withExamples(
    config
      .command('reload')
      .description('Have heliod read its file again; a bad file changes nothing.')
      .action(act(reloadConfig)),
    [{ line: 'config reload', what: 'sessions that did not change stay up' }],
  );
  withExamples(
    config
      .command('show')
      .description('The running configuration as YAML, without secrets.')
      .action(act(showConfig)),
    [{ line: 'config show > running.yaml', what: 'keep what runs' }],
  );
  withExamples(
    config
      .command('schema')
      .description('JSON Schema of the configuration file, for editors. Needs no daemon.')
      .action(act(showSchema)),
    [{ line: 'config schema > heliod.schema.json', what: 'completion and checks while typing' }],
  );
}

async function checkConfig(run: Run, file: string): Promise<ExitCode | undefined> {
  const text = await readInput(run.surroundings, file);
  const { problems, warnings } = (await run.surroundings.localConfig()).check(text, file);
  const { output } = run.options;
  if (output === 'json' || output === 'ndjson') {
    const value = { file, ok: problems.length === 0, problems, warnings };
    await run.show({ value, table: () => '' });
  } else {
    for (const line of [...problems, ...warnings]) run.surroundings.stderr.write(`${line}\n`);
  }
  if (problems.length > 0) return ExitCode.usage;
  run.note(`${file}: ok`);
  return ExitCode.ok;
}

async function diffConfig(
  run: Run,
  file: string,
  options: { readonly exitCode?: boolean },
): Promise<ExitCode | undefined> {
  const text = await readInput(run.surroundings, file);
  const diff = await (await run.daemon()).diffConfig(text, file);
  await showDiff(run, diff);
  if (diff.lines.length === 0) run.note('no differences');
  return options.exitCode && diff.lines.length > 0 ? ExitCode.differences : ExitCode.ok;
}

async function showDiff(run: Run, diff: ConfigDiff): Promise<void> {
  const { renderDiff } = await import('../render/diff.ts');
  await run.show({ value: diff, rows: diff.lines, table: () => renderDiff(diff, run.colours) });
}

async function reloadConfig(run: Run): Promise<ExitCode | undefined> {
  const { diff, generation } = await (await run.daemon()).reloadConfig();
  await showDiff(run, diff);
  const what = diff.lines.length === 0 ? 'nothing changed' : 'reloaded';
  run.note(`${what}, configuration generation ${generation}`);
  return ExitCode.ok;
}

async function showConfig(run: Run): Promise<ExitCode | undefined> {
  const text = await (await run.daemon()).showConfig();
  await run.output.write(text.endsWith('\n') ? text : `${text}\n`);
  return ExitCode.ok;
}

async function showSchema(run: Run): Promise<ExitCode | undefined> {
  const schema = (await run.surroundings.localConfig()).schema();
  await run.output.write(`${JSON.stringify(schema, null, 2)}\n`);
  return ExitCode.ok;
}
