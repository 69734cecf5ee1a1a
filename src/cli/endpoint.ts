/** Where the daemon is: its Unix socket, or a URL with the token of a file. */
import { readFile } from 'node:fs/promises';
import type { Endpoint } from '../api/client.ts';
import { CliError, ExitCode } from './exit-codes.ts';

export interface EndpointOptions {
  readonly socket: string;
  /** A URL; wins over the socket. */
  readonly host?: string;
  readonly tokenFile?: string;
}

export async function endpointOf(options: EndpointOptions): Promise<Endpoint> {
  if (options.host === undefined) return { type: 'socket', path: options.socket };
  return { type: 'url', url: parseHost(options.host), token: await readToken(options.tokenFile) };
}

/** `http://` is taken as read where no scheme is given. */
function parseHost(host: string): URL {
  const text = /^[a-z]+:\/\//i.test(host) ? host : `http://${host}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new CliError(ExitCode.usage, `--host wants a URL, not '${host}'`, [
    'for example --host http://127.0.0.1:8179 --token-file /etc/heliod/token',
  ]);
}

async function readToken(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError(ExitCode.usage, `cannot read the token file ${file}: ${code}`);
  }
}
