import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog, EventLog, type LogLevel } from '../../src/runtime/logging.ts';
import type { SpeakerEvent } from '../../src/speaker/views.ts';

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** The lines that these events become. */
async function linesOf(
  events: readonly SpeakerEvent[],
  level: LogLevel = 'info',
): Promise<Record<string, unknown>[]> {
  const directory = mkdtempSync(join(tmpdir(), 'heliod-log-'));
  directories.push(directory);
  const file = join(directory, 'log');
  const descriptor = openSync(file, 'w');
  const log = createLog(level, descriptor);
  const events_ = new EventLog(log, { tenant: 'default', slot: 'main' });
  for (const event of events) events_.record(event);
  await new Promise<void>((resolve) => log.close(resolve));
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const down: SpeakerEvent = {
  type: 'peer-state',
  at: 1,
  peer: '10.0.0.2',
  from: 'established',
  to: 'idle',
  reason: 'hold timer expired',
};

it('closes even when nothing can be written', async () => {
  // Every write to this device fails: no space left.
  const log = createLog('info', openSync('/dev/full', 'w'));
  log.info({}, 'lost');
  await new Promise<void>((resolve) => log.close(resolve));
});

describe('EventLog', () => {
  it('writes one JSON line with the fields of the event', async () => {
    const [line] = await linesOf([down]);
    expect(line).toMatchObject({
      level: 'info',
      event: 'peer-state',
      tenant: 'default',
      slot: 'main',
      peer: '10.0.0.2',
      from: 'established',
      to: 'idle',
      reason: 'hold timer expired',
      msg: 'session idle',
    });
    expect(Number.isNaN(Date.parse(String(line.time)))).toBe(false);
  });

  it('the way to an established session is for debug only', async () => {
    const connecting: SpeakerEvent = { ...down, from: 'idle', to: 'connect', reason: undefined };
    expect(await linesOf([connecting])).toEqual([]);
    expect(await linesOf([connecting], 'debug')).toHaveLength(1);
  });

  it('routes are never logged', async () => {
    const route: SpeakerEvent = {
      type: 'route',
      at: 0,
      family: 'ipv4-unicast',
      prefix: '10.0.0.0/8',
      route: undefined,
    };
    expect(await linesOf([route], 'trace')).toEqual([]);
  });

  it('one peer that fails all the time cannot flood the log, nor hide another', async () => {
    const bad = (at: number, peer: string): SpeakerEvent => ({
      type: 'malformed-update',
      at,
      peer,
      action: 'treat-as-withdraw',
      detail: 'ORIGIN 7',
      bytes: '07',
    });
    const events = Array.from({ length: 1000 }, (_, i) => bad(i, '10.0.0.2'));
    const lines = await linesOf([...events, bad(1001, '10.0.0.3'), bad(60_001, '10.0.0.2')]);
    expect(lines.filter(({ peer }) => peer === '10.0.0.2')).toHaveLength(21);
    expect(lines.filter(({ peer }) => peer === '10.0.0.3')).toHaveLength(1);
    expect(lines.at(-1)?.suppressed).toBe(980);
  });
});
