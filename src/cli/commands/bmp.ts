/** `helioctl bmp`: the monitoring stations, whether they are there, and what they were told. */
import type { Command } from 'commander';
import { type Actions, withExamples } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';

export function defineBmp(command: Command, { act }: Actions): void {
  command.action(act(showStations));
  withExamples(command, [
    { line: 'bmp', what: 'a line per station' },
    { line: 'bmp --tenant contoso', what: 'those of a tenant' },
    { line: 'bmp -o json', what: 'for programs' },
  ]);
}

async function showStations(run: Run): Promise<ExitCode | undefined> {
  const [{ renderStations }, daemon] = await Promise.all([import('../render/stations.ts'), run.daemon()]);
  const page = await daemon.stations();
  await run.show({ value: page, table: () => renderStations(page, run.style) });
  return ExitCode.ok;
}
