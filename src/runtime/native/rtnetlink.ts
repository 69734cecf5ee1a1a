/**
 * Messages of rtnetlink about addresses, as bytes: the three that a gateway's leases need every second, for which a
 * program a time would be too dear. Pure. Layouts are those of linux/netlink.h and linux/if_addr.h, on machines with
 * little-endian words.
 */
import { IpAddress } from '../../net/ip-address.ts';
import { family } from './socket-options.ts';

export interface KernelAddress {
  /** Number of the link. */
  readonly index: number;
  readonly address: IpAddress;
  readonly prefixLength: number;
}

export interface ListedAddress extends KernelAddress {
  /** Of the host or the link only: 127.0.0.1, ::1, fe80::. */
  readonly isLocal: boolean;
  /** It does not end by itself. */
  readonly isPermanent: boolean;
}

const messageType = { error: 2, done: 3, newAddress: 20, deleteAddress: 21, getAddress: 22 } as const;

/** NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE */
const setFlags = 0x505;
/** NLM_F_REQUEST | NLM_F_ACK */
const removeFlags = 0x5;
/** NLM_F_REQUEST | NLM_F_DUMP */
const listFlags = 0x301;

const attribute = { address: 1, local: 2, cacheInfo: 6, flags: 8 } as const;

/** IFA_F_NODAD: it serves at once. */
const noDuplicateDetection = 0x02;

/** IFA_F_PERMANENT */
const permanent = 0x80;

const headerOctets = 16;
const bodyOctets = 8;

/** RT_SCOPE_LINK and narrower. */
const narrowScope = 253;

/** Adds it, or gives the one that is there its new lifetime. `seconds`: more than zero. */
export function setAddressMessage(target: KernelAddress, seconds: number): Uint8Array {
  const isV6 = target.address.version === 6;
  return message(messageType.newAddress, setFlags, target, [
    ...addressAttributes(target.address),
    // Preferred and valid; when it was made and changed is the kernel's.
    [attribute.cacheInfo, words(seconds, seconds, 0, 0)],
    ...(isV6 ? [[attribute.flags, words(noDuplicateDetection)] as const] : []),
  ]);
}

export function removeAddressMessage(target: KernelAddress): Uint8Array {
  return message(messageType.deleteAddress, removeFlags, target, addressAttributes(target.address));
}

export function listAddressesMessage(): Uint8Array {
  return message(messageType.getAddress, listFlags, undefined, []);
}

function addressAttributes({ bytes }: IpAddress): readonly (readonly [number, Uint8Array])[] {
  return [
    [attribute.local, bytes],
    [attribute.address, bytes],
  ];
}

function message(
  type: number,
  flags: number,
  target: KernelAddress | undefined,
  attributes: readonly (readonly [number, Uint8Array])[],
): Uint8Array {
  const length = attributes.reduce(
    (sum, [, value]) => sum + 4 + aligned(value.length),
    headerOctets + bodyOctets,
  );
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  if (target) {
    bytes[headerOctets] = family[target.address.version];
    bytes[headerOctets + 1] = target.prefixLength;
    view.setUint32(headerOctets + 4, target.index, true);
  }
  let at = headerOctets + bodyOctets;
  for (const [kind, value] of attributes) {
    view.setUint16(at, 4 + value.length, true);
    view.setUint16(at + 2, kind, true);
    bytes.set(value, at + 4);
    at += 4 + aligned(value.length);
  }
  return bytes;
}

export type Answer =
  /** `errno` 0: it was done. */
  | { readonly type: 'end'; readonly errno: number }
  | { readonly type: 'address'; readonly address: ListedAddress };

/** What one read of the socket brought. Whatever else the kernel says is not asked for and left out. */
export function* parseAnswers(bytes: Uint8Array): Generator<Answer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + headerOctets <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < headerOctets || at + length > bytes.length) return;
    const type = view.getUint16(at + 4, true);
    if (type === messageType.done) yield { type: 'end', errno: 0 };
    if (type === messageType.error) yield { type: 'end', errno: -view.getInt32(at + headerOctets, true) };
    if (type === messageType.newAddress) {
      const address = parseAddress(bytes.subarray(at + headerOctets, at + length));
      if (address) yield { type: 'address', address };
    }
    at += aligned(length);
  }
}

function parseAddress(body: Uint8Array): ListedAddress | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const octets = body[0] === family[4] ? 4 : body[0] === family[6] ? 16 : undefined;
  if (octets === undefined) return undefined;
  let local: IpAddress | undefined;
  let address: IpAddress | undefined;
  for (let at = bodyOctets; at + 4 <= body.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4) break;
    const kind = view.getUint16(at + 2, true);
    if (kind === attribute.local) local = IpAddress.fromBytes(body, at + 4, octets);
    if (kind === attribute.address) address = IpAddress.fromBytes(body, at + 4, octets);
    at += aligned(length);
  }
  // IPv6 has a local address of its own only where there is a peer's.
  const own = local ?? address;
  if (!own) return undefined;
  const [, prefixLength = 0, flags = 0, scope = 0] = body;
  return {
    index: view.getUint32(4, true),
    address: own,
    prefixLength,
    isLocal: scope >= narrowScope,
    isPermanent: (flags & permanent) !== 0,
  };
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries()) view.setUint32(at * 4, value, true);
  return bytes;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
