/**
 * Composition root of helioctl: the process around the CLI, and the configuration checker that cli/ may not import
 * itself, loaded only by the commands that need it.
 */
import { readFileSync } from 'node:fs';
import { runCli } from './cli/main.ts';
import type { LocalConfig } from './cli/run.ts';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

async function localConfig(): Promise<LocalConfig> {
  const { configJsonSchema, loadConfig } = await import('./config/index.ts');
  return {
    check(source, fileName) {
      const result = loadConfig(source, fileName);
      const texts = (found: readonly { readonly text: string }[]): string[] => found.map(({ text }) => text);
      if (result.ok) return { problems: [], warnings: texts(result.warnings) };
      return { problems: texts(result.problems), warnings: [] };
    },
    schema: configJsonSchema,
  };
}

function packageVersion(): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}

process.exitCode = await runCli(process.argv.slice(2), {
  // Opened by their first use: that costs milliseconds each, and most commands read no input and say nothing.
  get stdin() {
    return process.stdin;
  },
  get stderr() {
    return process.stderr;
  },
  stdout: process.stdout,
  env: process.env,
  signal: interrupted.signal,
  async wait(milliseconds, signal) {
    const { setTimeout } = await import('node:timers/promises');
    await setTimeout(milliseconds, undefined, { signal });
  },
  version: packageVersion(),
  localConfig,
});
