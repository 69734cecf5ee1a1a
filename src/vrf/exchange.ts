/**
 * The exchange of routes between the instances of a daemon (RFC 4364 §4.2-4.3): best unicast routes of a VRF go into the
 * VPN RIB of the hub (the default instance) with distinguisher, label and export targets; best VPN routes go into
 * every VRF that imports one of their targets, but never back into the VRF they came from, and what a VRF imported it does not
 * export. Sans-IO: the owner calls `work` after `changed`. Instances share nothing: routes travel as octets through a
 * queue of bounded length, and what waits before it is one bit per destination.
 *
 * Not here: forwarding. Labels are given and carried, no packet is.
 */
import {
  type FamilyKey,
  ipv4Unicast,
  ipv6Unicast,
  routeTargetConstrain,
  vpnIpv4Unicast,
  vpnIpv6Unicast,
} from '../net/family.ts';
import { toHex } from '../net/octets.ts';
import type { RouteTarget } from '../net/route-target.ts';
import { AttributeFlag } from '../rib/attribute-table.ts';
import type { FamilyRib } from '../rib/family-rib.ts';
import type { PathId } from '../rib/ids.ts';
import { PeerRole } from '../rib/peer-columns.ts';
import { encodePathAttributes } from '../wire/attributes/encode-attributes.ts';
import { labelField } from '../wire/nlri/label.ts';
import { encodeMembership } from '../wire/nlri/route-target.ts';
import { type Delivery, type Leak, LeakSource } from './leak-source.ts';
import { LeakTarget } from './leak-target.ts';
import { attributesWithTargets, extendedCommunitiesOf, nextHopOf, targetsOf } from './leaked-route.ts';
import type { ExchangeSide, LeakingInstance, Vrf } from './leaking-instance.ts';

/** RFC 3032 §2.1: labels below are reserved. */
const firstLabel = 16;
const vpnOf = new Map<FamilyKey, FamilyKey>([
  [ipv4Unicast, vpnIpv4Unicast],
  [ipv6Unicast, vpnIpv6Unicast],
]);
const unicastOf = new Map([...vpnOf].map(([unicast, vpn]) => [vpn, unicast]));
const distinguisherOctets = 8;

interface Member {
  readonly vrf: Vrf;
  readonly label: number;
  /** Where its imports arrive. */
  readonly imports: LeakTarget;
  /** While there is a hub: where its exports arrive, and what takes them there. */
  exports: { readonly target: LeakTarget; readonly source: LeakSource } | undefined;
}

interface Hub {
  readonly side: ExchangeSide;
  readonly asn: number;
  readonly source: LeakSource;
  readonly memberships: LeakTarget;
  /** Import targets that are announced (RFC 4684), by their octets. */
  readonly announced: Map<string, RouteTarget>;
}

export class VpnExchange {
  readonly #members = new Map<string, Member>();
  readonly #changed: () => void;
  readonly #seed: number;
  /** Numbers for distinguishers: the path ids of imported routes. */
  readonly #distinguishers = new Map<string, number>();
  readonly #queue: Delivery[] = [];
  #hub: Hub | undefined;

  /** `changed` is told when there may be work, and must not do it at once. */
  constructor(options: { readonly seed: number; readonly changed: () => void }) {
    this.#seed = options.seed;
    this.#changed = options.changed;
  }

