/** An enterprise's site: its router with FRR or BIRD, and the host behind it that the probes run from. */
import { Bird } from './bird.ts';
import { connectionName, reflectorAddress, type SitePlan, tenantAs } from './cloud-plan.ts';
import { Frr } from './frr.ts';
import type { LabNode } from './lab.ts';
import type { LabProcess } from './lab-process.ts';

export interface NeighbourState {
  readonly isEstablished: boolean;
  /** How often a session with the neighbour came up, since the router started. */
  readonly sessions: number;
  /** End-of-RIB markers that came from it: in service means one more. */
  readonly endsOfRib: number;
}

export class Site {
  readonly plan: SitePlan;
  readonly node: LabNode;
  readonly #router: Frr | Bird;

  private constructor(plan: SitePlan, node: LabNode, router: Frr | Bird) {
    this.plan = plan;
    this.node = node;
    this.#router = router;
  }

  get name(): string {
    return `${this.plan.tenant} ${this.plan.name}`;
  }

  /** The node is on the site's VLAN. */
  static async start(plan: SitePlan, node: LabNode): Promise<Site> {
    await node.output('ip', ['addr', 'add', `${plan.host}/24`, 'dev', 'lo']);
    const router =
      plan.router === 'frr' ? await startFrr(plan, node) : await Bird.start(node, birdConfig(plan));
    return new Site(plan, node, router);
  }

  async neighbour(): Promise<NeighbourState> {
    return this.#router instanceof Frr ? frrState(this.#router) : birdState(this.#router);
  }

  /** When End-of-RIB came, in milliseconds since the epoch: by the log of BIRD, which FRR's has not. */
  endOfRibTimes(): readonly number[] {
    const router = this.#router;
    if (router instanceof Frr) throw new Error(`${this.name} has no times: it is FRR`);
    const lines = router.daemon.log().matchAll(/^(\S+ \S+) <TRACE> heliograph: Got END-OF-RIB/gm);
    return [...lines].map(([, time = '']) => Date.parse(time.replace(' ', 'T')));
  }

  /** The neighbour as the site's operator sees it. */
  async show(): Promise<{ readonly command: string; readonly text: string }> {
    const router = this.#router;
    if (router instanceof Frr) {
      const text = await router.vtysh('show bgp summary');
      return { command: "vtysh -c 'show bgp summary'", text };
    }
    const text = await router.birdc('show protocols all heliograph');
    const lines = text
      .split('\n')
      .filter((line) => /BGP state|Neighbor address|heliograph|Routes:/.test(line));
    return { command: 'birdc show protocols all heliograph', text: lines.join('\n') };
  }

  /** Other networks that it announces too, or no longer. */
  async announce(word: 'network' | 'no network', prefixes: readonly string[]): Promise<void> {
    const router = this.#router;
    if (!(router instanceof Frr)) throw new Error(`${this.name} is not FRR`);
    const lines = prefixes.map((prefix) => `${word} ${prefix}`);
    const place = [`router bgp ${this.plan.asn}`, 'address-family ipv4 unicast'];
    await router.vtysh('configure terminal', ...place, ...lines);
  }

  /** Prefixes that the site's kernel has from BGP. */
  async learnt(): Promise<readonly string[]> {
    const text = await this.node.output('ip', ['-j', 'route', 'show']);
    const routes: readonly { readonly dst: string; readonly protocol?: string }[] = JSON.parse(text);
    return routes
      .filter(({ protocol }) => protocol === 'bgp' || protocol === 'bird')
      .map(({ dst }) => dst)
      .sort();
  }

  /** A request every 10 ms from this site's host to another's, until it is ended. */
  probe(to: Site): LabProcess {
    const args = ['-n', '-D', '-i', '0.01', '-W', '1', '-I', this.plan.host, to.plan.host];
    return this.node.start(`probe-${to.plan.name}`, 'ping', args);
  }
}

async function startFrr(plan: SitePlan, node: LabNode): Promise<Frr> {
  await node.output('ip', ['route', 'add', `${reflectorAddress}/32`, 'via', plan.gate]);
  const neighbour = ` neighbor ${reflectorAddress}`;
  const config = [
    `router bgp ${plan.asn}`,
    ` bgp router-id ${plan.address}`,
    ...(plan.withoutRestart ? [' bgp graceful-restart-disable'] : []),
    ' no bgp ebgp-requires-policy',
    ' no bgp network import-check',
    // FRR 8.4 may look at the next hop before it has read `ebgp-multihop`, and then wants it connected for good.
    ' bgp disable-ebgp-connected-route-check',
    `${neighbour} remote-as ${tenantAs}`,
    `${neighbour} ebgp-multihop 8`,
    `${neighbour} update-source ${plan.address}`,
    `${neighbour} timers 10 30`,
    ...(plan.password === undefined ? [] : [`${neighbour} password ${plan.password}`]),
    `${neighbour} timers connect 1`,
    ' address-family ipv4 unicast',
    `  neighbor ${reflectorAddress} activate`,
    `  network ${plan.lan}`,
    ' exit-address-family',
    'exit',
  ];
  return Frr.start(node, config.join('\n'), { kernel: true });
}

function birdConfig(plan: SitePlan): string {
  return `
protocol direct { ipv4; interface "lo"; }
protocol static { ipv4; route ${reflectorAddress}/32 via ${plan.gate}; }
protocol kernel { ipv4 { import none; export where source = RTS_BGP || source = RTS_STATIC; }; }
protocol bgp heliograph {
  debug { packets };
  description "${connectionName(plan)}";
  local ${plan.address} as ${plan.asn};
  neighbor ${reflectorAddress} as ${tenantAs};
  multihop 8;${plan.password === undefined ? '' : `\n  password "${plan.password}";`}
  hold time 30; keepalive time 10;
  connect delay time 1; connect retry time 1; error wait time 1, 5;
  graceful restart ${plan.withoutRestart ? 'off' : 'on'};
  ipv4 { import all; export where source = RTS_DEVICE; };
}`;
}

interface FrrNeighbour {
  readonly bgpState: string;
  readonly connectionsEstablished: number;
  readonly gracefulRestartInfo?: { readonly endOfRibRecv?: Readonly<Record<string, boolean>> };
}

async function frrState(frr: Frr): Promise<NeighbourState> {
  const text = await frr.vtysh(`show bgp neighbors ${reflectorAddress} json`);
  const all: Readonly<Record<string, FrrNeighbour>> = JSON.parse(text);
  const found = all[reflectorAddress];
  if (!found) throw new Error(`FRR has no neighbour ${reflectorAddress}`);
  const sessions = found.connectionsEstablished;
  const isEstablished = found.bgpState === 'Established';
  const ended = Object.values(found.gracefulRestartInfo?.endOfRibRecv ?? {}).some(Boolean);
  // FRR says it of the session that it has now; each one before had its own.
  return { isEstablished, sessions, endsOfRib: isEstablished && ended ? sessions : sessions - 1 };
}

async function birdState(bird: Bird): Promise<NeighbourState> {
  const [peer] = await bird.peers();
  const log = bird.daemon.log();
  const count = (pattern: RegExp) => log.match(pattern)?.length ?? 0;
  return {
    isEstablished: peer?.isEstablished ?? false,
    sessions: count(/heliograph: Got OPEN/g),
    endsOfRib: count(/heliograph: Got END-OF-RIB/g),
  };
}
