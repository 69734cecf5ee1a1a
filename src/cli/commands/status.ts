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
  const [{ renderStatus, readinessOf }, daemon] = await Promise.all([
    import('../render/status.ts'),
    run.daemon(),
  ]);
  const status = await daemon.status();
  const readiness = readinessOf(status);
  await run.show({ value: status, table: () => renderStatus(status, readiness, run.style) });
  if (!options.check || readiness.ready) return ExitCode.ok;
  run.note(`not ready: ${readiness.reason}`);
  return ExitCode.notReady;
}
