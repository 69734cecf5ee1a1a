#!/usr/bin/env node
// Launcher of helioctl: everything is in dist/, made by `npm run build`.
try {
  await import('../dist/helioctl.js');
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write(`error: ${error.message}\n  a fresh clone wants: npm ci && npm run build\n`);
  process.exitCode = 1;
}
