// A mutant: one fault in a copy of heliod's build, and the executions that must notice it, named beforehand.
//
// Owns the patch as text in, text out. A fragment is found by its tokens: white space, line ends and the quotes of
// strings are no part of it, so a reformatted build still matches; a fragment that is not there exactly once is an error.

export interface Mutant {
  readonly name: string;
  /** File of the build, below `dist/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The standards whose cases are played. */
  readonly rfc: readonly string[];
  /** Names or globs of executions that must not pass; every other one must. */
  readonly red: readonly string[];
}

/** Words and numbers whole, everything else one by one. */
const tokens = (code: string): readonly string[] => code.match(/[\w$]+|[^\s\w$]/g) ?? [];

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const tokenPattern = (token: string): string => (/['"`]/.test(token) ? `['"\`]` : literal(token));

/** Between two tokens: white space, comments, and the comma a formatter may put before a closing bracket. */
function gap(next: string): string {
  const space = '(?:\\s|//[^\\n]*\\n|/\\*[\\s\\S]*?\\*/)*';
  return /[)\]}]/.test(next) ? `${space},?${space}` : space;
}

export function fragmentPattern(fragment: string): RegExp {
  const [first = '', ...rest] = tokens(fragment);
  const source = rest.map((token) => gap(token) + tokenPattern(token)).join('');
  const boundary = /^\w/.test(first) ? '(?<![\\w$#.])' : '';
  return new RegExp(boundary + tokenPattern(first) + source, 'g');
}

/** The code with the fault in it. Throws where the fragment is not there exactly once. */
export function mutate(code: string, mutant: Mutant): string {
  const found = [...code.matchAll(fragmentPattern(mutant.find))];
  const [match] = found;
  if (match === undefined || found.length > 1)
    throw new Error(`${mutant.name}: ${mutant.file} has its fragment ${found.length} times: ${mutant.find}`);
  return code.slice(0, match.index) + mutant.replace + code.slice(match.index + match[0].length);
}