  get hasWork(): boolean {
    if (this.#hub === undefined) return false;
    if (this.#hub.source.hasWork) return true;
    for (const { exports } of this.#members.values()) if (exports?.source.hasWork) return true;
    return false;
  }

  /** The instance whose VPN RIB all meet in; `undefined` while there is none, and then nothing is exchanged. */
  setHub(side: (ExchangeSide & { readonly asn: number }) | undefined): void {
    if (this.#hub !== undefined) {
      this.#hub.source.close();
      this.#hub.memberships.close();
      for (const member of this.#members.values()) this.#stopExports(member);
      // What came through it goes with it.
      for (const member of [...this.#members.values()]) this.#replaceImports(member);
      this.#hub = undefined;
    }
    if (side === undefined) return;
    const rules = {
      rename: this.#toUnicast,
      judge: (rib: FamilyRib, path: PathId) => this.#judgeImport(rib, path),
    };
    const options = { seed: this.#seed, changed: this.#changed };
    this.#hub = {
      side,
      asn: side.asn,
      source: new LeakSource(side.instance, [...unicastOf.keys()], rules, options),
      memberships: new LeakTarget(side, { role: PeerRole.local, loopAs: 0, name: 'imports' }),
      announced: new Map(),
    };
    for (const member of this.#members.values()) this.#startExports(member);
    this.#announceMemberships();
    this.#changed();
  }

  /** Takes a VRF in; one of that name goes first. */
  attach(vrf: Vrf): void {
    this.detach(vrf.name);
    const used = new Set([...this.#members.values()].map(({ label }) => label));
    let label = firstLabel;
    while (used.has(label)) label++;
    const member: Member = { vrf, label, imports: importsOf(vrf), exports: undefined };
    this.#members.set(vrf.name, member);
    this.#startExports(member);
    this.#hub?.source.again();
    this.#announceMemberships();
    this.#changed();
  }

  detach(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    this.#members.delete(name);
    this.#stopExports(member);
    member.imports.close();
    this.#hub?.source.forget(member.imports);
    this.#announceMemberships();
    this.#changed();
  }

  /** Carries up to so many routes of each instance; true while there are more. */
  work(items: number): boolean {
    if (this.#hub === undefined) return false;
    for (const { exports } of this.#members.values()) {
      exports?.source.produce(items, this.#queue);
      this.#deliver();
    }
    this.#hub.source.produce(items, this.#queue);
    this.#deliver();
    return this.hasWork;
  }

  #deliver(): void {
    const touched = new Set<LeakTarget>();
    for (const { target, route } of this.#queue) {
      target.apply(route);
      touched.add(target);
    }
    this.#queue.length = 0;
    for (const target of touched) target.wake();
  }

  // --- Out of a VRF ---

  #startExports(member: Member): void {
    if (this.#hub === undefined || member.vrf.exportTargets.length === 0) return;
    const { vrf, label } = member;
    const { side } = this.#hub;
    const target = new LeakTarget(side, { role: PeerRole.local, loopAs: 0, name: `tenant ${vrf.name}` });
    const targets = vrf.exportTargets.map(({ hex }) => hex);
    const judge = (rib: FamilyRib, path: PathId): Leak | undefined => {
      if (rib.paths.source[path] === member.imports.source) return undefined;
      return exportOf(vrf.instance, path, { targets, label, to: target });
    };
    const rename = (family: FamilyKey, key: Uint8Array) => ({
      family: vpnOf.get(family) as FamilyKey,
      key: Uint8Array.of(key[0] + distinguisherOctets * 8, ...vrf.rd.bytes, ...key.subarray(1)),
      pathId: 0,
    });
    const options = { seed: this.#seed, changed: this.#changed };
    member.exports = {
      target,
      source: new LeakSource(vrf.instance, [...vpnOf.keys()], { rename, judge }, options),
    };
  }

  #stopExports(member: Member): void {
    member.exports?.source.close();
    member.exports?.target.close();
    member.exports = undefined;
  }

  // --- Into VRFs ---

  readonly #toUnicast = (family: FamilyKey, key: Uint8Array) => {
    const rd = toHex(key, 1, 1 + distinguisherOctets);
    let pathId = this.#distinguishers.get(rd);
    if (pathId === undefined) {
      pathId = this.#distinguishers.size + 1;
      this.#distinguishers.set(rd, pathId);
    }
    const rest = key.subarray(1 + distinguisherOctets);
    return {
      family: unicastOf.get(family) as FamilyKey,
      key: Uint8Array.of(key[0] - distinguisherOctets * 8, ...rest),
      pathId,
    };
  };

  #judgeImport(rib: FamilyRib, path: PathId): Leak | undefined {
    if (this.#hub === undefined) return undefined;
    const { instance } = this.#hub.side;
    const set = rib.paths.attributes[path];
    const wanted = new Set(targetsOf(extendedCommunitiesOf(instance, set)));
    const origin = rib.paths.source[path];
    const targets: LeakTarget[] = [];
    for (const { vrf, imports, exports } of this.#members.values()) {
      if (exports?.target.source === origin) continue;
      if (vrf.importTargets.some(({ hex }) => wanted.has(hex))) targets.push(imports);
    }
    if (targets.length === 0) return undefined;
    const attributes = attributesWithTargets(instance, set, []);
    return { targets, path: { attributes, nextHop: nextHopOf(instance, path), label: 0 } };
  }

  #replaceImports(member: Member): void {
    member.imports.close();
    this.#members.set(member.vrf.name, { ...member, imports: importsOf(member.vrf) });
  }

  /** RFC 4684 §3: what our VRFs import is what we want to be sent. */
  #announceMemberships(): void {
    const { asn, announced, memberships } = this.#hub ?? {};
    if (asn === undefined || announced === undefined || memberships === undefined) return;
    const wanted = new Map<string, RouteTarget>();
    for (const { vrf } of this.#members.values())
      for (const target of vrf.importTargets) wanted.set(target.hex, target);
    const attributes = encodePathAttributes({ origin: 'igp', asPath: [] });
    const path = { attributes, nextHop: new Uint8Array(0), label: 0 };
    const apply = (target: RouteTarget, is: typeof path | undefined) =>
      memberships.apply({
        family: routeTargetConstrain,
        key: encodeMembership(asn, target),
        pathId: 0,
        path: is,
      });
    for (const [hex, target] of announced) {
      if (wanted.has(hex)) continue;
      announced.delete(hex);
      apply(target, undefined);
    }
    for (const [hex, target] of wanted) {
      if (announced.has(hex)) continue;
      announced.set(hex, target);
      apply(target, path);
    }
    memberships.wake();
  }
}

function importsOf(vrf: Vrf): LeakTarget {
  return new LeakTarget(vrf, { role: PeerRole.vpn, loopAs: vrf.asn, name: 'vpn' });
}

function exportOf(
  instance: LeakingInstance,
  path: PathId,
  options: { readonly targets: readonly string[]; readonly label: number; readonly to: LeakTarget },
): Leak | undefined {
  const set = instance.tables.paths.attributes[path];
  // RFC 1997: no peer at all is told, and who is behind the VPN is one.
  if (instance.tables.attributes.flags[set] & AttributeFlag.noAdvertise) return undefined;
  return {
    targets: [options.to],
    path: {
      attributes: attributesWithTargets(instance, set, options.targets),
      nextHop: nextHopOf(instance, path),
      label: labelField(options.label),
    },
  };
}
