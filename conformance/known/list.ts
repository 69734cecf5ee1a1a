// The notation of the lists: `# kind ~ why` heads the rows `execution ~ part of what is observed [~ sometimes]`.

import type { KnownDeviation } from '../engine/known.ts';

const kinds: readonly KnownDeviation['kind'][] = ['bug', 'choice', 'unsupported', 'config', 'crash'];

/** `versions` is the version prefix that the whole list is about. Throws on a line that is neither heading nor row. */
export function deviations(versions: string, text: string): readonly KnownDeviation[] {
  const list: KnownDeviation[] = [];
  let kind: KnownDeviation['kind'] | undefined;
  let why = '';
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const fields = line
      .replace(/^# /, '')
      .split(' ~ ')
      .map((field) => field.trim());
    const [first = '', second = '', third] = fields;
    if (line.startsWith('#')) {
      kind = kinds.find((each) => each === first);
      why = second;
      continue;
    }
    if (kind === undefined || first === '' || second === '' || (third !== undefined && third !== 'sometimes'))
      throw new Error(`no row of a list of known deviations: ${line}`);
    const sometimes = third === 'sometimes' ? ({ sometimes: true } as const) : {};
    list.push({ execution: first, versions, kind, observed: second, why, reference: '', ...sometimes });
  }
  return list;
}
