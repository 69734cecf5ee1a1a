/**
 * The links of a space as the kernel has them, from `ip -json -details link show`, and what brings them to those that
 * are wanted. Links that the kernel puts into every namespace by itself are not seen. Pure.
 */
import type { Link } from '../kernel-contract.ts';
import type { Line } from './line.ts';
import { macOf } from './segment.ts';

export interface HeldLink {
  readonly name: string;
  /** What cannot be changed on a link that is there: of two that differ in it, one goes and the other is made. */
  readonly made: string;
  readonly isUp: boolean;
}

interface JsonLink {
  readonly ifname: string;
  readonly flags?: readonly string[];
  readonly address?: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: {
      readonly id?: number;
      readonly local?: string;
      readonly local6?: string;
      readonly remote?: string;
      readonly ikey?: string;
    };
  };
}

/** An interface that somebody else made; it was moved here and goes back. */
const moved = 'moved';

/** Their modules put one of each into every namespace, where it stays. */
const tunnelKinds = new Set(
  'gre gretap erspan ip6gre ip6gretap ip6erspan sit ipip ip6tnl vti vti6'.split(' '),
);

/** Throws when it is no JSON. */
export function parseLinks(text: string): readonly HeldLink[] {
  const links: readonly JsonLink[] = text.trim() === '' ? [] : JSON.parse(text);
  return links.flatMap((link) => {
    const made = madeOf(link);
    return made === undefined ? [] : [{ name: link.ifname, made, isUp: link.flags?.includes('UP') ?? false }];
  });
}

function madeOf({ ifname, flags, address = '', linkinfo }: JsonLink): string | undefined {
  if (flags?.includes('LOOPBACK')) return undefined;
  const { info_kind: kind = '', info_data: data } = linkinfo ?? {};
  if (kind === 'vxlan') return vxlanMade(data?.id ?? 0, data?.local ?? data?.local6 ?? '', address);
  if (!tunnelKinds.has(kind)) return moved;
  const isOurs = kind === 'gre' && ifname !== 'gre0';
  return isOurs ? greMade(data?.local ?? '', data?.remote ?? '', keyNumber(data?.ikey)) : undefined;
}

function wantedMade(link: Link): string {
  if (link.type === 'l3') return moved;
  if (link.type === 'gre') return greMade(link.local, link.remote, link.key);
  return vxlanMade(link.vni, link.underlayAddress, macOf(link.address));
}

function vxlanMade(vni: number, underlayAddress: string, mac: string): string {
  return `vxlan ${vni} ${underlayAddress} ${mac}`;
}

function greMade(local: string, remote: string, key: number): string {
  return `gre ${local} ${remote} ${key}`;
}

/** `ip` prints a key as a dotted quad. */
function keyNumber(text = '0'): number {
  return text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** Run in the space; `home` is a process in the namespace that interfaces go back to. */
export function linkRemovals(
  held: readonly HeldLink[],
  wanted: readonly Link[],
  home: number,
): readonly Line[] {
  const kept = new Map(wanted.map((link) => [link.name, wantedMade(link)]));
  return held
    .filter(({ name, made }) => kept.get(name) !== made)
    .map(({ name, made }) =>
      made === moved
        ? { text: `link set dev ${name} netns ${home}`, words: `interface ${name} cannot be given back` }
        : { text: `link del dev ${name}`, words: `link ${name} cannot be removed` },
    );
}

/** Run in the gateway's own namespace: what goes over a tunnel leaves from there. */
export function linkAdditions(
  held: readonly HeldLink[],
  wanted: readonly Link[],
  space: string,
  mtuOver: (underlayAddress: string) => number | undefined,
): readonly Line[] {
  const there = new Map(held.map(({ name, made }) => [name, made]));
  return wanted
    .filter((link) => there.get(link.name) !== wantedMade(link))
    .map((link) => addition(link, space, mtuOver));
}

/** Outer Ethernet, IP and UDP headers with the VXLAN header (RFC 7348 §5). */
const vxlanOctets = { 4: 50, 6: 70 } as const;

/** IANA: vxlan. */
const vxlanPort = 4789;

function addition(link: Link, space: string, mtuOver: (underlayAddress: string) => number | undefined): Line {
  const { name } = link;
  if (link.type === 'l3')
    return { text: `link set dev ${name} netns ${space}`, words: `interface ${name} cannot be taken` };
  if (link.type === 'gre') {
    const { local, remote, key } = link;
    const ends = `local ${local} remote ${remote} key ${key} ttl 64`;
    return { text: `link add name ${name} netns ${space} type gre ${ends}`, words: `no GRE tunnel ${name}` };
  }
  const { vni, underlayAddress, address } = link;
  const outer = mtuOver(underlayAddress);
  const mtu = outer === undefined ? '' : ` mtu ${outer - vxlanOctets[underlayAddress.includes(':') ? 6 : 4]}`;
  // Who is where comes from the controller: nothing is learnt from frames, and nothing is flooded.
  const type = `type vxlan id ${vni} local ${underlayAddress} dstport ${vxlanPort} nolearning`;
  return {
    text: `link add name ${name} address ${macOf(address)}${mtu} netns ${space} ${type}`,
    words: `no segment with VNI ${vni} over ${underlayAddress}`,
  };
}

/** Run in the space. */
export function linksUp(held: readonly HeldLink[], wanted: readonly Link[]): readonly Line[] {
  const up = new Set(held.filter(({ isUp }) => isUp).map(({ name }) => name));
  const down = wanted.filter(({ name }) => !up.has(name));
  return down.map(({ name }) => ({
    text: `link set dev ${name} up`,
    words: `link ${name} cannot be set up`,
  }));
}
