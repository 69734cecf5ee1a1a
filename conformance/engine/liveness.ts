// A BFD session (RFC 5880, several hops: RFC 5883) beside a BGP session, played by the tester until it falls silent.
//
// Owns the two UDP sockets and the timer that sends. What comes of it for BGP is the business of the cases.

import { createSocket, type Socket } from 'node:dgram';
import { type Bytes, concat, readU32, u8, u32 } from '../wire/bytes.ts';

const PORT = 4784;
const VERSION = 1 << 5;
const DOWN = 1;
const INIT = 2;
const UP = 3;
const MULTIPLIER = 3;
const OCTETS = 24;
const EVERY_MS = 100;
const DISCRIMINATOR = 77;

export class Liveness {
  readonly #target: string;
  readonly #receiver: Socket;
  readonly #sender: Socket;
  readonly #timer: NodeJS.Timeout;
  #state = DOWN;
  #theirs = 0;
  #theirState = 0;

  private constructor(target: string, receiver: Socket, sender: Socket) {
    this.#target = target;
    this.#receiver = receiver;
    this.#sender = sender;
    receiver.on('message', (packet) => this.#heard(Uint8Array.from(packet)));
    this.#timer = setInterval(() => this.#send(), EVERY_MS);
  }

  /** The tester's end at `local`, which begins to send at once. */
  static async open(local: string, target: string): Promise<Liveness> {
    const [receiver, sender] = [await bound(local, PORT), await bound(local, 0)];
    // RFC 5881 §5: nothing with less is taken.
    sender.setTTL(255);
    return new Liveness(target, receiver, sender);
  }

  /** Both ends say Up. */
  get up(): boolean {
    return this.#state === UP && this.#theirState === UP;
  }

  /** Nothing is sent from now on: the other end's detection time runs out. */
  silence(): void {
    clearInterval(this.#timer);
  }

  close(): void {
    this.silence();
    this.#receiver.close();
    this.#sender.close();
  }

  #heard(packet: Bytes): void {
    if (packet.length < OCTETS) return;
    this.#theirs = readU32(packet, 4);
    this.#theirState = (packet[1] ?? 0) >>> 6;
    // RFC 5880 §6.2: three ways up, by what the other end says of itself.
    if (this.#state === DOWN && this.#theirState === DOWN) this.#state = INIT;
    else if (this.#state !== UP && this.#theirState >= INIT) this.#state = UP;
  }

  #send(): void {
    const interval = u32(EVERY_MS * 1000);
    const head = Uint8Array.of(VERSION, this.#state << 6, MULTIPLIER);
    const packet = concat(
      head,
      u8(OCTETS),
      u32(DISCRIMINATOR),
      u32(this.#theirs),
      interval,
      interval,
      u32(0),
    );
    this.#sender.send(packet, PORT, this.#target);
  }
}

function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, () => {
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
