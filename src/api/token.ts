/** The bearer token of the TCP listener: read from a file that only its owner may read, compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

const minTokenCharacters = 16;

/** Says whether an `Authorization` header carries the token. */
export type TokenCheck = (authorization: string | undefined) => boolean;

/** Throws an Error for the operator when the file does not do. */
export function readToken(file: string): TokenCheck {
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
  const expected = digest(token);
  return (authorization) => {
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    // Digests, because timingSafeEqual wants equal lengths and the length is a secret too.
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
