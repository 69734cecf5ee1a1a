/**
 * The configuration that counts now, and how a new one comes to count: read the file, check it, say what would
 * change, apply it. A file with mistakes changes nothing. Part of the composition root: it joins config/ and api/.
 */
import { readFileSync } from 'node:fs';
import type { ConfigPort } from './api/ports.ts';
import type { Configuration, MachineFacts } from './config/configuration.ts';
import { diffConfigurations } from './config/diff.ts';
import { type LoadResult, loadConfig } from './config/load.ts';
import { renderConfig } from './config/render.ts';

/** Never throws: a file that cannot be read is a problem like any other. */
export function loadFile(file: string, facts: MachineFacts): LoadResult {
  try {
    return loadConfig(readFileSync(file, 'utf8'), file, facts);
  } catch (error) {
    return { ok: false, problems: [fileProblem(file, error)] };
  }
}

function fileProblem(file: string, error: unknown) {
  const message = error instanceof Error ? error.message : String(error);
  return { text: `${file}: ${message}`, line: 0, column: 0, path: '', message };
}

export interface RunningConfigInputs {
  readonly file: string;
  readonly facts: MachineFacts;
  readonly first: Configuration;
  /** Makes a configuration count. Throws, with nothing changed, when the machine does not allow it. */
  readonly apply: (next: Configuration) => Promise<void>;
  /** Host milliseconds. */
  readonly now: () => number;
  readonly onReload: (outcome: Awaited<ReturnType<ConfigPort['reload']>>) => void;
}

export class RunningConfig implements ConfigPort {
  readonly #inputs: RunningConfigInputs;
  #current: Configuration;
  #generation = 1;
  #lastReload: ReturnType<ConfigPort['lastReload']>;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(inputs: RunningConfigInputs) {
    this.#inputs = inputs;
    this.#current = inputs.first;
  }

  get current(): Configuration {
    return this.#current;
  }

  get generation(): number {
    return this.#generation;
  }

  lastReload(): ReturnType<ConfigPort['lastReload']> {
    return this.#lastReload;
  }

  show(): string {
    return renderConfig(this.#current);
  }

  diff(text: string, fileName: string): ReturnType<ConfigPort['diff']> {
    const result = loadConfig(text, fileName, this.#inputs.facts);
    if (!result.ok) return result;
    return { ok: true, diff: diffConfigurations(this.#current, result.config) };
  }

  /** One after the other, whoever asks. */
  reload(): ReturnType<ConfigPort['reload']> {
    const done = this.#queue.then(() => this.#reload());
    this.#queue = done;
    return done;
  }

  async #reload(): ReturnType<ConfigPort['reload']> {
    const outcome = await this.#tryReload();
    const problems = outcome.ok ? [] : outcome.problems;
    this.#lastReload = { at: this.#inputs.now(), ok: outcome.ok, problems };
    this.#inputs.onReload(outcome);
    return outcome;
  }

  async #tryReload(): ReturnType<ConfigPort['reload']> {
    const { file, facts, apply } = this.#inputs;
    const result = loadFile(file, facts);
    if (!result.ok) return result;
    const diff = diffConfigurations(this.#current, result.config);
    try {
      await apply(result.config);
    } catch (error) {
      return { ok: false, problems: [fileProblem(file, error)] };
    }
    this.#current = result.config;
    this.#generation++;
    return { ok: true, diff, generation: this.#generation };
  }
}
