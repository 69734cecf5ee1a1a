/**
 * The walls of the house: who may import whom (dependency-cruiser, rules in .dependency-cruiser.cjs) and that the
 * core rooms touch no clock, no randomness, no process and no I/O (globals.js). Fails when fewer modules were looked
 * at than there are files, and when a planted violation goes unseen: a check that cannot fail is none.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forbiddenUses } from './globals.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const coreRooms = [
  'net',
  'wire',
  'session',
  'rib',
  'policy',
  'export',
  'vrf',
  'fib',
  'speaker',
  'controller',
  'bmp',
  'mrt',
];

/** @param {string} directory @returns {string[]} every .ts file below it, absolute */
function sourceFiles(directory) {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** Runs dependency-cruiser on `src` below `directory`. @param {string} directory */
function cruise(directory) {
  const run = spawnSync(
    process.execPath,
    [cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'],
    { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (!run.stdout.startsWith('{')) throw new Error(`dependency-cruiser said no JSON: ${run.stderr}`);
  const { modules, summary } = JSON.parse(run.stdout);
  return {
    cruised: new Set(modules.map((module) => module.source).filter((source) => source.startsWith('src/'))),
    violations: summary.violations
      .filter((violation) => violation.rule.severity === 'error')
      .map((violation) => ({
        rule: violation.rule.name,
        text: `${violation.rule.name}: ${violation.from} -> ${violation.to}`,
      })),
  };
}

/** @returns {string[]} what is wrong with the imports of the project at `directory` */
function importProblems(directory) {
  const files = sourceFiles(join(directory, 'src')).map((file) => relative(directory, file));
  const { cruised, violations } = cruise(directory);
  const unseen = files.filter((file) => !cruised.has(file));
  return [
    ...violations.map((violation) => violation.text),
    ...unseen.map((file) => `not looked at by dependency-cruiser: ${file}`),
    ...(files.length === 0 ? ['there is no source file at all'] : []),
  ];
}

/** @returns {string[]} uses of the outside world in the core rooms of the project at `directory` */
function globalProblems(directory) {
  return coreRooms
    .map((room) => join(directory, 'src', room))
    .filter((path) => readdirSync(join(directory, 'src')).some((name) => path.endsWith(`/${name}`)))
    .flatMap(sourceFiles)
    .flatMap((file) =>
      forbiddenUses(readFileSync(file, 'utf8'), file).map(
        ({ line, what }) => `${relative(directory, file)}:${line}: ${what} in a core room`,
      ),
    );
}

/** What must be found in a house with these files, else the check itself is broken. */
const planted = [
  {
    file: 'src/rib/a.ts',
    text: "import { b } from '../session/b.ts';\nexport const a = b;\n",
    rule: 'layer-rib',
  },
  { file: 'src/session/b.ts', text: "import { c } from './c.ts';\nexport const b = c;\n", rule: 'no-cycles' },
  { file: 'src/session/c.ts', text: "import type { b } from './b.ts';\nexport const c: typeof b = 1;\n" },
  {
    file: 'src/net/d.ts',
    text: "import { readFileSync } from 'node:fs';\nexport const d = readFileSync;\n",
    rule: 'sans-io',
  },
  { file: 'src/wire/e.ts', text: "import { z } from 'zod';\nexport const e = z;\n", rule: 'packages-wire' },
];

/** @returns {string[]} planted violations that went unseen */
function selfTest() {
  const house = mkdtempSync(join(tmpdir(), 'heliograph-layers-'));
  try {
    cpSync(join(root, '.dependency-cruiser.cjs'), join(house, '.dependency-cruiser.cjs'));
    cpSync(join(root, 'tsconfig.json'), join(house, 'tsconfig.json'));
    writeFileSync(join(house, 'package.json'), '{ "type": "module", "dependencies": { "zod": "*" } }\n');
    mkdirSync(join(house, 'node_modules/zod'), { recursive: true });
    writeFileSync(join(house, 'node_modules/zod/package.json'), '{ "name": "zod", "main": "index.js" }\n');
    writeFileSync(join(house, 'node_modules/zod/index.js'), 'module.exports = {};\n');
    for (const { file, text } of planted) {
      mkdirSync(dirname(join(house, file)), { recursive: true });
      writeFileSync(join(house, file), text);
    }
    const found = new Set(cruise(house).violations.map((violation) => violation.rule));
    return [
      ...planted
        .filter(({ rule }) => rule && !found.has(rule))
        .map(({ rule }) => `planted ${rule} went unseen`),
      ...unseenGlobals(house),
    ];
  } finally {
    rmSync(house, { recursive: true, force: true });
  }
}

/** @param {string} house @returns {string[]} */
function unseenGlobals(house) {
  const outside = [
    'new Date()',
    'performance.now()',
    'setTimeout(() => 1, 1)',
    'Math.random()',
    'Math["random"]()',
    'process.pid',
    'console.log(1)',
    'globalThis.Date',
    'import("node:fs")',
  ];
  const inside = [
    'const o = { process: 1, Date: 2 }; o.process',
    'function process(event: number) { return event; } process(1)',
    'const text = "Date.now()"; // new Date()',
    'Math.floor(1.5)',
  ];
  const file = join(house, 'planted.ts');
  return [
    ...outside
      .filter((text) => forbiddenUses(text, file).length === 0)
      .map((text) => `planted ${text} went unseen`),
    ...inside
      .filter((text) => forbiddenUses(text, file).length > 0)
      .map((text) => `${text} was wrongly refused`),
  ];
}

const problems = [
  ...selfTest().map((text) => `self-test: ${text}`),
  ...importProblems(root),
  ...globalProblems(root),
];
for (const problem of problems) process.stderr.write(`layers: ${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
else process.stdout.write(`layers: ${sourceFiles(join(root, 'src')).length} files, no violation\n`);
