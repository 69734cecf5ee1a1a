/** Composition root of heliod: joins configuration, speaker, sockets, management API and log. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startApi } from './api/server.ts';
import type { Configuration, ControllerSettings } from './config/configuration.ts';
import { configJsonSchema } from './config/json-schema.ts';
import { Gateway, type GatewayInputs } from './gateway.ts';
import { InstanceLog } from './instances/instance-log.ts';
import { InstanceSet } from './instances/instance-set.ts';
import { Instances } from './instances/instances-port.ts';
import { rehearseInQuietTime } from './rehearsal.ts';
import { loadFile, RunningConfig } from './running-config.ts';
import { parseArguments } from './runtime/arguments.ts';
import { nextIncarnation } from './runtime/incarnation.ts';
import { createKernelDriver } from './runtime/kernel-driver.ts';
import { createLog, type Log, type LogLevel, logReload } from './runtime/logging.ts';
import { machineFacts } from './runtime/machine.ts';
import { keyFileProblem } from './runtime/md5-keys.ts';
import { limitAllocator, releaseStart } from './runtime/native/allocator.ts';
import { handleProcessLife } from './runtime/process-life.ts';
import { isRestart, leaveRestartMarker, takeRestartMarker } from './runtime/restart-marker.ts';
import { processTurns } from './runtime/turns.ts';
import type { InstanceSettings } from './speaker/settings.ts';
import type { SpeakerStop } from './speaker/speaker.ts';

const interfacePollMilliseconds = 10_000;

/** Returns an exit code, or `undefined` when the daemon runs from now on. */
export async function runDaemon(argv: readonly string[]): Promise<number | undefined> {
  const version: string = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ).version;
  const args = parseArguments(argv, version);
  if (args.type === 'exit') return say(args.stream, args.text, args.code);
  const loaded = loadFile(args.config, machineFacts());
  for (const { text } of loaded.ok ? loaded.warnings : loaded.problems) say('stderr', `${text}\n`, 0);
  if (!loaded.ok) return 2;
  if (args.type === 'check') return say('stdout', `${args.config}: valid\n`, 0);
  limitAllocator();
  const log = createLog(args.logLevel ?? loaded.config.log.level);
  try {
    await run(loaded.config, { file: args.config, logLevel: args.logLevel, version, log });
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.fatal({}, message);
    await new Promise<void>((resolve) => log.close(resolve));
    return say('stderr', `heliod: ${message}\n`, 1);
  }
}

function say(stream: 'stdout' | 'stderr', text: string, code: number): number {
  process[stream].write(text);
  return code;
}

/** `logLevel`, from the command line, counts before the file's. */
type Start = { file: string; logLevel: LogLevel | undefined; version: string; log: Log };

async function run(first: Configuration, { file, logLevel, version, log }: Start): Promise<void> {
  process.title = 'heliod';
  const { api: apiSettings } = first;
  const restartAge = takeRestartMarker(apiSettings.socket);
  const now = () => performance.now();
  const instanceLog = new InstanceLog(log);
  let starting = true;
  const set: InstanceSet = new InstanceSet({
    version,
    now,
    restarted: ({ name, router }) =>
      gateway?.takesOver(name) ?? (starting && isRestart(restartAge, router.gracefulRestart)),
    onEvent: (event, settings) => {
      instanceLog.record(event, settings);
      instances.publish(event, settings);
      gateway?.noticed(event, settings);
    },
  });
  const config = new RunningConfig({
    file,
    facts: machineFacts(),
    first,
    now,
    apply: async (next) => {
      await set.apply(next.instances);
      log.setLevel(logLevel ?? next.log.level);
    },
    onReload: (outcome) => logReload(log, outcome),
  });
  const instances: Instances = new Instances(set, (key) => config.sourceOf(key));
  const gateway: Gateway | undefined =
    first.controller &&
    joinController(first.controller, {
      ...{ set, config, log },
      incarnation: nextIncarnation(apiSettings.socket),
    });
  let notReady: string | undefined = 'starting';
  const api = await startApi(apiSettings, {
    instances,
    config,
    configSchema: configJsonSchema,
    version,
    notReady: () => notReady,
    onInternalError: (error) => log.error({ err: error }, 'management request failed'),
    onClient: () => processTurns.hurry(),
  });
  const stop = async () => {
    await gateway?.stop();
    const how = (settings: InstanceSettings): SpeakerStop =>
      isSilent(settings) ? { type: 'silent' } : { type: 'admin-shutdown', message: '' };
    return Promise.all([set.stop(how), api.close()]);
  };
  handleProcessLife(process, log, {
    reload: async () => void (await config.reload()),
    shutdown: async (signal) => {
      notReady = 'shutting down';
      log.info({ signal }, 'shutting down');
      await stop();
      if (set.list().some(isSilent)) leaveRestartMarker(apiSettings.socket);
    },
  });
  try {
    await set.start(first.instances);
    starting = false;
    await gateway?.start();
  } catch (error) {
    await stop();
    throw error;
  }
  setInterval(() => set.lookAround(), interfacePollMilliseconds);
  notReady = undefined;
  const restarted = set.list().some(({ router }) => isRestart(restartAge, router.gracefulRestart));
  log.info({ version, instances: set.list().length, api: apiSettings.socket, restarted }, 'ready');
  const isQuiet = () => notReady === undefined && !processTurns.heardMuch;
  await rehearseInQuietTime(isQuiet, now, log);
  releaseStart();
}

/** heliod as a gateway: tenants that a controller places here, beside those of the file. */
function joinController(
  settings: ControllerSettings,
  parts: Pick<GatewayInputs, 'set' | 'config' | 'log' | 'incarnation'>,
): Gateway {
  const driver = createKernelDriver({ gateway: settings.gateway });
  const guard = fileURLToPath(new URL('./guard.js', import.meta.url));
  return new Gateway({ ...parts, settings, driver, guard, keyFileProblem });
}

/** So that its peers keep our routes until we are back (RFC 4724). */
function isSilent({ router }: InstanceSettings): boolean {
  return router.gracefulRestart !== undefined;
}
