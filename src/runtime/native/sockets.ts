/**
 * TCP sockets made by hand, in whatever place, with whatever options, and given to node:net as descriptors. Until
 * node:net has taken a descriptor it is ours: every way out that is an error closes it.
 */
import { networkInterfaces } from 'node:os';
import type { IpAddress } from '../../net/ip-address.ts';
import type { Place } from '../../speaker/settings.ts';
import { describeSocketError } from '../socket-errors.ts';
import { checked, type Libc, loadLibc } from './libc.ts';
import { inPlace } from './namespaces.ts';
import {
  bindToDevice,
  family,
  keptSyn,
  packetTtl,
  type SocketOption,
  socketAddress,
} from './socket-options.ts';

/** SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC */
const streamType = 0o2004001;

export interface SocketRequest {
  readonly place: Place;
  readonly version: 4 | 6;
  /** Set before it is bound, in this order. */
  readonly options: readonly SocketOption[];
  readonly bind: { readonly address: IpAddress; readonly port: number } | undefined;
}

export type NativeResult =
  | { readonly ok: true; readonly sockets: NativeSockets }
  | { readonly ok: false; readonly problem: string };

/** Those of this process; `problem` says why it has none. */
export function nativeSockets(): NativeResult {
  const result = loadLibc();
  return result.ok ? { ok: true, sockets: new NativeSockets(result.libc) } : result;
}

export class NativeSockets {
  readonly #libc: Libc;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** A descriptor, ready for node:net. Throws SystemCallError, or SocketOptionError. */
  open({ place, version, options, bind }: SocketRequest): number {
    const libc = this.#libc;
    const descriptor = inPlace(libc, place, () =>
      checked(libc, 'socket', libc.socket(family[version], streamType, 0)),
    );
    try {
      if (place.type === 'device') this.set(descriptor, [bindToDevice(place.name)]);
      this.set(descriptor, options);
      if (bind) {
        const address = socketAddress(bind.address, bind.port);
        checked(libc, 'bind', libc.bind(descriptor, address, address.length));
      }
      return descriptor;
    } catch (error) {
      this.close(descriptor);
      throw error;
    }
  }

  /** Also on sockets that are in use. */
  set(descriptor: number, options: readonly SocketOption[]): void {
    for (const { level, name, value, words } of options) {
      try {
        const result = this.#libc.setsockopt(descriptor, level, name, value, value.length);
        checked(this.#libc, 'setsockopt', result);
      } catch (error) {
        throw new SocketOptionError(words, error);
      }
    }
  }

  /** TTL that the SYN of an accepted connection arrived with; `undefined` where its listener did not keep it. */
  synTtl(descriptor: number): number | undefined {
    const packet = new Uint8Array(keptSyn.octets);
    const length = Uint32Array.of(packet.length);
    const room = new Uint8Array(length.buffer);
    if (this.#libc.getsockopt(descriptor, keptSyn.level, keptSyn.name, packet, room) < 0) return undefined;
    return packetTtl(packet.subarray(0, length[0]));
  }

  /** Before node:net does the same; its word for how many may wait counts. */
  listen(descriptor: number): void {
    checked(this.#libc, 'listen', this.#libc.listen(descriptor, 1));
  }

  /** Of a descriptor that node:net did not take. */
  close(descriptor: number): void {
    this.#libc.close(descriptor);
  }

  /** Goes there and back. Throws NamespaceError. */
  enter(place: Place): void {
    inPlace(this.#libc, place, () => {});
  }

  /** 0: there is no such device. */
  deviceIndex(name: string): number {
    return this.#libc.if_nametoindex(name);
  }

  /** `os.networkInterfaces` of the place; throws when it is not there. */
  interfaces(place: Place): ReturnType<typeof networkInterfaces> {
    return inPlace(this.#libc, place, networkInterfaces);
  }
}

/** The kernel would not set an option; the message says which, and what would help. */
export class SocketOptionError extends Error {
  readonly code: string;

  constructor(words: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    super(`cannot set ${words}: ${optionAdvice(code) ?? describeSocketError(cause)}`, { cause });
    this.name = 'SocketOptionError';
    this.code = code;
  }
}

function optionAdvice(code: string): string | undefined {
  switch (code) {
    case 'ENOMEM':
      return 'no room for more keys on one socket (raise sysctl net.core.optmem_max)';
    case 'ENOPROTOOPT':
      return 'this kernel cannot do it';
    case 'ENODEV':
      return 'there is no such device';
    default:
      return undefined;
  }
}
