/** Bearer tokens of the TCP listener: read from files that only their owner may read, compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Grant } from './grant.ts';

const minTokenCharacters = 16;

export interface TokenSettings extends Grant {
  readonly file: string;
}

/** What the token of an `Authorization` header is good for; `undefined` for none of ours. */
export type TokenCheck<G = Grant> = (authorization: string | undefined) => G | undefined;

/** Throws an Error for the operator when a file does not do. */
export function readTokens<G extends { readonly file: string }>(settings: readonly G[]): TokenCheck<G> {
  const tokens = settings.map((grant) => ({ grant, expected: digest(readToken(grant.file)) }));
  for (const [i, { grant, expected }] of tokens.entries()) {
    const same = tokens.findIndex((other) => other.expected.equals(expected));
    if (same < i)
      throw new Error(`token file ${grant.file} has the same token as ${tokens[same].grant.file}`);
  }
  return (authorization) => {
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) return undefined;
    const actual = digest(given);
    // Digests, because timingSafeEqual wants equal lengths and the length is a secret too.
    return tokens.filter(({ expected }) => timingSafeEqual(actual, expected))[0]?.grant;
  };
}

/** Throws an Error for the operator when the file does not do. */
export function readToken(file: string): string {
  const mode = statSync(file).mode;
  if ((mode & 0o007) !== 0) throw new Error(`token file ${file} is open to everybody: chmod 600 ${file}`);
  const token = readFileSync(file, 'utf8').trim();
  if (token.length < minTokenCharacters) {
    throw new Error(`token file ${file} needs a token of at least ${minTokenCharacters} characters`);
  }
  if (!/^[!-~]+$/.test(token)) {
    throw new Error(
      `token file ${file} needs one token of visible ASCII characters, without white space inside`,
    );
  }
  return token;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
