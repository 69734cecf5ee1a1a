/**
 * Listeners of one port in the network of the process itself: those of instances on devices, and the one of an instance
 * on none. The kernel takes the latter for a rival of all others, although it knows well whom a connection is for (the
 * listener on its device). So they are let share the port, with SO_REUSEPORT, once the kernel has said no: never
 * otherwise, for then a second daemon would share it too instead of being told that the port is taken.
 */
import type { IpAddress } from '../../net/ip-address.ts';
import { errorCode } from '../socket-errors.ts';
import { reusePort } from './socket-options.ts';
import type { NativeSockets, SocketRequest } from './sockets.ts';

interface Held {
  readonly device: string | undefined;
  readonly address: IpAddress;
  readonly port: number;
}

export type ListenerRequest = SocketRequest & { readonly bind: NonNullable<SocketRequest['bind']> };

export class SharedPorts {
  readonly #held = new Map<number, Held>();

  /** As `sockets.open`; whoever closes the descriptor says so with `closed`, before it does. */
  open(sockets: NativeSockets, request: ListenerRequest): number {
    const { place, bind } = request;
    // A namespace has its own ports.
    if (place.type === 'netns') return sockets.open(request);
    const held: Held = { device: place.type === 'device' ? place.name : undefined, ...bind };
    const descriptor = this.#open(sockets, request, held);
    this.#held.set(descriptor, held);
    return descriptor;
  }

  closed(descriptor: number): void {
    this.#held.delete(descriptor);
  }

  #open(sockets: NativeSockets, request: ListenerRequest, wanted: Held): number {
    try {
      return sockets.open(request);
    } catch (error) {
      const rivals = [...this.#held].filter(([, held]) => collide(held, wanted));
      const strangers = rivals.length === 0 || rivals.some(([, held]) => held.device === wanted.device);
      if (errorCode(error) !== 'EADDRINUSE' || strangers) throw error;
      return this.#share(
        sockets,
        request,
        rivals.map(([descriptor]) => descriptor),
      );
    }
  }

  /**
   * The leave to share ends as soon as the port is shared: the kernel gives a connection to the first listener in its
   * list that has it, even where another one, on the device, fits better.
   */
  #share(sockets: NativeSockets, request: ListenerRequest, rivals: readonly number[]): number {
    try {
      for (const rival of rivals) sockets.set(rival, [reusePort('shared')]);
      const descriptor = sockets.open({ ...request, options: [...request.options, reusePort('shared')] });
      try {
        sockets.listen(descriptor);
        sockets.set(descriptor, [reusePort('alone')]);
        return descriptor;
      } catch (error) {
        sockets.close(descriptor);
        throw error;
      }
    } finally {
      for (const rival of rivals) sockets.set(rival, [reusePort('alone')]);
    }
  }
}

function collide(a: Held, b: Held): boolean {
  if (a.port !== b.port || a.address.version !== b.address.version) return false;
  return a.address.equals(b.address) || isAny(a.address) || isAny(b.address);
}

function isAny({ bytes }: IpAddress): boolean {
  return bytes.every((octet) => octet === 0);
}
