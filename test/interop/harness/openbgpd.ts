/** OpenBGPD in a namespace, read through bgpctl's JSON. Its chroot directory must exist and it must start as root. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from './lab.ts';
import type { LabProcess } from './lab-process.ts';
import { communityNumbers, compact, type SeenPeer, type SeenRoute, words } from './seen-route.ts';

/** A route of `bgpctl -j show rib detail PREFIX`. */
interface RouteJson {
  readonly prefix: string;
  readonly best?: boolean;
  readonly origin: string;
  readonly aspath: string;
  readonly exit_nexthop?: string;
  readonly metric?: number;
  readonly localpref?: number;
  readonly attributes?: readonly AttributeJson[];
  readonly communities?: readonly string[];
  readonly large_communities?: readonly string[];
  readonly extended_communities?: readonly string[];
}

interface AttributeJson {
  readonly type: string;
  readonly originator?: string;
  readonly cluster_list?: readonly string[];
  readonly data?: string;
}

interface NeighborJson {
  readonly remote_addr: string;
  readonly state: string;
  readonly stats?: { readonly prefixes?: { readonly received?: number } };
}

export class OpenBgpd {
  readonly #node: LabNode;
  readonly daemon: LabProcess;

  private constructor(node: LabNode, daemon: LabProcess) {
    this.#node = node;
    this.daemon = daemon;
  }

  /** `config` is a bgpd.conf without `socket`. */
  static async start(node: LabNode, config: string): Promise<OpenBgpd> {
    mkdirSync('/run/openbgpd', { recursive: true, mode: 0o755 });
    const file = join(node.directory, 'openbgpd.conf');
    writeFileSync(file, `socket "${socketOf(node)}"\n${config}\n`, { mode: 0o600 });
    const openbgpd = new OpenBgpd(node, node.start('openbgpd', '/usr/sbin/bgpd', ['-d', '-f', file]));
    await openbgpd.daemon.ready('control socket', async () => (await openbgpd.#run(['show'])).code === 0);
    return openbgpd;
  }

  async bgpctl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#run(args);
    if (code !== 0) throw new Error(`bgpctl ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  async peers(): Promise<readonly SeenPeer[]> {
    const answer: { readonly neighbors?: readonly NeighborJson[] } = JSON.parse(
      await this.bgpctl('show', 'neighbor'),
    );
    return (answer.neighbors ?? []).map(({ remote_addr, state, stats }) => ({
      address: remote_addr,
      isEstablished: state === 'Established',
      received: stats?.prefixes?.received ?? 0,
    }));
  }

  async routes(prefix: string): Promise<readonly SeenRoute[]> {
    const answer: { readonly rib?: readonly RouteJson[] } = JSON.parse(
      await this.bgpctl('show', 'rib', 'detail', prefix),
    );
    return (answer.rib ?? []).filter((route) => route.prefix === prefix).map(seenRoute);
  }

  #run(args: readonly string[]): ReturnType<LabNode['run']> {
    return this.#node.run('/usr/sbin/bgpctl', ['-s', socketOf(this.#node), '-j', ...args]);
  }
}

const socketOf = (node: LabNode): string => join(node.directory, 'bgpd.sock');

function seenRoute(route: RouteJson): SeenRoute {
  const attributes = route.attributes ?? [];
  return compact<SeenRoute>({
    prefix: route.prefix,
    best: route.best === true,
    origin: route.origin.toLowerCase(),
    asPath: route.aspath,
    nextHop: route.exit_nexthop ?? '',
    med: route.metric || undefined, // 0 is also what it shows for none
    localPref: route.localpref,
    communities: communityNumbers(route.communities ?? []),
    extendedCommunities: (route.extended_communities ?? []).map((text) => words(text).join(':')).sort(),
    largeCommunities: [...(route.large_communities ?? [])].sort(),
    originatorId: attributes.find(({ originator }) => originator)?.originator,
    clusterList: attributes.find(({ cluster_list }) => cluster_list)?.cluster_list ?? [],
    unknown: attributes.flatMap(({ type, data }) => {
      const number = /^Unknown Attribute #(\d+)$/.exec(type)?.[1];
      return number ? [`${number} ${data}`] : [];
    }),
  });
}
