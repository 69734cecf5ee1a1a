/**
 * The management API as helioctl uses it: a method per route under /v1. Shapes are views.ts; how bytes travel and
 * what errors become is http.ts.
 */
import { CliError, ExitCode } from './exit-codes.ts';
import { type Exchange, exchange, lineBatches, readText, serverSentEvents, type Wire } from './http.ts';
import type {
  ConfigDiff,
  ExplainView,
  NetworkView,
  PeerView,
  StatusView,
  Topic,
  WatchEvent,
} from './views.ts';

/** Query parameters by their name in the API; `undefined` is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface NewNetwork {
  readonly prefix: string;
  readonly nextHop?: string;
  readonly communities?: readonly string[];
  readonly med?: number;
  readonly localPref?: number;
}

export interface ReloadAnswer {
  readonly diff: ConfigDiff;
  readonly generation: number;
}

export class Daemon {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  status(): Promise<StatusView> {
    return this.#json({ path: '/v1/status' });
  }

  /** Why the daemon is not ready; `undefined` when it is. */
  async notReady(): Promise<string | undefined> {
    try {
      await this.#text({ path: '/readyz' });
      return undefined;
    } catch (error) {
      if (error instanceof CliError && error.exitCode === ExitCode.notReady) return error.message;
      throw error;
    }
  }

  peers(): Promise<readonly PeerView[]> {
    return this.#json({ path: '/v1/peers' });
  }

  peer(address: string): Promise<PeerView> {
    return this.#json({ path: `/v1/peers/${encodeURIComponent(address)}` });
  }

  /** Host milliseconds: the clock of all views, against which ages are told. */
  async now(): Promise<number> {
    return (await this.status()).now;
  }

  async peerAction(address: string, action: string, message: string | undefined): Promise<void> {
    const path = `/v1/peers/${encodeURIComponent(address)}/actions/${action}`;
    await this.#text({ method: 'POST', path, body: jsonBody(message === undefined ? {} : { message }) });
  }

  /** A line of JSON per route, in batches; the daemon walks its table no faster than we read. */
  async *routes(query: Query): AsyncGenerator<string[]> {
    const path = `/v1/routes${queryText(query)}`;
    yield* lineBatches(await exchange(this.#wire, { path, accept: 'application/x-ndjson' }));
  }

  explain(prefix: string, family: string | undefined): Promise<ExplainView> {
    return this.#json({ path: `/v1/explain${queryText({ prefix, family })}` });
  }

  networks(): Promise<readonly NetworkView[]> {
    return this.#json({ path: '/v1/networks' });
  }

  async addNetwork(network: NewNetwork): Promise<void> {
    await this.#text({ method: 'POST', path: '/v1/networks', body: jsonBody(network) });
  }

  async removeNetwork(prefix: string): Promise<void> {
    await this.#text({ method: 'DELETE', path: `/v1/networks${queryText({ prefix })}` });
  }

  /** Resolves once the subscription stands: what happens from then on is in the stream. */
  async watch(topics: readonly Topic[]): Promise<AsyncGenerator<WatchEvent>> {
    const path = `/v1/watch${queryText({ topics: topics.join(',') })}`;
    const answer = await exchange(this.#wire, { path, accept: 'text/event-stream' });
    return parseEvents(serverSentEvents(answer));
  }

  reloadConfig(): Promise<ReloadAnswer> {
    return this.#json({ method: 'POST', path: '/v1/config/reload' });
  }

  async diffConfig(text: string, fileName: string): Promise<ConfigDiff> {
    const path = `/v1/config/diff${queryText({ file: fileName })}`;
    return this.#json({ method: 'POST', path, body: { type: 'text/yaml', text } });
  }

  /** The running configuration as YAML, without secrets. */
  showConfig(): Promise<string> {
    return this.#text({ path: '/v1/config', accept: 'text/yaml' });
  }

  async #text(what: Exchange): Promise<string> {
    return readText(await exchange(this.#wire, what));
  }

  async #json<T>(what: Exchange): Promise<T> {
    return JSON.parse(await this.#text(what));
  }
}

async function* parseEvents(events: AsyncGenerator<string>): AsyncGenerator<WatchEvent> {
  for await (const data of events) yield JSON.parse(data);
}

function jsonBody(value: object): { readonly type: string; readonly text: string } {
  return { type: 'application/json', text: JSON.stringify(value) };
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
