/**
 * What a gateway's kernel is to hold for its tenants, as plain data, and what a driver does about it. The agent derives
 * these from the controller's desired state; a driver compares them with what it made before and writes commands.
 * Owns the shapes between the two; knows nothing of leases, epochs or BGP. Addresses and prefixes are canonical text.
 */

/** The network of one tenant on one slot: a namespace of its own, its links and what is reached over them. */
export interface Space {
  /** Name of the namespace: unique among all gateways of the machine. */
  readonly name: string;
  /**
   * The gateway's own network instead of a namespace: only addresses of its loopback are the space's, those that have a
   * lifetime; it has no links and no routes, and is never made or removed.
   */
  readonly isHome?: boolean;
  /**
   * Service addresses as host addresses on the space's loopback: of the instance, of the reflector, a VIP. They live no
   * longer than the lease: the kernel drops them by itself.
   */
  readonly addresses: readonly string[];
  readonly links: readonly Link[];
  /** Static routes and host routes. Of two to the same prefix, the lower metric is used. */
  readonly routes: readonly SpaceRoute[];
}

export type Link =
  /** An interface of the gateway, moved into the space and back. Its address lives no longer than the lease. */
  | { readonly type: 'l3'; readonly name: string; readonly interface: string; readonly address: string }
  /** The tenant's own segment between its gateways: VXLAN over the provider addresses; who is where is told, not learnt. */
  | {
      readonly type: 'vxlan';
      readonly name: string;
      readonly vni: number;
      readonly underlayAddress: string;
      /** With prefix length; as short-lived as the lease. */
      readonly address: string;
      /** The instances on the other gateways: where each is, and the provider address that its frames go to. */
      readonly neighbours: readonly { readonly address: string; readonly underlayAddress: string }[];
    }
  | {
      readonly type: 'gre';
      readonly name: string;
      readonly key: number;
      readonly local: string;
      readonly remote: string;
    };

export interface SpaceRoute {
  readonly prefix: string;
  /** A neighbour on the link; without it, the link itself leads there. */
  readonly via?: string;
  /** Name of one of the space's links. */
  readonly link: string;
  readonly metric: number;
}

/** Milliseconds left of the lease now; asked right before each command, since commands take time. Zero: it is over. */
export type LeaseLeft = () => number;

/** One thing that could not be had; the rest was done. */
export interface KernelProblem {
  readonly space: string;
  /** Of one session alone: the space is there all the same. */
  readonly ofSession?: boolean;
  readonly message: string;
}

/**
 * The kernel's side of a gateway. Every call may be repeated, and repairs what somebody else changed in a space; calls
 * do not overlap. A driver touches namespaces that it named, and interfaces that it was told of, and nothing else.
 */
export interface KernelDriver {
  /**
   * Takes away all that is in no `spaces`, whoever made it: addresses first, then links (an `l3` interface goes back),
   * then the namespace. After a start that is what a dead daemon left.
   */
  release(spaces: readonly Space[]): Promise<readonly KernelProblem[]>;
  /** Namespaces and links, not yet with an address: sockets can be opened in them from now on. */
  prepare(spaces: readonly Space[]): Promise<readonly KernelProblem[]>;
  /**
   * Addresses, each for what is left of the lease, and routes; what is no longer wanted inside a space goes first. A new address is
   * told to the neighbours on its link (gratuitous ARP, RFC 5944 §4.6; unsolicited NA, RFC 4861 §7.2.6).
   */
  serve(spaces: readonly Space[], lease: LeaseLeft): Promise<readonly KernelProblem[]>;
  /**
   * Lets the addresses of spaces that were served live for what is left of the lease, at once; also while another call is
   * under way, which may take longer than a lease.
   */
  hold(spaces: readonly Space[], lease: LeaseLeft): readonly KernelProblem[];
  /** The same, and repairs what was lost meanwhile. */
  renew(spaces: readonly Space[], lease: LeaseLeft): Promise<readonly KernelProblem[]>;
}
