/** A directory in memory whose writes can be made to fail, to be cut short, or to be refused. */
import type { StoreFiles } from '../../../src/controller/store/log-store.ts';

export class FaultyFiles implements StoreFiles {
  readonly contents = new Map<string, Uint8Array>();
  /** Thrown by the next write, after so many octets of it were written. */
  fault: { readonly message: string; readonly afterOctets: number } | undefined;
  locked = false;

  async lock(): Promise<() => Promise<void>> {
    if (this.locked) throw new Error('another controller has the store');
    this.locked = true;
    return async () => {
      this.locked = false;
    };
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.contents.get(name);
  }

  async append(name: string, octets: Uint8Array): Promise<void> {
    const before = this.contents.get(name) ?? new Uint8Array();
    const written = octets.subarray(0, this.fault?.afterOctets ?? octets.length);
    this.contents.set(name, Uint8Array.from([...before, ...written]));
    if (this.fault) throw new Error(this.fault.message);
  }

  async replace(name: string, octets: Uint8Array): Promise<void> {
    if (this.fault) throw new Error(this.fault.message);
    this.contents.set(name, octets.slice());
  }

  async truncate(name: string, octets: number): Promise<void> {
    if (this.fault) throw new Error(this.fault.message);
    this.contents.set(name, (this.contents.get(name) ?? new Uint8Array()).slice(0, octets));
  }
}
