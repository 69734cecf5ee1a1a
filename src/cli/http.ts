/**
 * One HTTP exchange with heliod, over its Unix socket or TCP with a bearer token, and the reading of what comes back:
 * JSON, lines, server-sent events. Turns everything that can go wrong on the way into a CliError that says what to do.
 * Knows no route and no shape of the API; see daemon.ts.
 */
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { CliError, ExitCode } from './exit-codes.ts';
import type { Problem } from './views.ts';

export type Endpoint =
  | { readonly type: 'socket'; readonly path: string }
  | { readonly type: 'url'; readonly url: URL; readonly token: string | undefined };

export interface Exchange {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly accept?: string;
  readonly body?: { readonly type: string; readonly text: string };
}

export interface Wire {
  readonly endpoint: Endpoint;
  /** Until the head of the answer is there; a stream may then last. */
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal;
}

/** The answer's body, once its head said 2xx; problem+json and everything else is thrown as CliError. */
export async function exchange(wire: Wire, what: Exchange): Promise<IncomingMessage> {
  const answer = await send(wire, what);
  answer.setEncoding('utf8');
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  throw problemError(status, await readText(answer));
}

async function send(wire: Wire, what: Exchange): Promise<IncomingMessage> {
  const { endpoint } = wire;
  const secure = endpoint.type === 'url' && endpoint.url.protocol === 'https:';
  const request = secure ? (await import('node:https')).request : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = request(requestOptions(wire, what), (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    const timer = setTimeout(() => outgoing.destroy(new TimeoutError()), wire.timeoutMilliseconds);
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(wire.signal.aborted ? error : connectionError(error, wire));
    });
    outgoing.end(what.body?.text);
  });
}

class TimeoutError extends Error {}

function requestOptions(
  { endpoint, signal }: Wire,
  { method, path, accept, body }: Exchange,
): RequestOptions {
  const headers: Record<string, string | number> = { accept: accept ?? 'application/json' };
  if (body) {
    headers['content-type'] = body.type;
    headers['content-length'] = Buffer.byteLength(body.text);
  }
  const options = { method: method ?? 'GET', path, headers, signal, agent: false };
  // An empty server name spares Node the guess at one, which is 6 ms of compiling regular expressions.
  const noServerName = { servername: '' };
  if (endpoint.type === 'socket') return { ...options, ...noServerName, socketPath: endpoint.path };
  if (endpoint.token !== undefined) headers.authorization = `Bearer ${endpoint.token}`;
  const { hostname, port, protocol, pathname } = endpoint.url;
  const base = pathname.replace(/\/$/, '');
  // A URL writes an IPv6 address in brackets, a socket does not.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { ...options, path: base + path, protocol, host, ...(port ? { port } : {}) };
}

function describeEndpoint(endpoint: Endpoint): string {
  return endpoint.type === 'socket' ? endpoint.path : endpoint.url.origin;
}

const startHint = 'is heliod running? start it with: heliod --config /etc/heliod/heliod.yaml';
const socketHint = 'another socket: --socket PATH or HELIOD_SOCKET=PATH';

function connectionError(error: NodeJS.ErrnoException, wire: Wire): CliError {
  const where = describeEndpoint(wire.endpoint);
  const fail = (why: string, hints: readonly string[]): CliError =>
    new CliError(ExitCode.unreachable, `cannot reach heliod at ${where}: ${why}`, hints);
  const otherHint = wire.endpoint.type === 'socket' ? [socketHint] : ['check --host and --token-file'];
  if (error instanceof TimeoutError) {
    const seconds = wire.timeoutMilliseconds / 1000;
    return fail(`no answer within ${seconds} s`, ['wait longer with --timeout, for example --timeout 60s']);
  }
  switch (error.code) {
    case 'ENOENT':
      return fail('there is no such socket', [startHint, ...otherHint]);
    case 'ECONNREFUSED':
      return fail('nobody listens there', [startHint, ...otherHint]);
    case 'EACCES':
    case 'EPERM':
      return fail('permission denied', [`the socket belongs to the user heliod runs as: try sudo helioctl`]);
    default:
      return fail(error.message || String(error.code), [startHint, ...otherHint]);
  }
}

const exitCodes: Readonly<Record<number, ExitCode>> = {
  400: ExitCode.usage,
  404: ExitCode.notFound,
  422: ExitCode.usage,
  503: ExitCode.notReady,
};

/** RFC 9457 problem details, or whatever else the other side said, as an error with its exit code. */
function problemError(status: number, text: string): CliError {
  const problem = parseProblem(text);
  const hints = (problem.problems ?? []).map(({ text: line }) => line);
  if (status === 401 || status === 403) hints.push('give the bearer token with --token-file FILE');
  const message = problem.detail ?? problem.title ?? `heliod answered ${status}`;
  // A route that the daemon does not have is no object that is missing: it is older or newer than we are.
  const exitCode = problem.code === 'not-found' ? undefined : exitCodes[status];
  return new CliError(exitCode ?? ExitCode.failure, message, hints);
}

function parseProblem(text: string): Partial<Problem> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The whole body as text. */
export async function readText(answer: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of chunks(answer)) text += chunk;
  return text;
}

async function* chunks(answer: AsyncIterable<unknown>): AsyncGenerator<string> {
  try {
    for await (const chunk of answer) yield String(chunk);
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new CliError(ExitCode.failure, 'heliod closed the connection in the middle of its answer', [
      'its log says why; what was printed so far is not complete',
    ]);
  }
}

/** Our own signal ended it: Ctrl-C. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Non-empty lines, in batches as they arrive. The next chunk is read when the batch was dealt with. */
export async function* lineBatches(answer: AsyncIterable<unknown>): AsyncGenerator<string[]> {
  let rest = '';
  for await (const chunk of chunks(answer)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    const batch = lines.filter((line) => line !== '');
    if (batch.length > 0) yield batch;
  }
  if (rest !== '') yield [rest];
}

/** The `data` of each server-sent event, joined as the event-stream format wants it; comments are keepalives. */
export async function* serverSentEvents(answer: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest = '';
  let data: string[] = [];
  for await (const chunk of chunks(answer)) {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
      if (line !== '' || data.length === 0) continue;
      yield data.join('\n');
      data = [];
    }
  }
}
