/**
 * The exchange of VPN routes at work: which running instance has which part in it, and its turns, each after a poll and
 * of a bounded number of routes, so that no exchange delays a session. The default instance is the hub.
 */
import type { InstanceSettings } from '../speaker/settings.ts';
import { sameSettings } from '../speaker/settings-diff.ts';
import { VpnExchange } from '../vrf/exchange.ts';
import type { ExchangeSide } from '../vrf/leaking-instance.ts';

const routesPerTurn = 512;
const hubName = 'default';

interface Link {
  readonly side: Pick<ExchangeSide, 'instance' | 'wake'>;
  readonly settings: InstanceSettings;
}

export class VpnLink {
  readonly #links = new Map<string, Link>();
  readonly #exchange: VpnExchange;
  #immediate: NodeJS.Immediate | undefined;

  constructor(seed: number) {
    this.#exchange = new VpnExchange({ seed, changed: () => this.#ask() });
  }

  /** It runs with these settings from now on. */
  join(side: Link['side'], settings: InstanceSettings): void {
    const before = this.#links.get(settings.name);
    const same =
      before?.side.instance === side.instance && sameSettings(partOf(before.settings), partOf(settings));
    this.#links.set(settings.name, { side, settings });
    if (same) return;
    const { asn, routerId } = settings.router;
    const own = { ...side, asn, routerId };
    if (settings.name === hubName) this.#setHub();
    else if (settings.vpn) {
      this.#exchange.attach({ ...own, name: settings.name, ...settings.vpn });
      if (this.#vrfs().length === 1) this.#setHub();
    } else this.#detach(settings.name);
  }

  /** It runs no more. */
  leave(name: string): void {
    if (!this.#links.delete(name)) return;
    if (name === hubName) this.#exchange.setHub(undefined);
    else this.#detach(name);
  }

  stop(): void {
    clearImmediate(this.#immediate);
    this.#links.clear();
  }

  #vrfs(): readonly Link[] {
    return [...this.#links.values()].filter(({ settings }) => settings.vpn !== undefined);
  }

  #detach(name: string): void {
    this.#exchange.detach(name);
    if (this.#vrfs().length === 0) this.#exchange.setHub(undefined);
  }

  /** Without VRFs the hub is not watched: its decisions cost nothing more then. */
  #setHub(): void {
    const hub = this.#links.get(hubName);
    if (hub === undefined || this.#vrfs().length === 0) return;
    const { asn, routerId } = hub.settings.router;
    this.#exchange.setHub({ ...hub.side, asn, routerId });
  }

  #ask(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      if (this.#exchange.work(routesPerTurn)) this.#ask();
    });
  }
}

/** What of the settings the exchange depends on. */
function partOf({ vpn, router }: InstanceSettings): object {
  return { vpn, asn: router.asn, routerId: router.routerId };
}
