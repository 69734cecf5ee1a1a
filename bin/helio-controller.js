#!/usr/bin/env node
// Launcher of helio-controller: everything is in dist/, made by `npm run build`.
try {
  const { runController } = await import('../dist/controllerd.js');
  process.exitCode = await runController(process.argv.slice(2));
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write(`error: ${error.message}\n  a fresh clone wants: npm ci && npm run build\n`);
  process.exitCode = 1;
}
