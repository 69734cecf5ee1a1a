/** Events of all instances as log lines: each instance has its own limit of repeats, so none drowns another. */
import type { InstanceEvent } from '../api/ports.ts';
import { EventLog, type Log } from '../runtime/logging.ts';
import type { InstanceSettings } from '../speaker/settings.ts';

export class InstanceLog {
  readonly #log: Log;
  readonly #logs = new Map<string, EventLog>();

  constructor(log: Log) {
    this.#log = log;
  }

  record(event: InstanceEvent, { name, tenant, slot }: InstanceSettings): void {
    let log = this.#logs.get(name);
    if (!log) {
      log = new EventLog(this.#log, { tenant, slot });
      this.#logs.set(name, log);
    }
    log.record(event);
    if (event.type === 'instance-removed') this.#logs.delete(name);
  }
}
