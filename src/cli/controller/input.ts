/** What `apply -f` reads: a file, standard input, or all YAML and JSON files of a directory, as one text of documents. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError, ExitCode } from '../exit-codes.ts';
import { readInput, type Surroundings } from '../run.ts';

export async function readDocuments(surroundings: Surroundings, paths: readonly string[]): Promise<string> {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  const texts = await Promise.all(files.map((file) => readInput(surroundings, file)));
  return texts.map((text) => text.trim()).join('\n---\n');
}

async function filesOf(path: string): Promise<readonly string[]> {
  if (path === '-') return [path];
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => /\.(ya?ml|json)$/.test(name)).sort();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new CliError(ExitCode.usage, `${path} has no .yaml, .yml or .json file`);
}
