/** What a reload would do (or did), a line per subject with what it means for sessions, details below. Pure. */
import type { ConfigDiff } from '../views.ts';
import type { Colours } from './colours.ts';
import { printable } from './text.ts';

const signs = { add: '+', remove: '-', change: '~' } as const;

export function renderDiff(diff: ConfigDiff, colours: Colours): string {
  const paints = { add: colours.green, remove: colours.red, change: colours.yellow };
  const width = Math.max(0, ...diff.lines.map((line) => line.subject.length));
  return diff.lines
    .map((line) => {
      const head = `${paints[line.change](signs[line.change])} ${printable(line.subject).padEnd(width)}  ${printable(line.effect)}\n`;
      return head + line.details.map((detail) => `    ${colours.dim(printable(detail))}\n`).join('');
    })
    .join('');
}
