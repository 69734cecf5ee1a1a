/**
 * The addresses of another network namespace: which there are, for how long, and telling the links of those that came.
 * All within one visit, on this thread, without a program being started: a hundred namespaces take milliseconds.
 */
import { close, closeSync, readSync, writeSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Place } from '../../speaker/settings.ts';
import { errorCode } from '../socket-errors.ts';
import { checked, type Libc, SystemCallError } from './libc.ts';
import { inPlace } from './namespaces.ts';
import {
  type Answer,
  type KernelAddress,
  type ListedAddress,
  listAddressesMessage,
  parseAnswers,
  removeAddressMessage,
  setAddressMessage,
} from './rtnetlink.ts';

/** SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC: the kernel has answered before a request returns. */
const rawType = 0o2004003;

const netlinkFamily = 16;
const packetFamily = 17;

/** A dump comes in pieces of at most this. */
const readOctets = 65_536;

/** Calls `work` in the place; nothing of the visit may be used afterwards. Throws NamespaceError. */
export function visitAddresses<T>(libc: Libc, place: Place, work: (visit: AddressVisit) => T): T {
  return inPlace(libc, place, () => {
    const descriptor = checked(libc, 'socket', libc.socket(netlinkFamily, rawType, 0));
    try {
      return work(new AddressVisit(libc, descriptor));
    } finally {
      closeSync(descriptor);
    }
  });
}

export class AddressVisit {
  readonly #libc: Libc;
  readonly #descriptor: number;

  constructor(libc: Libc, descriptor: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
  }

  /** 0: there is no such link. */
  linkIndex(name: string): number {
    return this.#libc.if_nametoindex(name);
  }

  list(): readonly ListedAddress[] {
    return this.#ask(listAddressesMessage()).flatMap((answer) =>
      answer.type === 'address' ? [answer.address] : [],
    );
  }

  /** Adds it, or gives the one that is there its new lifetime. Throws SystemCallError. */
  set(address: KernelAddress, seconds: number): void {
    this.#ask(setAddressMessage(address, seconds));
  }

  /** One that is not there is not missed. Throws SystemCallError. */
  remove(address: KernelAddress): void {
    try {
      this.#ask(removeAddressMessage(address));
    } catch (error) {
      if (errorCode(error) !== 'EADDRNOTAVAIL') throw error;
    }
  }

  /** `undefined` for a link that is down: nobody would hear it. */
  macOf(link: string): Uint8Array | undefined {
    const mac = networkInterfaces()[link]?.[0]?.mac;
    return mac === undefined
      ? undefined
      : Uint8Array.from(mac.split(':'), (octet) => Number.parseInt(octet, 16));
  }

  /** Sends Ethernet frames out of a link; false where it cannot now. */
  send(index: number, frames: readonly Uint8Array[]): boolean {
    const libc = this.#libc;
    const descriptor = checked(libc, 'socket', libc.socket(packetFamily, rawType, 0));
    try {
      const link = linkLayerAddress(index);
      checked(libc, 'bind', libc.bind(descriptor, link, link.length));
      for (const frame of frames) writeSync(descriptor, frame);
      return true;
    } catch {
      return false;
    } finally {
      // The kernel waits until no processor looks at such a socket any more, some milliseconds: not on this thread.
      close(descriptor);
    }
  }

  #ask(request: Uint8Array): readonly Answer[] {
    writeSync(this.#descriptor, request);
    const answers: Answer[] = [];
    const buffer = new Uint8Array(readOctets);
    for (;;) {
      const length = readSync(this.#descriptor, buffer);
      for (const answer of parseAnswers(buffer.subarray(0, length))) {
        answers.push(answer);
        if (answer.type !== 'end') continue;
        if (answer.errno !== 0) throw new SystemCallError('address', answer.errno);
        return answers;
      }
    }
  }
}

/** struct sockaddr_ll of linux/if_packet.h, for no protocol: nothing is received. */
function linkLayerAddress(index: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packetFamily, true);
  view.setInt32(4, index, true);
  return bytes;
}

/** In the operator's words. */
export function addressProblem(error: unknown): string {
  const code = errorCode(error);
  if (code === 'EPERM') return 'not permitted: this needs the capability CAP_NET_ADMIN';
  if (code === 'EACCES') return 'the kernel has IPv6 turned off here';
  return error instanceof SystemCallError ? code : String(error);
}
