/**
 * The controller's API as helioctl uses it: a method per question. How bytes travel is api/client.ts; that nobody
 * answers is said here, since it is another process than heliod.
 */
import { ApiClient, IncompleteAnswerError, UnreachableError } from '../../api/client.ts';
import { endpointOf } from '../endpoint.ts';
import { CliError, ExitCode } from '../exit-codes.ts';
import type { Run } from '../run.ts';
import { defaultServer, serverVariable, tokenFileVariable } from './names.ts';
import type { ActedOn, Applied, Explained, InvariantsPage, Kind, Kinds, List } from './views.ts';

export class ControllerClient {
  readonly #client: ApiClient;
  readonly #server: string;

  constructor(client: ApiClient, server: string) {
    this.#client = client;
    this.#server = server;
  }

  list<K extends Kind>(kind: K): Promise<List<K>> {
    return this.#reach(this.#client.getJson(`/v1/${kind}`));
  }

  get<K extends Kind>(kind: K, name: string): Promise<Kinds[K]> {
    return this.#reach(this.#client.getJson(`/v1/${kind}/${encodeURIComponent(name)}`));
  }

  /** Documents of YAML or JSON, all in one transaction. */
  async apply(text: string, isRehearsal: boolean): Promise<Applied> {
    const path = `/v1/apply${isRehearsal ? '?dryRun=true' : ''}`;
    return JSON.parse(await this.#reach(this.#client.post(path, text, 'text/yaml')));
  }

  async remove(kind: Kind, name: string): Promise<Applied> {
    return JSON.parse(await this.#reach(this.#client.delete(`/v1/${kind}/${encodeURIComponent(name)}`)));
  }

  async act(gateway: string, action: string): Promise<ActedOn> {
    const path = `/v1/gateways/${encodeURIComponent(gateway)}:${action}`;
    return JSON.parse(await this.#reach(this.#client.post(path)));
  }

  async explainPlacement(connection: string): Promise<Explained> {
    const body = JSON.stringify({ name: connection });
    return JSON.parse(await this.#reach(this.#client.post('/v1/placements:explain', body)));
  }

  invariants(): Promise<InvariantsPage> {
    return this.#reach(this.#client.getJson('/v1/invariants'));
  }

  /** Objects of the kind as they are put, from the revision on. */
  async *follow<K extends Kind>(kind: K, from: number): AsyncGenerator<Kinds[K]> {
    const path = `/v1/${kind}?watch=true&from=${from}`;
    const stream = await this.#reach(this.#client.events(path));
    try {
      for await (const { event, data } of stream) if (event === 'put') yield JSON.parse(data);
    } catch (error) {
      if (!(error instanceof IncompleteAnswerError)) throw error;
      throw new CliError(ExitCode.unreachable, `the controller at ${this.#server} went away`);
    }
  }

  async #reach<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      const why = error.code === 'ECONNREFUSED' ? 'nobody listens there' : error.message || error.code;
      throw new CliError(ExitCode.unreachable, `cannot reach the controller at ${this.#server}: ${why}`, [
        'is it running? start it with: helio-controller --config /etc/heliod/controller.yaml',
        `another one: --server URL or ${serverVariable}=URL`,
      ]);
    }
  }
}

/** The controller that the options or the environment name. Nothing is connected yet. */
export async function controllerOf(
  run: Run,
  options: { readonly server?: string },
): Promise<ControllerClient> {
  const { env, signal } = run.surroundings;
  const server = options.server ?? run.options.host ?? (env[serverVariable] || defaultServer);
  const tokenFile = run.options.tokenFile ?? (env[tokenFileVariable] || undefined);
  const endpoint = await endpointOf({
    socket: '',
    host: server,
    ...(tokenFile === undefined ? {} : { tokenFile }),
  });
  const client = new ApiClient({ endpoint, timeoutMilliseconds: run.options.timeout, signal });
  return new ControllerClient(client, server);
}
