#!/usr/bin/env node
// Launcher of heliod: everything is in dist/, made by `npm run build`.
import { setFlagsFromString } from 'node:v8';

// What lives in the young generation of a speaker is little: left alone, V8 grows it to 48 MB while modules load.
setFlagsFromString('--semi-space-growth-factor=1');
// A speaker that has little to do should not be slow at it: its code is compiled after a few hundred messages. Later
// Nodes have a quick compiler for that, and other flags.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=10000');
try {
  const { runDaemon } = await import('../dist/daemon.js');
  process.exitCode = await runDaemon(process.argv.slice(2));
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write(`error: ${error.message}\n  a fresh clone wants: npm ci && npm run build\n`);
  process.exitCode = 1;
}
