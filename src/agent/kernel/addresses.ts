/** Which addresses a space has, and which of those that are there it has not. Pure. */
import { IpAddress } from '../../net/ip-address.ts';
import type { Space } from '../kernel-contract.ts';

export interface LinkAddress {
  readonly link: string;
  readonly address: IpAddress;
  readonly prefixLength: number;
}

export const loopback = 'lo';

/** Throws RangeError on text that is no address: the desired state was checked before. */
export function addressesOf({ addresses, links }: Space): readonly LinkAddress[] {
  return [
    ...addresses.map((address) => linkAddress(loopback, address)),
    ...links.flatMap((link) => (link.type === 'gre' ? [] : [linkAddress(link.name, link.address)])),
  ];
}

function linkAddress(link: string, text: string): LinkAddress {
  const [host = '', length] = text.split('/');
  const address = IpAddress.parse(host);
  if (!address) throw new RangeError(`${text} is no address`);
  return { link, address, prefixLength: length === undefined ? address.bytes.length * 8 : Number(length) };
}

/** Comparable: the same address on the same link. */
export function addressKey({ link, address, prefixLength }: LinkAddress): string {
  return `${link} ${address}/${prefixLength}`;
}
