/**
 * The management API as helioctl uses it: a method per route under /v1. Shapes are views.ts; how bytes travel and
 * how they fail is api/client.ts.
 */
import { type ApiClient, ProblemError, type ServerSentEvent, type StreamPosition } from '../api/client.ts';
import type {
  ConfigDiff,
  ExplainView,
  FibView,
  NetworkView,
  NewNetwork,
  PeersPage,
  PeerView,
  StationsPage,
  StatusView,
  TenantChanged,
  TenantView,
  Topic,
  WatchEvent,
} from './views.ts';

/** Query parameters by their name in the API; `undefined` is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ReloadAnswer {
  readonly diff: ConfigDiff;
  readonly generation: number;
}

export class Daemon {
  readonly #client: ApiClient;
  readonly #tenant: string | undefined;

  /** `tenant`: NAME or NAME/SLOT, for all that is about one instance; else the daemon chooses. */
  constructor(client: ApiClient, tenant: string | undefined) {
    this.#client = client;
    this.#tenant = tenant;
  }

  #query(query: Query = {}): string {
    return queryText({ ...query, tenant: this.#tenant });
  }

  status(): Promise<StatusView> {
    return this.#client.getJson(`/v1/status${this.#query()}`);
  }

  /** Why the daemon is not ready; `undefined` when it is. */
  async notReady(): Promise<string | undefined> {
    try {
      await this.#client.getText('/readyz');
      return undefined;
    } catch (error) {
      if (error instanceof ProblemError && error.status === 503) return error.message;
      throw error;
    }
  }

  /** Of all tenants, unless one was named. */
  peers(): Promise<PeersPage> {
    return this.#client.getJson(`/v1/peers${queryText({ tenant: this.#tenant ?? '*' })}`);
  }

  peer(address: string): Promise<PeerView> {
    return this.#client.getJson(`/v1/peers/${encodeURIComponent(address)}${this.#query()}`);
  }

  /** Host milliseconds: the clock of all views, against which ages are told. */
  async now(): Promise<number> {
    return (await this.status()).now;
  }

  async peerAction(address: string, action: string, message: string | undefined): Promise<void> {
    const path = `/v1/peers/${encodeURIComponent(address)}/actions/${action}${this.#query()}`;
    await this.#client.post(path, JSON.stringify({ message }));
  }

  /** A line of JSON per route, in batches; the daemon walks its table no faster than we read. */
  routes(query: Query): AsyncGenerator<string[]> {
    return this.#client.lineBatches(`/v1/routes${this.#query(query)}`);
  }

  explain(prefix: string, family: string | undefined): Promise<ExplainView> {
    return this.#client.getJson(`/v1/explain${this.#query({ prefix, family })}`);
  }

  /** Best routes in the kernel. */
  fib(): Promise<FibView> {
    return this.#client.getJson(`/v1/fib${this.#query()}`);
  }

  /** A line of JSON per route, in batches. */
  fibRoutes(query: Query): AsyncGenerator<string[]> {
    return this.#client.lineBatches(`/v1/fib/routes${this.#query(query)}`);
  }

  stations(): Promise<StationsPage> {
    return this.#client.getJson(`/v1/bmp${this.#query()}`);
  }

  networks(): Promise<readonly NetworkView[]> {
    return this.#client.getJson(`/v1/networks${this.#query()}`);
  }

  async addNetwork(network: NewNetwork): Promise<void> {
    await this.#client.post(`/v1/networks${this.#query()}`, JSON.stringify(network));
  }

  async removeNetwork(prefix: string): Promise<void> {
    await this.#client.delete(`/v1/networks${this.#query({ prefix })}`);
  }

  /** Resolves once the subscription stands: what happens from then on, or happened since `position`, is in it. */
  async watch(topics: readonly Topic[], position: StreamPosition): Promise<AsyncGenerator<WatchEvent>> {
    const path = `/v1/watch${this.#query({ topics: topics.join(',') })}`;
    return parseEvents(await this.#client.events(path, position));
  }

  tenants(): Promise<readonly TenantView[]> {
    return this.#client.getJson('/v1/tenants');
  }

  /** As an entry of `tenants`, YAML. */
  showTenant(tenant: string): Promise<string> {
    return this.#client.getText(`${tenantPath(tenant)}/config`, 'text/yaml');
  }

  /** `text`: an entry of `tenants`. */
  async addTenant(text: string, fileName: string): Promise<TenantChanged> {
    const path = `/v1/tenants${queryText({ file: fileName })}`;
    return JSON.parse(await this.#client.post(path, text, 'text/yaml'));
  }

  async replaceTenant(tenant: string, text: string, fileName: string): Promise<TenantChanged> {
    const path = `${tenantPath(tenant)}${queryText({ file: fileName })}`;
    return JSON.parse(await this.#client.put(path, text, 'text/yaml'));
  }

  async removeTenant(tenant: string): Promise<TenantChanged> {
    return JSON.parse(await this.#client.delete(tenantPath(tenant)));
  }

  async reloadConfig(): Promise<ReloadAnswer> {
    return JSON.parse(await this.#client.post('/v1/config/reload'));
  }

  async diffConfig(text: string, fileName: string): Promise<ConfigDiff> {
    const path = `/v1/config/diff${queryText({ file: fileName })}`;
    return JSON.parse(await this.#client.post(path, text, 'text/yaml'));
  }

  /** The running configuration as YAML, without secrets. */
  showConfig(): Promise<string> {
    return this.#client.getText('/v1/config', 'text/yaml');
  }
}

async function* parseEvents(events: AsyncGenerator<ServerSentEvent>): AsyncGenerator<WatchEvent> {
  for await (const { data } of events) yield JSON.parse(data);
}

function tenantPath(tenant: string): string {
  const [name, slot = 'main'] = tenant.split('/');
  return `/v1/tenants/${encodeURIComponent(name)}/${encodeURIComponent(slot)}`;
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
