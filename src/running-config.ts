/**
 * The configuration that counts now, and how a new one comes to count: read the file, check it, say what would
 * change, apply it. A file with mistakes changes nothing. Beside the file stand the tenants that were added at run time,
 * and those that a network controller gave to this gateway. Part of the composition root: it joins config/ and api/.
 */
import { readFileSync } from 'node:fs';
import { setImmediate as breath } from 'node:timers/promises';
import type { ConfigPort, InstanceInfo, TenantChange } from './api/ports.ts';
import type { Configuration, MachineFacts } from './config/configuration.ts';
import { diffConfigurations } from './config/diff.ts';
import { type LoadResult, loadConfig } from './config/load.ts';
import { collisions, loadTenant } from './config/load-tenant.ts';
import { renderConfig, renderTenant } from './config/render.ts';
import type { InstanceSettings } from './speaker/settings.ts';

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

interface Managed {
  readonly text: string;
  readonly settings: InstanceSettings;
}

export interface ManagedProblem {
  readonly key: string;
  readonly message: string;
}

type Reload = Awaited<ReturnType<ConfigPort['reload']>>;

export class RunningConfig implements ConfigPort {
  readonly #inputs: RunningConfigInputs;
  #file: Configuration;
  /** Tenants that were added at run time, by key. A file that names one of them takes it over. */
  #added: ReadonlyMap<string, InstanceSettings> = new Map();
  /** Tenants that a network controller gave to this gateway, by key, with the text that each came from. */
  #managed: ReadonlyMap<string, Managed> = new Map();
  #generation = 1;
  #lastReload: ReturnType<ConfigPort['lastReload']>;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(inputs: RunningConfigInputs) {
    this.#inputs = inputs;
    this.#file = inputs.first;
  }

  /** What the file says, and the tenants that were added at run time. */
  get current(): Configuration {
    return this.#with(this.#file, this.#added, this.#managed);
  }

  get generation(): number {
    return this.#generation;
  }

  /** Was this one added at run time? */
  isAdded(key: string): boolean {
    return this.#added.has(key);
  }

  sourceOf(key: string): InstanceInfo['source'] {
    if (this.#managed.has(key)) return 'controller';
    return this.isAdded(key) ? 'api' : 'configuration';
  }

  lastReload(): ReturnType<ConfigPort['lastReload']> {
    return this.#lastReload;
  }

  show(): string {
    return renderConfig(this.current);
  }

  showTenant(key: string): string | undefined {
    const found = this.#tenant(key);
    return found && renderTenant(found);
  }

  diff(text: string, fileName: string): ReturnType<ConfigPort['diff']> {
    const result = loadConfig(text, fileName, this.#inputs.facts);
    if (!result.ok) return result;
    const next = this.#with(result.config, this.#left(result.config), this.#managed);
    return { ok: true, diff: diffConfigurations(this.current, next) };
  }

  reload(): ReturnType<ConfigPort['reload']> {
    return this.#inTurn(async () => {
      const outcome = await this.#reload();
      const problems = outcome.ok ? [] : outcome.problems;
      this.#lastReload = { at: this.#inputs.now(), ok: outcome.ok, problems };
      this.#inputs.onReload(outcome);
      return outcome;
    });
  }

  addTenant(text: string, fileName: string): Promise<TenantChange> {
    return this.#inTurn(() => this.#put(text, fileName, undefined));
  }

  putTenant(key: string, text: string, fileName: string): Promise<TenantChange> {
    return this.#inTurn(() => this.#put(text, fileName, key));
  }

  removeTenant(key: string): Promise<TenantChange> {
    return this.#inTurn(async () => {
      if (!this.#tenant(key)) return refused('no-such-tenant', `there is no tenant ${key}`);
      if (this.#managed.has(key)) return refused('tenant-of-file', ofController(key));
      if (!this.isAdded(key)) return refused('tenant-of-file', ofFile(key));
      const added = new Map(this.#added);
      added.delete(key);
      return this.#change(key, added);
    });
  }

  /**
   * These tenants of the controller, by key and as the text of an entry of `tenants`, and no others of it. One that
   * cannot be had is left out and said; the others are not harmed by it.
   */
  setManaged(texts: ReadonlyMap<string, string>): Promise<readonly ManagedProblem[]> {
    return this.#inTurn(() => this.#setManaged(texts));
  }

  async #setManaged(texts: ReadonlyMap<string, string>): Promise<readonly ManagedProblem[]> {
    const { instances } = this.#with(this.#file, this.#added, new Map());
    const problems: ManagedProblem[] = [];
    const wanted = new Map<string, Managed>();
    for (const [key, text] of texts) {
      const known = this.#managed.get(key);
      if (known?.text === text) {
        wanted.set(key, known);
        continue;
      }
      const loaded = loadTenant(text, `tenant ${key} of the controller`, this.#inputs.facts, instances);
      if (loaded.ok) wanted.set(key, { text, settings: loaded.settings });
      else problems.push({ key, message: loaded.problems.map((problem) => problem.text).join('; ') });
    }
    const outcome = await this.#apply(this.#file, this.#added, wanted);
    if (outcome.ok) return problems;
    return [...problems, ...(await this.#oneByOne(wanted))];
  }

  /** Together they cannot be had: what stays, and then each that is new or changed by itself. */
  async #oneByOne(wanted: ReadonlyMap<string, Managed>): Promise<readonly ManagedProblem[]> {
    const problems: ManagedProblem[] = [];
    const kept = () => new Map([...this.#managed].filter(([key]) => wanted.has(key)));
    await this.#apply(this.#file, this.#added, kept());
    for (const [key, managed] of wanted) {
      if (this.#managed.get(key) === managed) continue;
      const outcome = await this.#apply(this.#file, this.#added, kept().set(key, managed));
      if (outcome.ok) continue;
      problems.push({ key, message: outcome.problems.map(({ text }) => text).join('; ') });
    }
    return problems;
  }

  /** One after the other, whoever asks. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(change);
    this.#queue = done.catch(() => {});
    return done;
  }

  #tenant(key: string): InstanceSettings | undefined {
    return this.current.instances.find(({ name }) => name === key && name !== 'default');
  }

  /** Tenants of run time that this file does not take over. */
  #left(next: Configuration): ReadonlyMap<string, InstanceSettings> {
    const named = new Set(next.instances.map(({ name }) => name));
    return new Map([...this.#added].filter(([key]) => !named.has(key)));
  }

  async #reload(): Promise<Reload> {
    const { file, facts } = this.#inputs;
    const result = loadFile(file, facts);
    if (!result.ok) return result;
    // With a thousand peers each of reading, comparing and applying takes a while: sessions and requests come between.
    await breath();
    const added = this.#left(result.config);
    const others = [...added.values(), ...[...this.#managed.values()].map(({ settings }) => settings)];
    const taken = collisions(result.config.instances, others);
    if (taken.length > 0) return { ok: false, problems: taken.map((text) => fileProblem(file, text)) };
    return this.#apply(result.config, added, this.#managed);
  }

  /** `key`: the one it must be; `undefined` for one that must not be there. */
  async #put(text: string, fileName: string, key: string | undefined): Promise<TenantChange> {
    const { instances } = this.current;
    const load = (others: readonly InstanceSettings[]) =>
      loadTenant(text, fileName, this.#inputs.facts, others);
    const alone = load([]);
    if (!alone.ok) return mistakes(fileName, alone.problems);
    const { settings } = alone;
    if (key !== undefined && settings.name !== key)
      return refused('invalid-configuration', `the text is of tenant ${settings.name}, not of ${key}`);
    const exists = this.#tenant(settings.name) !== undefined;
    if (exists && key === undefined)
      return refused('duplicate-tenant', `there is a tenant ${settings.name} already`);
    if (this.#managed.has(settings.name)) return refused('tenant-of-file', ofController(settings.name));
    if (exists && !this.isAdded(settings.name)) return refused('tenant-of-file', ofFile(settings.name));
    const together = load(instances.filter(({ name }) => name !== settings.name));
    if (!together.ok) return mistakes(fileName, together.problems);
    return this.#change(settings.name, new Map([...this.#added, [settings.name, settings]]));
  }

  async #change(key: string, added: ReadonlyMap<string, InstanceSettings>): Promise<TenantChange> {
    const outcome = await this.#apply(this.#file, added, this.#managed);
    if (outcome.ok) return { ok: true, key, diff: outcome.diff };
    return refused('invalid-configuration', outcome.problems.map(({ text }) => text).join('; '));
  }

  #with(
    file: Configuration,
    added: ReadonlyMap<string, InstanceSettings>,
    managed: ReadonlyMap<string, Managed>,
  ): Configuration {
    const more = [...added.values(), ...[...managed.values()].map(({ settings }) => settings)];
    return more.length === 0 ? file : { ...file, instances: [...file.instances, ...more] };
  }

  async #apply(
    file: Configuration,
    added: ReadonlyMap<string, InstanceSettings>,
    managed: ReadonlyMap<string, Managed>,
  ): Promise<Reload> {
    const next = this.#with(file, added, managed);
    const diff = diffConfigurations(this.current, next);
    await breath();
    try {
      await this.#inputs.apply(next);
    } catch (error) {
      return { ok: false, problems: [fileProblem(this.#inputs.file, error)] };
    }
    this.#file = file;
    this.#added = added;
    this.#managed = managed;
    this.#generation++;
    return { ok: true, diff, generation: this.#generation };
  }
}

function ofFile(key: string): string {
  return `tenant ${key} is in the configuration file: change it there, then reload`;
}

function ofController(key: string): string {
  return `tenant ${key} was given to this gateway by its controller: change it there`;
}

type Refused = Extract<TenantChange, { readonly ok: false }>;

function mistakes(fileName: string, problems: Refused['problems']): Refused {
  return refused('invalid-configuration', `${fileName} has mistakes`, problems);
}

function refused(code: Refused['code'], detail: string, problems: Refused['problems'] = []): Refused {
  return { ok: false, code, detail, problems };
}
