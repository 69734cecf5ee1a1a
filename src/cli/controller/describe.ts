/** One object with all that is known of it, as indented lines: for reading, not for programs. Pure. */
import type { Colours } from '../render/colours.ts';
import { printable } from '../render/text.ts';

export function renderObject(value: object, colours: Colours): string {
  return membersOf(value, 0, colours).join('');
}

function membersOf(value: object, depth: number, colours: Colours): readonly string[] {
  return Object.entries(value).flatMap(([key, member]) => memberOf(key, member, depth, colours));
}

function memberOf(key: string, value: unknown, depth: number, colours: Colours): readonly string[] {
  const head = `${'  '.repeat(depth)}${colours.bold(`${key}:`)}`;
  if (value === undefined) return [];
  if (Array.isArray(value)) return listOf(head, value, depth, colours);
  if (typeof value !== 'object' || value === null) return [`${head} ${scalar(value)}\n`];
  const members = membersOf(value, depth + 1, colours);
  return members.length === 0 ? [] : [`${head}\n`, ...members];
}

function listOf(head: string, items: readonly unknown[], depth: number, colours: Colours): readonly string[] {
  if (items.length === 0) return [`${head} none\n`];
  if (items.every((item) => typeof item !== 'object')) return [`${head} ${items.map(scalar).join(', ')}\n`];
  return [`${head}\n`, ...items.flatMap((item) => itemOf(item, depth + 1, colours))];
}

/** The first member of an item stands behind its dash. */
function itemOf(item: unknown, depth: number, colours: Colours): readonly string[] {
  if (typeof item !== 'object' || item === null) return [`${'  '.repeat(depth)}- ${scalar(item)}\n`];
  const [first = '\n', ...rest] = membersOf(item, depth + 1, colours);
  return [`${'  '.repeat(depth)}- ${first.trimStart()}`, ...rest];
}

function scalar(value: unknown): string {
  return value === null ? 'none' : printable(String(value));
}
