/** `helioctl explain`: every candidate and the step that decided, then who was sent the best one and who not. */
import type { Command } from 'commander';
import { type Actions, parseDestination, withExamples } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';
import { familyOption } from './routes.ts';

export function defineExplain(command: Command, { act }: Actions): void {
  command
    .argument('<prefix>', '[RD:]ADDRESS/LENGTH', parseDestination)
    .addOption(familyOption())
    .action(act(explain));
  withExamples(command, [
    { line: 'explain 203.0.113.0/24', what: 'candidates in rank order, then each peer' },
    { line: 'explain 65000:100:10.0.0.0/8', what: 'a VPN route' },
    { line: 'explain 2001:db8::/32 -o json', what: 'the same for programs' },
  ]);
}

async function explain(
  run: Run,
  prefix: string,
  options: { readonly family?: string },
): Promise<ExitCode | undefined> {
  const [{ renderExplain }, daemon] = await Promise.all([import('../render/explain.ts'), run.daemon()]);
  const view = await daemon.explain(prefix, options.family);
  await run.show({ value: view, table: () => renderExplain(view, run.style, run.glyphs) });
  if (view.candidates.length > 0) return ExitCode.ok;
  run.note(`no route to ${prefix}`);
  return ExitCode.notFound;
}
