import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isRestart, leaveRestartMarker, takeRestartMarker } from '../../src/runtime/restart-marker.ts';

let directory = '';
let socket = '';
const promised = { restartTimeSeconds: 120 };
const wasRestarted = (path: string, promise: { readonly restartTimeSeconds: number } | undefined) =>
  isRestart(takeRestartMarker(path), promise);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heliod-marker-'));
  socket = join(directory, 'heliod.sock');
});

afterEach(() => rmSync(directory, { recursive: true }));

it('counts once', () => {
  expect(wasRestarted(socket, promised)).toBe(false);
  leaveRestartMarker(socket);
  expect(wasRestarted(socket, promised)).toBe(true);
  expect(wasRestarted(socket, promised)).toBe(false);
});

it('does not count when the time that was promised is over', () => {
  leaveRestartMarker(socket);
  const then = Date.now() / 1000 - 121;
  utimesSync(`${socket}.restart`, then, then);
  expect(wasRestarted(socket, promised)).toBe(false);
});

it('does not count when graceful restart was switched off meanwhile', () => {
  leaveRestartMarker(socket);
  expect(wasRestarted(socket, undefined)).toBe(false);
});
