/**
 * Small text forms shared by all pages: ages, counts, text from a peer made safe to print, and which drawing
 * characters the terminal has. Pure.
 */

/** `00:01:12` below a day, `3d04h` from there on. `milliseconds` below zero counts as zero. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const two = (value: number): string => String(value).padStart(2, '0');
  if (days > 0) return `${days}d${two(hours)}h`;
  return `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** `contoso`, or `contoso/edge2` for another slot than `main`: what `--tenant` takes. */
export function instanceName({ tenant, slot }: { readonly tenant: string; readonly slot: string }): string {
  return slot === 'main' ? tenant : `${tenant}/${slot}`;
}

/** `1 peer`, `3 peers`. */
export function count(value: number, singular: string, plural = `${singular}s`): string {
  return `${value} ${value === 1 ? singular : plural}`;
}

/** Octets as KiB, MiB or GiB with one decimal. */
export function formatBytes(octets: number): string {
  if (octets < 1024) return `${octets} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let value = octets / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** What a peer wrote (shutdown message, host name) must not move the cursor or set colours: `\x1b` is shown. */
export function printable(text: string): string {
  if (!hasControl(text)) return text;
  return Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    return isControl(code) ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  }).join('');
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (isControl(text.charCodeAt(i))) return true;
  return false;
}

function isControl(code: number): boolean {
  return code < 32 || (code >= 127 && code < 160);
}

/** The pieces of trees and markers, in the character set the terminal understands. */
export interface Glyphs {
  readonly branch: string;
  readonly last: string;
  readonly trunk: string;
  readonly blank: string;
  readonly sent: string;
  readonly held: string;
  readonly arrow: string;
}

const unicodeGlyphs: Glyphs = {
  branch: '├─',
  last: '└─',
  trunk: '│ ',
  blank: '  ',
  sent: '▶',
  held: '✗',
  arrow: '→',
};

const asciiGlyphs: Glyphs = {
  branch: '|-',
  last: '`-',
  trunk: '| ',
  blank: '  ',
  sent: '>',
  held: 'x',
  arrow: '->',
};

/** The first set of LC_ALL, LC_CTYPE and LANG decides, as it does for every other program. */
export function glyphsFor(env: Readonly<Record<string, string | undefined>>): Glyphs {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return /utf-?8/i.test(locale) ? unicodeGlyphs : asciiGlyphs;
}
