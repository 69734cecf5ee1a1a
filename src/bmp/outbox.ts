/** The messages of one turn, and the count of all before. */

/** Since the session began. */
export interface StationCounters {
  messages: number;
  octets: number;
  /** NLRI in Route Monitoring. */
  announced: number;
  withdrawn: number;
}

export class Outbox {
  readonly counters: StationCounters = { messages: 0, octets: 0, announced: 0, withdrawn: 0 };
  #messages: Uint8Array[] = [];
  #octets = 0;

  put(message: Uint8Array): void {
    this.#messages.push(message);
    this.#octets += message.length;
    this.counters.messages++;
    this.counters.octets += message.length;
  }

  /** All of it in one piece; `undefined` when there is nothing. */
  take(): Uint8Array | undefined {
    if (this.#octets === 0) return undefined;
    const bytes = new Uint8Array(this.#octets);
    let at = 0;
    for (const message of this.#messages) {
      bytes.set(message, at);
      at += message.length;
    }
    this.#messages = [];
    this.#octets = 0;
    return bytes;
  }
}
