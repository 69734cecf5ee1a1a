/** Cuts what a session receives into whole BGP messages, each as soon as it is there. */
const header = 19;

export class WholeMessages {
  #held: Buffer = Buffer.alloc(0);

  /** `take` gets each message, header included; its bytes are only valid during the call. */
  push(chunk: Uint8Array, take: (message: Buffer) => void): void {
    const bytes = Buffer.concat([this.#held, chunk]);
    let at = 0;
    while (bytes.length - at >= header) {
      const end = at + bytes.readUInt16BE(at + 16);
      if (end > bytes.length) break;
      take(bytes.subarray(at, end));
      at = end;
    }
    this.#held = bytes.subarray(at);
  }
}
