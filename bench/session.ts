/**
 * One BGP session of the load generator, with no more protocol than it takes: OPEN, KEEPALIVE, raw bytes. Received
 * bytes go to whoever asked for them as they come. Times are milliseconds of the machine's monotonic clock, which is
 * the same for all processes.
 */
import { connect, type Socket } from 'node:net';

export interface SessionOptions {
  readonly target: { readonly address: string; readonly port: number };
  readonly localAddress: string;
  readonly identifier: number;
  readonly asn: number;
  /** Seconds; keepalives are sent every third of it. */
  readonly holdTime: number;
  /** `bytes` is only valid during the call. */
  readonly onBytes: (bytes: Uint8Array) => void;
  readonly onClosed: (why: string) => void;
}

export const clock = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

const keepalive = message(4, []);

export class Session {
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  /** When something came last; `undefined` before the first byte. */
  #lastAt: number | undefined;
  #longestSilenceMs = 0;

  constructor(options: SessionOptions) {
    this.#socket = connect({
      host: options.target.address,
      port: options.target.port,
      localAddress: options.localAddress,
      onread: {
        buffer: Buffer.allocUnsafe(1 << 18),
        callback: (length: number, buffer: Uint8Array) => {
          this.#longestSilenceMs = this.longestSilenceMs;
          this.#lastAt = clock();
          options.onBytes(buffer.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.setNoDelay(true);
    this.#socket.once('connect', () => {
      this.#socket.write(open(options));
      this.#socket.write(keepalive);
      this.#timer = setInterval(() => this.#socket.write(keepalive), (options.holdTime * 1000) / 3);
    });
    this.#socket.once('error', (error) => options.onClosed(error.message));
    this.#socket.once('close', () => options.onClosed('the daemon closed the connection'));
  }

  /** Between two reads, up to now. */
  get longestSilenceMs(): number {
    return Math.max(this.#longestSilenceMs, this.#lastAt === undefined ? 0 : clock() - this.#lastAt);
  }

  /** Hands everything to the kernel as fast as it takes it. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.removeAllListeners('close').destroy();
  }
}

function message(type: number, body: readonly number[]): Buffer {
  const length = 19 + body.length;
  return Buffer.from([...new Array<number>(16).fill(255), length >> 8, length & 255, type, ...body]);
}

/** Multiprotocol IPv4 unicast, route refresh, 4-octet AS. */
function open({ asn, holdTime, identifier }: SessionOptions): Buffer {
  const u32 = (value: number): number[] => [
    value >>> 24,
    (value >>> 16) & 255,
    (value >>> 8) & 255,
    value & 255,
  ];
  const capabilities = [1, 4, 0, 1, 0, 1, 2, 0, 65, 4, ...u32(asn)];
  const parameter = [2, capabilities.length, ...capabilities];
  const shownAs = asn > 65535 ? 23456 : asn;
  return message(1, [
    ...[4, shownAs >> 8, shownAs & 255, holdTime >> 8, holdTime & 255],
    ...u32(identifier),
    ...[parameter.length, ...parameter],
  ]);
}
