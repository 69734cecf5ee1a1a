/** A daemon made of canned answers on a Unix socket, and a helioctl run inside the test process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { runCli } from '../../src/cli/main.ts';
import type { LocalConfig } from '../../src/cli/run.ts';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly accept: string | undefined;
  readonly authorization: string | undefined;
  readonly lastEventId: string | undefined;
  readonly body: string;
}

/** Keyed by `METHOD /path` without the query. */
export type Answers = Readonly<
  Record<string, (response: ServerResponse, asked: Asked) => void | Promise<void>>
>;

export function json(value: unknown, status = 200): (response: ServerResponse) => void {
  return (response) => {
    const type = status < 300 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(value));
  };
}

export function ndjson(rows: readonly unknown[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.end(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  };
}

export class FakeDaemon {
  readonly socket: string;
  readonly asked: Asked[] = [];
  readonly #directory: string;
  readonly #server: Server;

  private constructor(directory: string, answers: Answers) {
    this.#directory = directory;
    this.socket = join(directory, 'heliod.sock');
    this.#server = createServer((request, response) => void this.#answer(request, response, answers));
  }

  static async start(answers: Answers): Promise<FakeDaemon> {
    const daemon = new FakeDaemon(await mkdtemp(join(tmpdir(), 'helioctl-')), answers);
    await new Promise<void>((resolve) => daemon.#server.listen(daemon.socket, resolve));
    return daemon;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, answers: Answers): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    const { accept, authorization } = headers;
    const lastEventId = headers['last-event-id']?.toString();
    const asked = { method, url, accept, authorization, lastEventId, body };
    this.asked.push(asked);
    const answer = answers[`${method} ${url.split('?')[0]}`];
    if (answer) await answer(response, asked);
    else json({ title: 'no such route', status: 404 }, 404)(response);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#directory, { recursive: true });
  }
}

/** A stream that keeps its text, and may say that it is a terminal. */
function collector(isTTY: boolean) {
  const texts: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      texts.push(chunk.toString());
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => texts.join('') };
}

export interface RunOptions {
  readonly daemon?: FakeDaemon;
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  readonly stdin?: string;
  readonly stdout?: Writable;
  readonly signal?: AbortSignal;
  readonly localConfig?: LocalConfig;
  /** Every wait is over at once; its milliseconds are kept here. */
  readonly waits?: number[];
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function helioctl(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const stdout = collector(options.tty === true);
  const stderr = collector(options.tty === true);
  const reach = options.daemon ? ['--socket', options.daemon.socket] : [];
  const code = await runCli([...reach, ...args], {
    stdin: Readable.from([options.stdin ?? '']),
    stdout: options.stdout ?? stdout.stream,
    stderr: stderr.stream,
    env: { LANG: 'C.UTF-8', ...options.env },
    signal: options.signal ?? new AbortController().signal,
    wait: async (milliseconds) => void options.waits?.push(milliseconds),
    version: '1.2.3',
    localConfig: async () =>
      options.localConfig ?? { check: () => ({ problems: [], warnings: [] }), schema: () => ({}) },
  });
  return { code, out: stdout.text(), err: stderr.text() };
}
