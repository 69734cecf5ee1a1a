/** What the kernel says of this process's TCP sockets: options that no API of Node shows. Needs koffi. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';

interface Koffi {
  load(library: null): { func(prototype: string): (...args: readonly unknown[]) => number };
}

const library = (createRequire(import.meta.url)('koffi') as Koffi).load(null);
const getsockopt = library.func('int getsockopt(int, int, int, void *, void *)');
const getpeername = library.func('int getpeername(int, void *, void *)');
const getsockname = library.func('int getsockname(int, void *, void *)');

function length(octets: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(octets);
  return bytes;
}

/** Descriptors of IPv4 connections with this port at either end. */
export function connectionsOf(port: number): number[] {
  const portOf = (call: typeof getpeername, descriptor: number): number => {
    const address = Buffer.alloc(28);
    return call(descriptor, address, length(28)) === 0 ? address.readUInt16BE(2) : -1;
  };
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => {
      const peer = portOf(getpeername, descriptor);
      return peer >= 0 && (peer === port || portOf(getsockname, descriptor) === port);
    });
}

export function socketOption(descriptor: number, level: number, name: number): number {
  const value = Buffer.alloc(4);
  if (getsockopt(descriptor, level, name, value, length(4)) !== 0) throw new Error('getsockopt failed');
  return value.readInt32LE();
}
