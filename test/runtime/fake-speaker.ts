import type { IpAddress } from '../../src/net/ip-address.ts';
import { SocketHost, type SocketHostOptions } from '../../src/runtime/socket-host.ts';
import type { SpeakerInput } from '../../src/runtime/speaker-input.ts';
import type { SpeakerEvent } from '../../src/speaker/views.ts';

/** Records what the host told it, and lets a test wait for a state instead of for time. */
export class FakeSpeaker implements SpeakerInput {
  readonly host: SocketHost;
  readonly calls: string[] = [];
  readonly bytes = new Map<number, number>();
  accept = true;
  deadline = Number.POSITIVE_INFINITY;
  backlog = 0;
  restUntil = 0;
  onReceived: (connection: number, bytes: Uint8Array) => void = () => {};
  onWritable: (connection: number) => void = () => {};
  onAdvance: (now: number) => void = () => {};
  onWork: (now: number) => boolean = () => false;
  onEstablished: (connection: number) => void = () => {};
  readonly incoming: { readonly id: number; readonly remote: IpAddress; readonly local: IpAddress }[] = [];
  #waiters: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  constructor(options: SocketHostOptions = {}) {
    const { onPlace = () => {} } = options;
    const onEvent = (event: SpeakerEvent): void => {
      if (event.type === 'connection-refused') this.#record(`refused ${event.remote} ${event.reason}`);
    };
    this.host = new SocketHost(onEvent, {
      ...options,
      onPlace: (state) => {
        onPlace(state);
        this.#record(state.type === 'up' ? 'place up' : `place down: ${state.reason}`);
      },
    });
    this.host.attach(this);
  }

  /** Resolves as soon as `holds` is true after one of the host's calls. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ holds, resolve });
      this.#look();
    });
  }

  connectionEstablished(connection: number, localAddress: IpAddress): void {
    this.onEstablished(connection);
    this.#record(`established ${connection} ${localAddress}`);
  }

  acceptConnection(id: number, remote: IpAddress, local: IpAddress): boolean {
    if (this.accept) this.incoming.push({ id, remote, local });
    this.#record(`accept ${remote} ${local}`);
    return this.accept;
  }

  received(connection: number, bytes: Uint8Array): void {
    this.bytes.set(connection, (this.bytes.get(connection) ?? 0) + bytes.length);
    this.onReceived(connection, bytes);
    this.#look();
  }

  connectionFailed(connection: number, detail: string): void {
    this.#record(`failed ${connection} ${detail}`);
  }

  writable(connection: number): void {
    this.onWritable(connection);
    this.#record(`writable ${connection}`);
  }

  advance(now: number): void {
    this.onAdvance(now);
    this.#record('advance');
  }

  work(now: number): boolean {
    const more = this.onWork(now);
    this.#record('work');
    return more;
  }

  nextDeadline(): number {
    return this.deadline;
  }

  seen(prefix: string): readonly string[] {
    return this.calls.filter((call) => call.startsWith(prefix));
  }

  #record(call: string): void {
    this.calls.push(call);
    this.#look();
  }

  #look(): void {
    const ready = this.#waiters.filter(({ holds }) => holds());
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
  }
}
