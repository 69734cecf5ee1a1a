/** A place for a daemon that needs no namespace: a directory, and loopback addresses that nothing else uses. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from './heliod.ts';
import { LabProcess } from './lab-process.ts';

export class Desk implements Place {
  readonly directory = mkdtempSync(join(tmpdir(), 'heliograph-desk-'));
  readonly processes: LabProcess[] = [];

  start(label: string, file: string, args: readonly string[]): LabProcess {
    const log = join(this.directory, `${label}.log`);
    const started = new LabProcess(label, file, args, { log, env: {} });
    this.processes.push(started);
    return started;
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((daemon) => daemon.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** 127.16.0.0/12 by process id, so that runs beside each other do not meet. `last` from 1 to 254. */
export function loopback(last: number): string {
  return `127.${16 + ((process.pid >> 8) % 16)}.${process.pid & 255}.${last}`;
}
