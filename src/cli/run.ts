/**
 * One run of helioctl: what the surroundings are (streams, environment, local tools), what the global options say,
 * and the few ways in which a command prints. Owns no command and no page.
 */
import type { Readable, Writable } from 'node:stream';
import type { Daemon } from './daemon.ts';
import type { EndpointOptions } from './endpoint.ts';
import { CliError, ExitCode } from './exit-codes.ts';
import type { Output } from './output.ts';
import { type Colours, coloursFor } from './render/colours.ts';
import type { TableStyle } from './render/table.ts';
import { type Glyphs, glyphsFor } from './render/text.ts';

/** Work on configuration files that needs no daemon; handed in, since cli/ may not import config/. */
export interface LocalConfig {
  /** All that is wrong with the text, each ready to print; without problems it is valid. */
  check(
    text: string,
    fileName: string,
  ): { readonly problems: readonly string[]; readonly warnings: readonly string[] };
  /** JSON Schema of the configuration file. */
  schema(): unknown;
}

/** The process around us. */
export interface Surroundings {
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** Resolves after so many milliseconds; rejects when `signal` aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly version: string;
  /** Loaded only by the commands that need it: it is slow to load. */
  readonly localConfig: () => Promise<LocalConfig>;
}

export type OutputFormat = 'table' | 'wide' | 'json' | 'ndjson';

export const outputFormats: readonly OutputFormat[] = ['table', 'wide', 'json', 'ndjson'];

export interface GlobalOptions extends EndpointOptions {
  readonly output: OutputFormat;
  readonly color: boolean;
  readonly header: boolean;
  readonly quiet?: boolean;
  /** NAME or NAME/SLOT. */
  readonly tenant?: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What `show` prints in each of the formats. */
export interface Page {
  /** For `json`, as it is; for `ndjson` too, on one line, unless there are `rows`. */
  readonly value: unknown;
  /** For `ndjson`, a line each. */
  readonly rows?: readonly unknown[];
  readonly table: () => string;
  /** Where `wide` shows more than `table`. */
  readonly wide?: () => string;
}

export class Run {
  readonly surroundings: Surroundings;
  readonly options: GlobalOptions;
  readonly output: Output;
  readonly style: TableStyle;
  readonly glyphs: Glyphs;

  constructor(surroundings: Surroundings, output: Output, options: GlobalOptions) {
    const { stdout, env } = surroundings;
    this.surroundings = surroundings;
    this.options = options;
    this.output = output;
    const colours = coloursFor({ isTty: stdout.isTTY === true, refused: !options.color, env });
    this.style = { header: options.header, colours };
    this.glyphs = glyphsFor(env);
  }

  get colours(): Colours {
    return this.style.colours;
  }

  /** The daemon the options name. Nothing is connected yet. */
  async daemon(): Promise<Daemon> {
    const [{ ApiClient }, { Daemon }, { endpointOf }] = await Promise.all([
      import('../api/client.ts'),
      import('./daemon.ts'),
      import('./endpoint.ts'),
    ]);
    const endpoint = await endpointOf(this.options);
    const timeoutMilliseconds = this.options.timeout;
    const client = new ApiClient({ endpoint, timeoutMilliseconds, signal: this.surroundings.signal });
    return new Daemon(client, this.options.tenant);
  }

  async show(page: Page): Promise<void> {
    await this.output.write(pageText(page, this.options.output));
  }

  /** A message for the operator, on stderr; `--quiet` drops it. */
  note(text: string): void {
    if (!this.options.quiet) this.surroundings.stderr.write(`${text}\n`);
  }

  /** As `note`, but only where a person looks at a terminal. */
  hint(text: string): void {
    if (this.surroundings.stderr.isTTY && this.surroundings.stdout.isTTY) this.note(text);
  }
}

function pageText(page: Page, format: OutputFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(page.value, null, 2)}\n`;
    case 'ndjson':
      return (page.rows ?? [page.value]).map((row) => `${JSON.stringify(row)}\n`).join('');
    case 'wide':
      return (page.wide ?? page.table)();
    case 'table':
      return page.table();
  }
}

/** A file's text; `-` is standard input. */
export async function readInput(surroundings: Surroundings, fileName: string): Promise<string> {
  if (fileName === '-') {
    let text = '';
    for await (const chunk of surroundings.stdin) text += String(chunk);
    return text;
  }
  const { readFile } = await import('node:fs/promises');
  try {
    return await readFile(fileName, 'utf8');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CliError(ExitCode.usage, `cannot read ${fileName}: ${detail.replace(/, open .*$/, '')}`);
  }
}
