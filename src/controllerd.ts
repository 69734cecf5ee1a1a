/**
 * The process helio-controller: configuration, store, loop, API, and its orderly end. Owns the wiring and the clock:
 * milliseconds of the day at the start, counted on monotonically, so that a change of the system's time moves nothing.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readTokens } from './api/token.ts';
import { createAppliers } from './appliers/appliers.ts';
import { Reconciler } from './controller/reconciler/reconciler.ts';
import { emptySnapshot } from './controller/snapshot.ts';
import { openLogStore } from './controller/store/log-store.ts';
import { type ControllerConfig, type LoadedConfig, loadConfig } from './controllerd/config.ts';
import { History } from './controllerd/history.ts';
import { NodeFiles } from './controllerd/node-files.ts';
import { startServer } from './controllerd/server.ts';
import { createLog, type Log } from './runtime/logging.ts';
import { handleProcessLife } from './runtime/process-life.ts';

const helpText = `usage: helio-controller --config FILE [--check]

  -c, --config FILE  the configuration, YAML
      --check        only say whether the configuration is valid (exit code 0 or 2)
      --version
  -h, --help

signals: TERM and INT end it; gateways go on serving until their leases run out
exit codes: 0 stopped or valid, 1 failed, 2 usage or invalid configuration
`;

const clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  after: (ms: number, task: () => void) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** Returns an exit code, or `undefined` when the controller runs from now on. */
export async function runController(argv: readonly string[]): Promise<number | undefined> {
  const version: string = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ).version;
  const args = readArguments(argv);
  if (typeof args === 'string') return say('stderr', `helio-controller: ${args}\n\n${helpText}`, 2);
  if (args.help) return say('stdout', helpText, 0);
  if (args.version) return say('stdout', `helio-controller ${version}\n`, 0);
  if (args.config === undefined)
    return say('stderr', `helio-controller: --config FILE is missing\n\n${helpText}`, 2);
  const loaded = loadFile(args.config);
  if (!loaded.ok) return say('stderr', loaded.problems.map((problem) => `${problem}\n`).join(''), 2);
  if (args.check) return say('stdout', `${args.config}: valid\n`, 0);
  const log = createLog(loaded.config.log.level);
  try {
    await run(loaded.config, version, log);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.fatal({}, message);
    await new Promise<void>((resolve) => log.close(resolve));
    return say('stderr', `helio-controller: ${message}\n`, 1);
  }
}

function loadFile(file: string): LoadedConfig {
  try {
    return loadConfig(readFileSync(file, 'utf8'), file);
  } catch (error) {
    return { ok: false, problems: [error instanceof Error ? error.message : String(error)] };
  }
}

const options = {
  config: { type: 'string', short: 'c' },
  check: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: false }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function say(stream: 'stdout' | 'stderr', text: string, code: number): number {
  process[stream].write(text);
  return code;
}

async function run(config: ControllerConfig, version: string, log: Log): Promise<void> {
  process.title = 'helio-controller';
  const check = readTokens(config.tokens);
  const store = await openLogStore({
    files: new NodeFiles(config.store.directory),
    initial: emptySnapshot({
      name: 'system',
      generation: 1,
      spec: { onControllerLoss: 'fence' },
      status: { nextSlot: 1, nextEvent: 1 },
    }),
    onWarning: (message) => log.warn({}, message),
  });
  const appliers = createAppliers(config.appliers);
  const reconciler = new Reconciler({
    store,
    clock,
    ...(appliers ? { appliers } : {}),
    onViolation: ({ id, detail }) => log.error({ id }, `invariant broken: ${detail}`),
    onError: (error) => log.error({ err: error }, 'reconciling failed'),
  });
  const server = await startServer({
    ...config.listen,
    version,
    store,
    reconciler,
    history: new History(store),
    now: clock.now,
    check,
    onInternalError: (error) => log.error({ err: error }, 'request failed'),
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  handleProcessLife(process, log, {
    reload: async () => log.warn({}, 'HUP does nothing: restart to read the configuration again'),
    shutdown: async (signal) => {
      log.info({ signal }, 'shutting down');
      await reconciler.stop();
      appliers?.close();
      await server.close();
      await store.close();
    },
  });
  reconciler.start();
  const { revision } = store.snapshot;
  log.info(
    { version, term: store.term, revision, address: config.listen.address, port: server.port },
    'ready',
  );
}
