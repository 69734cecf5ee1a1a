/** Composition root of heliod: joins configuration, speaker, sockets, management API and log. */
import { readFileSync } from 'node:fs';
import { startApi } from './api/server.ts';
import type { Configuration } from './config/configuration.ts';
import { configJsonSchema } from './config/json-schema.ts';
import { loadFile, RunningConfig } from './running-config.ts';
import { accessOf } from './runtime/access.ts';
import { parseArguments } from './runtime/arguments.ts';
import { createLog, EventLog, type Log, type LogLevel, logReload } from './runtime/logging.ts';
import { localInterfaces, machineFacts } from './runtime/machine.ts';
import { handleProcessLife } from './runtime/process-life.ts';
import { leaveRestartMarker, wasRestarted } from './runtime/restart-marker.ts';
import { SocketHost } from './runtime/socket-host.ts';
import { Management } from './speaker/management.ts';
import { Speaker } from './speaker/speaker.ts';

const flushMilliseconds = 2000;
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
  const {
    instances: [settings],
    api: apiSettings,
  } = first;
  const eventLog = new EventLog(log, settings.name);
  const host = new SocketHost((event) => eventLog.record(event));
  const restarted = wasRestarted(apiSettings.socket, settings.router.gracefulRestart);
  const speaker = new Speaker(settings, host, { restarted });
  host.attach(speaker);
  const config = new RunningConfig({
    file,
    facts: machineFacts(),
    first,
    now: () => host.now(),
    apply: async (next) => {
      const [changed] = next.instances;
      await host.listen(changed.router.listen, accessOf(changed));
      speaker.reconfigure(changed);
      log.setLevel(logLevel ?? next.log.level);
    },
    onReload: (outcome) => logReload(log, outcome),
  });
  let notReady: string | undefined = 'starting';
  const api = await startApi(apiSettings, {
    speaker: new Management(speaker, version),
    config,
    configSchema: configJsonSchema,
    version,
    tenant: settings.name,
    notReady: () => notReady,
    onInternalError: (error) => log.error({ err: error }, 'management request failed'),
  });
  const stop = () => Promise.all([host.shutdown(flushMilliseconds), api.close()]);
  handleProcessLife(process, log, {
    reload: async () => void (await config.reload()),
    shutdown: async (signal) => {
      notReady = 'shutting down';
      log.info({ signal }, 'shutting down');
      const silent = config.current.instances[0].router.gracefulRestart !== undefined;
      speaker.stop(silent ? { type: 'silent' } : { type: 'admin-shutdown', message: '' });
      await stop();
      if (silent) leaveRestartMarker(apiSettings.socket);
    },
  });
  await host
    .listen(settings.router.listen, accessOf(settings))
    .catch((error) => stop().then(() => Promise.reject(error)));
  speaker.setInterfaces(localInterfaces());
  setInterval(() => speaker.setInterfaces(localInterfaces()), interfacePollMilliseconds);
  speaker.start();
  notReady = undefined;
  log.info({ version, listen: host.listening(), api: apiSettings.socket, restarted }, 'ready');
}
