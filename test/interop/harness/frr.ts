/** FRR in a namespace: zebra and bgpd with sockets and pid files of their own, read through vtysh's JSON. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from './lab.ts';
import type { LabProcess } from './lab-process.ts';
import {
  communityNumbers,
  compact,
  type FamilyName,
  familyOf,
  type SeenPeer,
  type SeenRoute,
  words,
} from './seen-route.ts';

/** The part of `show bgp ... PREFIX json` that is read. */
interface PathJson {
  readonly origin: string;
  readonly aspath?: { readonly string: string };
  readonly metric?: number;
  readonly locPrf?: number;
  readonly bestpath?: { readonly overall?: boolean };
  readonly community?: { readonly string: string };
  readonly extendedCommunity?: { readonly string: string };
  readonly largeCommunity?: { readonly string: string };
  readonly originatorId?: string;
  readonly clusterList?: { readonly list: readonly string[] };
  readonly nexthops: readonly { readonly ip: string; readonly scope?: string }[];
}

interface NeighborJson {
  readonly bgpState: string;
  readonly connectionsEstablished: number;
  readonly addressFamilyInfo?: Readonly<Record<string, { readonly acceptedPrefixCounter?: number }>>;
}

export class Frr {
  readonly #node: LabNode;
  readonly #config: string;
  readonly #kernel: boolean;
  #bgpd: LabProcess | undefined;

  private constructor(node: LabNode, config: string, kernel: boolean) {
    this.#node = node;
    this.#config = config;
    this.#kernel = kernel;
  }

  /**
   * `config` is the text after the header: `router bgp ...`, route-maps, prefix-lists. With `kernel` its best routes go
   * into the kernel; else next hops are looked up there, and that is all.
   */
  static async start(node: LabNode, config: string, { kernel = false } = {}): Promise<Frr> {
    const frr = new Frr(node, config, kernel);
    await node.giveTo('frr'); // FRR's daemons change to this user and make their sockets as it
    const zebra = join(node.directory, 'zebra.conf');
    writeFileSync(zebra, 'frr defaults traditional\nhostname zebra\n');
    const process = node.start('zebra', '/usr/lib/frr/zebra', ['-f', zebra, ...frr.#common('zebra')]);
    await process.ready('vty', () => frr.#answers('zebra'));
    await frr.startBgpd();
    return frr;
  }

  /** bgpd alone: also to bring it back after a crash. */
  async startBgpd(): Promise<void> {
    const file = join(this.#node.directory, 'bgpd.conf');
    writeFileSync(file, `frr defaults traditional\nhostname ${this.#node.name}\n${this.#config}\n`);
    this.#bgpd = this.#node.start('bgpd', '/usr/lib/frr/bgpd', [
      ...(this.#kernel ? [] : ['--no_kernel']),
      ...['-f', file],
      ...this.#common('bgpd'),
    ]);
    await this.#bgpd.ready('vty', () => this.#answers('bgpd'));
  }

  get bgpd(): LabProcess {
    if (!this.#bgpd) throw new Error('bgpd was not started');
    return this.#bgpd;
  }

  /** One after the other: `configure terminal` holds for those that follow. */
  vtysh(...commands: readonly string[]): Promise<string> {
    return this.#node.output('/usr/bin/vtysh', this.#vtysh('bgpd', ...commands));
  }

  async peers(): Promise<readonly SeenPeer[]> {
    const neighbors: Readonly<Record<string, NeighborJson>> = JSON.parse(
      await this.vtysh('show bgp neighbors json'),
    );
    return Object.entries(neighbors)
      .filter(([, neighbor]) => neighbor.bgpState !== undefined)
      .map(([address, neighbor]) => ({
        address,
        isEstablished: neighbor.bgpState === 'Established',
        establishedCount: neighbor.connectionsEstablished,
        received: Object.values(neighbor.addressFamilyInfo ?? {}).reduce(
          (sum, family) => sum + (family.acceptedPrefixCounter ?? 0),
          0,
        ),
      }));
  }

  /** Every path to exactly this prefix. */
  async routes(prefix: string): Promise<readonly SeenRoute[]> {
    const answer: { readonly paths?: readonly PathJson[] } = JSON.parse(
      await this.vtysh(`show bgp ${cliFamily(familyOf(prefix))} ${prefix} json`),
    );
    return (answer.paths ?? []).map((path) => seenRoute(prefix, path));
  }

  /** How many prefixes its table has. */
  async prefixCount(family: FamilyName): Promise<number> {
    const statistics = await this.vtysh(`show bgp ${cliFamily(family)} statistics`);
    return Number(/Total Prefixes\s*:\s*(\d+)/.exec(statistics)?.[1] ?? 0);
  }

  async #answers(daemon: string): Promise<boolean> {
    const { code } = await this.#node.run('/usr/bin/vtysh', this.#vtysh(daemon, 'show version'));
    return code === 0;
  }

  #vtysh(daemon: string, ...commands: readonly string[]): string[] {
    const directory = this.#node.directory;
    const words = commands.flatMap((command) => ['-c', command]);
    return ['--vty_socket', directory, '--config_dir', directory, '-d', daemon, ...words];
  }

  #common(daemon: string): string[] {
    const directory = this.#node.directory;
    const files = ['-i', join(directory, `${daemon}.pid`), '-z', join(directory, 'zserv.api')];
    return [...files, '--vty_socket', directory, '-P', '0', '--log', 'stdout'];
  }
}

const cliFamily = (family: FamilyName): string =>
  family === 'ipv4-unicast' ? 'ipv4 unicast' : 'ipv6 unicast';

/** One element of `paths`, as FRR prints it. */
export function seenRoute(prefix: string, path: PathJson): SeenRoute {
  const global = path.nexthops.find(({ scope }) => scope !== 'link-local') ?? path.nexthops[0];
  return compact<SeenRoute>({
    prefix,
    best: path.bestpath?.overall === true,
    origin: path.origin.toLowerCase(),
    asPath: path.aspath?.string === 'Local' ? '' : (path.aspath?.string ?? ''),
    nextHop: global.ip,
    med: path.metric,
    localPref: path.locPrf,
    communities: communityNumbers(words(path.community?.string)),
    extendedCommunities: words(path.extendedCommunity?.string)
      .map((text) => text.toLowerCase())
      .sort(),
    largeCommunities: words(path.largeCommunity?.string).sort(),
    originatorId: path.originatorId,
    clusterList: path.clusterList?.list ?? [],
    unknown: [],
  });
}
