/**
 * The addresses of a gateway's spaces: each lives as long as the lease that it is held for, so that a machine whose
 * daemon hangs falls silent by itself. A new address is told to its link, and again with the next two renewals: such
 * messages get lost, and a neighbour that has the former holder in its cache would talk to nobody.
 */
import { writeFileSync } from 'node:fs';
import { addressesOf, addressKey, type LinkAddress, loopback } from '../../agent/kernel/addresses.ts';
import { announcements } from '../../agent/kernel/announcement.ts';
import type { KernelProblem, LeaseLeft, Space } from '../../agent/kernel-contract.ts';
import type { Place } from '../../speaker/settings.ts';
import { type Libc, loadLibc } from '../native/libc.ts';
import { inPlace } from '../native/namespaces.ts';
import { type AddressVisit, addressProblem, visitAddresses } from '../native/place-addresses.ts';
import type { ListedAddress } from '../native/rtnetlink.ts';

const announcementsEach = 3;

const home: Place = { type: 'host' };

function placeOf({ name, isHome = false }: Pick<Space, 'name' | 'isHome'>): Place {
  return isHome ? home : { type: 'netns', name };
}

type Sysctls = readonly (readonly [path: string, value: string])[];

/** What is on the loopback is not answered for on links: others have the same VIP. */
const homeSysctls: Sysctls = [
  ['ipv4/conf/all/arp_ignore', '1'],
  ['ipv4/conf/all/arp_announce', '2'],
];

/** Packets go in on one link and out on another; an address serves at once. */
const sysctls: Sysctls = [
  ['ipv4/ip_forward', '1'],
  ['ipv4/conf/all/rp_filter', '0'],
  ['ipv4/conf/default/rp_filter', '0'],
  ['ipv6/conf/all/forwarding', '1'],
  ['ipv6/conf/default/forwarding', '1'],
  ['ipv6/conf/all/accept_dad', '0'],
  ['ipv6/conf/default/accept_dad', '0'],
];

export interface HoldOutcome {
  readonly problems: readonly KernelProblem[];
  /** One of them had to be added: it was not there any more, or not yet. */
  readonly missing: boolean;
}

export class SpaceAddresses {
  /** How often each address of a space was told of, by space. */
  readonly #told = new Map<string, Map<string, number>>();

  forget(space: string): void {
    this.#told.delete(space);
  }

  canEnter(space: string): boolean {
    try {
      inPlace(libcOrThrow(), placeOf({ name: space }), () => {});
      return true;
    } catch {
      return false;
    }
  }

  /** Takes away all addresses that are not the space's; of no space, all. */
  keepOnly(name: string, space: Space | undefined): readonly KernelProblem[] {
    if (!this.canEnter(name)) return [];
    return this.#keep({ name }, space, ({ isLocal }) => !isLocal);
  }

  /** At home only what has a lifetime is ours, and only on the loopback: nobody else puts such there. */
  keepOnlyAtHome(name: string, space: Space | undefined): readonly KernelProblem[] {
    return this.#keep({ name, isHome: true }, space, ({ index, isPermanent }, visit) => {
      return !isPermanent && index === visit.linkIndex(loopback);
    });
  }

  #keep(
    where: Pick<Space, 'name' | 'isHome'>,
    space: Space | undefined,
    isOurs: (held: ListedAddress, visit: AddressVisit) => boolean,
  ): readonly KernelProblem[] {
    return this.#visit(where, (visit) => {
      const wanted = space ? addressesOf(space) : [];
      const kept = new Set(wanted.map((known) => heldKey({ ...known, index: visit.linkIndex(known.link) })));
      for (const held of visit.list())
        if (isOurs(held, visit) && !kept.has(heldKey(held))) visit.remove(held);
      return [];
    });
  }

  /** What must be so in the network of a space before it has addresses. */
  admit(space: Space): readonly KernelProblem[] {
    return this.#visit(space, () => {
      // Of the namespace that this thread is in; a kernel without IPv6 has no such files.
      for (const [path, value] of space.isHome ? homeSysctls : sysctls) {
        try {
          writeFileSync(`/proc/sys/net/${path}`, value);
        } catch (error) {
          if (path.startsWith('ipv4/')) throw error;
        }
      }
      return [];
    });
  }

  /** Each of its addresses for what is left of the lease, in whole seconds; for less than one it is not added. */
  hold(space: Space, lease: LeaseLeft): HoldOutcome {
    const { name } = space;
    let missing = false;
    const problems = this.#visit(space, (visit) => {
      const there = new Set(visit.list().map(heldKey));
      return addressesOf(space).flatMap((wanted) => {
        const index = visit.linkIndex(wanted.link);
        const seconds = Math.floor(lease() / 1000);
        if (seconds < 1) return [];
        try {
          if (index === 0) throw new Error(`there is no link ${wanted.link}`);
          const held = { ...wanted, index };
          visit.set(held, seconds);
          missing ||= !there.has(heldKey(held));
          this.#tell(visit, name, held, there.has(heldKey(held)));
          return [];
        } catch (error) {
          return [
            {
              space: name,
              message: `no address ${wanted.address} on ${wanted.link}: ${addressProblem(error)}`,
            },
          ];
        }
      });
    });
    return { problems, missing };
  }

  #tell(
    visit: AddressVisit,
    space: string,
    held: LinkAddress & { readonly index: number },
    wasThere: boolean,
  ): void {
    if (held.link === loopback) return;
    const told = this.#told.get(space) ?? new Map<string, number>();
    this.#told.set(space, told);
    const key = addressKey(held);
    const times = wasThere ? (told.get(key) ?? announcementsEach) : 0;
    told.set(key, times);
    if (times >= announcementsEach) return;
    // A link without carrier hears nothing: it is told when it can.
    const mac = visit.macOf(held.link);
    if (mac === undefined || !visit.send(held.index, announcements(held.address, mac))) return;
    told.set(key, times + 1);
  }

  #visit(
    space: Pick<Space, 'name' | 'isHome'>,
    work: (visit: AddressVisit) => readonly KernelProblem[],
  ): readonly KernelProblem[] {
    try {
      return visitAddresses(libcOrThrow(), placeOf(space), work);
    } catch (error) {
      return [{ space: space.name, message: error instanceof Error ? error.message : String(error) }];
    }
  }
}

function heldKey({
  index,
  address,
  prefixLength,
}: Omit<LinkAddress, 'link'> & { readonly index: number }): string {
  return `${index} ${address}/${prefixLength}`;
}

function libcOrThrow(): Libc {
  const loaded = loadLibc();
  if (!loaded.ok) throw new Error(`a gateway ${loaded.problem}`);
  return loaded.libc;
}
