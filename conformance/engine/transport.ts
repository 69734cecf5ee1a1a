// A TCP connection with options that Node has no words for: TCP MD5 signature, TTL, least TTL taken, another network
// namespace (Linux, `koffi`).
//
// Owns the system calls of one such connection. Where the optional package or the system is missing, the case that asks
// for one is skipped. What a key or a TTL means for BGP is the business of the cases.

import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { ipv4 } from '../wire/address.ts';
import { ascii, type Bytes, concat, fill, u8, u16 } from '../wire/bytes.ts';
import type { Dial } from './connection.ts';
import { Unsupported } from './verdict.ts';

interface Library {
  readonly socket: (family: number, type: number, protocol: number) => number;
  readonly setsockopt: (fd: number, level: number, name: number, value: Bytes, octets: number) => number;
  readonly getsockopt: (fd: number, level: number, name: number, value: Bytes, octets: Bytes) => number;
  readonly bind: (fd: number, address: Bytes, octets: number) => number;
  readonly connect: (fd: number, address: Bytes, octets: number) => number;
  readonly poll: (fds: Bytes, count: number, timeoutMs: number) => number;
  readonly setns: (fd: number, type: number) => number;
  readonly close: (fd: number) => number;
}

interface Koffi {
  load(library: null): { func(prototype: string): unknown };
}

const INTERNET = 2;
/** SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC. */
const STREAM = 1 | 0x800 | 0x80000;
const IP_LEVEL = 0;
const TIME_TO_LIVE = 2;
const LEAST_TIME_TO_LIVE = 21;
const TCP_LEVEL = 6;
const MD5_SIGNATURE = 14;
const TCP_INFO = 11;
const ESTABLISHED = 1;
const WRITABLE = 4;
const KEY_OCTETS = 80;
const LOOK_MS = 20;
const NETWORK_NAMESPACE = 0x40000000;
const OWN_NAMESPACE = '/proc/thread-self/ns/net';

let library: Library | undefined;

function load(): Library {
  if (process.platform !== 'linux') throw new Unsupported('socket options of Linux are needed');
  try {
    const loaded = (createRequire(import.meta.url)('koffi') as Koffi).load(null);
    const call = <T>(prototype: string): T => loaded.func(prototype) as T;
    return {
      socket: call('int socket(int, int, int)'),
      setsockopt: call('int setsockopt(int, int, int, const void *, uint32_t)'),
      getsockopt: call('int getsockopt(int, int, int, void *, void *)'),
      bind: call('int bind(int, const void *, uint32_t)'),
      connect: call('int connect(int, const void *, uint32_t)'),
      poll: call('int poll(void *, unsigned long, int)'),
      setns: call('int setns(int, int)'),
      close: call('int close(int)'),
    };
  } catch {
    throw new Unsupported('the optional package koffi is needed');
  }
}

/** Calls `make` in that network namespace: a socket belongs to the one it was made in. */
function within(loaded: Library, namespace: string | undefined, make: () => number): number {
  if (namespace === undefined) return make();
  const [own, other] = [openSync(OWN_NAMESPACE, 'r'), openSync(namespace, 'r')];
  const entered = loaded.setns(other, NETWORK_NAMESPACE) === 0;
  const made = entered ? make() : -1;
  const back = !entered || loaded.setns(own, NETWORK_NAMESPACE) === 0;
  closeSync(own);
  closeSync(other);
  if (!back) throw new Error('no way back from a namespace');
  if (!entered) throw new Unsupported(`no way into the namespace ${namespace}`);
  return made;
}

/** The machine's own order of octets. */
const native = (value: number): Bytes => new Uint8Array(Uint32Array.of(value).buffer);
const nativeShort = (value: number): Bytes => new Uint8Array(Uint16Array.of(value).buffer);

/** struct sockaddr_in. */
const endpoint = (address: string, port: number): Bytes =>
  concat(nativeShort(INTERNET), u16(port), ipv4(address), fill(0, 8));

/** struct tcp_md5sig: the peer in 128 octets, flags, prefix length, length of the key, interface, key. */
function signature(peer: Bytes, key: Bytes): Bytes {
  const rest = fill(0, KEY_OCTETS - key.length);
  return concat(
    peer,
    fill(0, 128 - peer.length),
    u8(0),
    u8(0),
    nativeShort(key.length),
    native(0),
    key,
    rest,
  );
}

export interface TransportOptions {
  readonly md5Key?: string;
  /** TTL of what is sent. */
  readonly ttl?: number;
}

/** The options of one connection, to be made once. */
export class Transport {
  readonly #options: TransportOptions;
  #descriptor: number | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** The connected socket, or undefined if there was no answer, or a refusal, within the time. */
  async dial(dial: Dial, withinMs: number): Promise<Socket | undefined> {
    library ??= load();
    const { socket, bind, connect, close } = library;
    const descriptor = within(library, dial.namespace, () => socket(INTERNET, STREAM, 0));
    if (descriptor < 0) throw new Error('no socket');
    this.#descriptor = descriptor;
    const target = endpoint(dial.address, dial.port);
    this.#prepare(target);
    if (bind(descriptor, endpoint(dial.localAddress, 0), target.length) < 0) {
      close(descriptor);
      throw new Error(`cannot bind to ${dial.localAddress}`);
    }
    connect(descriptor, target, target.length);
    const until = performance.now() + withinMs;
    while (!this.#writable() && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (this.#connected()) return new Socket({ fd: descriptor, allowHalfOpen: true });
    close(descriptor);
    this.#descriptor = undefined;
    return undefined;
  }

  /** From now on; also for what is sent again. */
  sendWithTtl(ttl: number): void {
    this.#set(IP_LEVEL, TIME_TO_LIVE, native(ttl));
  }

  /** From now on the tester's system drops what arrives with a lower TTL; 0 takes all. */
  takeFromTtl(ttl: number): void {
    this.#set(IP_LEVEL, LEAST_TIME_TO_LIVE, native(ttl));
  }

  #prepare(target: Bytes): void {
    const { md5Key, ttl } = this.#options;
    if (md5Key !== undefined) this.#set(TCP_LEVEL, MD5_SIGNATURE, signature(target, ascii(md5Key)));
    if (ttl !== undefined) this.sendWithTtl(ttl);
  }

  #set(level: number, name: number, value: Bytes): void {
    if (library === undefined || this.#descriptor === undefined) throw new Error('no connection');
    if (library.setsockopt(this.#descriptor, level, name, value, value.length) < 0)
      throw new Unsupported(`the system does not take socket option ${level}/${name}`);
  }

  #writable(): boolean {
    const request = concat(native(this.#descriptor ?? -1), nativeShort(WRITABLE), nativeShort(0));
    return (library?.poll(request, 1, 0) ?? 0) > 0;
  }

  /** The pending error would not do: a refusal that `connect` itself has returned is not pending any more. */
  #connected(): boolean {
    const value = native(0);
    library?.getsockopt(this.#descriptor ?? -1, TCP_LEVEL, TCP_INFO, value, native(4));
    return value[0] === ESTABLISHED;
  }
}
