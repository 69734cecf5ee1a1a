/** The addresses of this instance: listeners, local ends of sessions. Asked once per received path. */
import { IpAddress } from '../net/ip-address.ts';

export class OwnAddresses {
  readonly #uses = new Map<string, number>();
  readonly #ipv4 = new Map<number, number>();
  readonly #onChanged: (address: IpAddress) => void;

  /** `onChanged` hears of each address that became ours or no longer is. */
  constructor(onChanged: (address: IpAddress) => void = () => {}) {
    this.#onChanged = onChanged;
  }

  add(address: IpAddress): void {
    const key = address.toString();
    const before = this.#uses.get(key) ?? 0;
    this.#uses.set(key, before + 1);
    if (address.version === 4)
      this.#ipv4.set(address.toUint32() | 0, (this.#ipv4.get(address.toUint32() | 0) ?? 0) + 1);
    if (before === 0) this.#onChanged(address);
  }

  remove(address: IpAddress): void {
    const key = address.toString();
    const left = (this.#uses.get(key) ?? 0) - 1;
    if (left > 0) this.#uses.set(key, left);
    else this.#uses.delete(key);
    if (address.version === 4) {
      if (left > 0) this.#ipv4.set(address.toUint32() | 0, left);
      else this.#ipv4.delete(address.toUint32() | 0);
    }
    if (left <= 0) this.#onChanged(address);
  }

  /** 4, 16 or 32 octets; of 32 the global address counts. */
  has(bytes: Uint8Array): boolean {
    if (bytes.length === 4)
      return this.#ipv4.has((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]);
    return this.#uses.size > this.#ipv4.size && this.#uses.has(IpAddress.fromBytes(bytes, 0, 16).toString());
  }
}
