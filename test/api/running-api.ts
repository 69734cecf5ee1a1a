import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { ApiClient, type Endpoint } from '../../src/api/client.ts';
import { type ApiListenSettings, type ApiServer, startApi } from '../../src/api/server.ts';
import type { WatchLimits } from '../../src/api/watch-route.ts';
import type { ManagementPort } from '../../src/speaker/views.ts';
import { FakeInstances } from './fake-instances.ts';
import { FakeConfig, FakeManagement } from './fake-ports.ts';

export interface RunningApi {
  readonly api: ApiServer;
  readonly client: ApiClient;
  readonly speaker: FakeManagement;
  readonly instances: FakeInstances;
  readonly config: FakeConfig;
  readonly socket: string;
  readonly errors: Error[];
  notReady: string | undefined;
}

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'heliod-api-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function clientOn(endpoint: Endpoint): ApiClient {
  return new ApiClient({ endpoint, timeoutMilliseconds: 60_000 });
}

/** An API over fakes on a temporary socket; gone after the test. */
export async function runningApi(
  settings: Partial<ApiListenSettings> = {},
  limits?: WatchLimits,
  tenants: Readonly<Record<string, ManagementPort>> = {},
): Promise<RunningApi> {
  const socket = settings.socket ?? join(temporaryDirectory(), 'run', 'heliod.sock');
  const speaker = new FakeManagement();
  const instances = new FakeInstances({ default: speaker, ...tenants });
  const config = new FakeConfig();
  const errors: Error[] = [];
  const state = { notReady: undefined as string | undefined };
  const api = await startApi(
    { tcp: undefined, ...settings, socket },
    {
      instances,
      config,
      configSchema: () => ({ type: 'object' }),
      version: '0.0.0',
      notReady: () => state.notReady,
      onInternalError: (error) => errors.push(error),
      onClient: () => {},
    },
    limits,
  );
  cleanups.push(() => api.close());
  return Object.assign(state, {
    api,
    client: clientOn({ type: 'socket', path: socket }),
    speaker,
    instances,
    config,
    socket,
    errors,
  });
}
