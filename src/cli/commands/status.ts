/** `helioctl status`: who the speaker is and how it is; `--check` for scripts and probes. */
import type { Command } from 'commander';
import { type Actions, withExamples } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';

export function defineStatus(command: Command, { act }: Actions): void {
  command.option('--check', `exit ${ExitCode.notReady} when it is not ready`).action(act(showStatus));
  withExamples(command, [
    { line: 'status', what: 'one page about this speaker' },
    { line: 'status --check -q', what: 'for a probe: exit code 0 or 5' },
    { line: 'status -o json', what: 'the same for programs' },
  ]);
}

async function showStatus(run: Run, options: { readonly check?: boolean }): Promise<ExitCode | undefined> {
  const [{ renderStatus }, daemon] = await Promise.all([import('../render/status.ts'), run.daemon()]);
  const [status, notReady] = await Promise.all([daemon.status(), daemon.notReady()]);
  await run.show({
    value: { ...status, ready: notReady === undefined, ...(notReady === undefined ? {} : { notReady }) },
    table: () => renderStatus(status, notReady, run.style),
  });
  if (!options.check || notReady === undefined) return ExitCode.ok;
  run.note(`not ready: ${notReady}`);
  return ExitCode.notReady;
}
