/** Locally originated networks: from the configuration, and at run time through the API (RFC 4271 §9.4). */
import { ipv4Unicast, ipv6Unicast } from '../net/family.ts';
import type { Prefix } from '../net/prefix.ts';
import { localPeer } from '../rib/ids.ts';
import { encodePathAttributes } from '../wire/attributes/encode-attributes.ts';
import type { PathAttributes } from '../wire/attributes/path-attributes.ts';
import { encodePrefix } from '../wire/nlri/ip-prefix.ts';
import type { RoutingInstance } from './instance.ts';
import type { NetworkSettings } from './settings.ts';
import { ManagementError, type NetworkView } from './views.ts';

interface Network {
  readonly settings: NetworkSettings;
  readonly source: NetworkView['source'];
}

export class LocalNetworks {
  readonly #instance: RoutingInstance;
  readonly #networks = new Map<string, Network>();

  constructor(instance: RoutingInstance) {
    this.#instance = instance;
  }

  list(): readonly NetworkView[] {
    return [...this.#networks.values()].map(({ settings, source }) => ({
      prefix: settings.prefix.toString(),
      nextHop: settings.nextHop?.toString(),
      source,
    }));
  }

  /** Makes the configured networks these; those of the API stay, unless the configuration has them now. */
  configure(settings: readonly NetworkSettings[]): void {
    const wanted = new Map(settings.map((network) => [network.prefix.toString(), network]));
    for (const [key, network] of this.#networks) {
      if (network.source === 'configuration' && !wanted.has(key))
        this.#withdraw(network.settings.prefix, key);
    }
    for (const network of wanted.values()) this.#announce({ settings: network, source: 'configuration' });
  }

  add(settings: NetworkSettings): void {
    const key = settings.prefix.toString();
    if (this.#networks.has(key))
      throw new ManagementError('duplicate-network', `${key} is already originated here`);
    this.#announce({ settings, source: 'api' });
  }

  remove(prefix: Prefix): void {
    const key = prefix.toString();
    const network = this.#networks.get(key);
    if (network === undefined) throw new ManagementError('no-such-network', `${key} is not originated here`);
    if (network.source === 'configuration') {
      throw new ManagementError(
        'no-such-network',
        `${key} comes from the configuration: remove it there and reload`,
      );
    }
    this.#withdraw(prefix, key);
  }

  #announce(network: Network): void {
    const { tables } = this.#instance;
    const { prefix, nextHop, med, localPref, communities } = network.settings;
    this.#networks.set(prefix.toString(), network);
    const attributes: PathAttributes = {
      origin: 'igp',
      asPath: [],
      ...(med === undefined ? {} : { med }),
      ...(localPref === undefined ? {} : { localPref }),
      ...(communities.length === 0 ? {} : { communities }),
    };
    const bytes = encodePathAttributes(attributes);
    const set = tables.attributes.intern(bytes, bytes.length, 0);
    const hop = nextHop === undefined ? 0 : tables.nextHops.intern(nextHop.bytes, 0, nextHop.bytes.length);
    const path = tables.paths.intern(localPeer, set, hop, 0);
    const { rib } = this.#instance.family(prefix.version === 4 ? ipv4Unicast : ipv6Unicast);
    rib.announce(rib.nlri.intern(encodePrefix(prefix), 0), localPeer, 0, path, path, 0);
  }

  #withdraw(prefix: Prefix, key: string): void {
    this.#networks.delete(key);
    const { rib } = this.#instance.family(prefix.version === 4 ? ipv4Unicast : ipv6Unicast);
    const nlri = rib.nlri.find(encodePrefix(prefix), 0);
    const route = nlri === 0 ? 0 : rib.findRoute(nlri, localPeer, 0);
    if (route !== 0) rib.withdraw(route);
  }
}
