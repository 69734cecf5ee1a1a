/** GoBGP in a namespace, read through the JSON of its command line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from './lab.ts';
import type { LabProcess } from './lab-process.ts';
import { compact, familyOf, type SeenPeer, type SeenRoute } from './seen-route.ts';

/** A path of `gobgp -j global rib PREFIX`: attributes by type number. */
interface PathJson {
  readonly best?: boolean;
  readonly attrs: readonly AttributeJson[];
}

interface AttributeJson {
  readonly type: number;
  readonly value?: unknown;
  readonly nexthop?: string;
  readonly metric?: number;
  readonly communities?: readonly number[];
  readonly as_paths?: readonly {
    readonly segment_type: number;
    readonly num: number;
    readonly asns: readonly number[];
  }[];
}

interface NeighborJson {
  readonly state: { readonly neighbor_address: string; readonly session_state: number };
  readonly afi_safis?: readonly { readonly state?: { readonly received?: number } }[];
}

export class Gobgp {
  readonly #node: LabNode;
  readonly daemon: LabProcess;

  private constructor(node: LabNode, daemon: LabProcess) {
    this.#node = node;
    this.daemon = daemon;
  }

  /** `config` is a gobgpd.toml. */
  static async start(node: LabNode, config: string): Promise<Gobgp> {
    const file = join(node.directory, 'gobgpd.toml');
    writeFileSync(file, config);
    const args = ['-f', file, '-l', 'info', '--pprof-disable', '--api-hosts', '127.0.0.1:50051'];
    const gobgp = new Gobgp(node, node.start('gobgpd', '/usr/bin/gobgpd', args));
    await gobgp.daemon.ready('API', async () => (await gobgp.#run(['global'])).code === 0);
    return gobgp;
  }

  /** `gobgp -j WORDS`, which must succeed. */
  async gobgp(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#run(args);
    if (code !== 0) throw new Error(`gobgp ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  async peers(): Promise<readonly SeenPeer[]> {
    const neighbors: readonly NeighborJson[] = JSON.parse(await this.gobgp('neighbor'));
    return neighbors.map(({ state, afi_safis }) => ({
      address: state.neighbor_address,
      isEstablished: state.session_state === 6,
      received: (afi_safis ?? []).reduce((sum, family) => sum + (family.state?.received ?? 0), 0),
    }));
  }

  async routes(prefix: string): Promise<readonly SeenRoute[]> {
    const family = familyOf(prefix) === 'ipv4-unicast' ? 'ipv4' : 'ipv6';
    const { code, stdout, stderr } = await this.#run(['global', 'rib', '-a', family, prefix]);
    if (code !== 0) {
      if (`${stdout}${stderr}`.includes('not in table')) return [];
      throw new Error(`gobgp global rib ${prefix}: ${stdout}${stderr}`);
    }
    const table: Readonly<Record<string, readonly PathJson[]>> | readonly PathJson[] = JSON.parse(stdout);
    const paths = Array.isArray(table) ? table : Object.values(table).flat();
    return paths.map((path: PathJson) => seenRoute(prefix, path));
  }

  #run(args: readonly string[]): ReturnType<LabNode['run']> {
    return this.#node.run('/usr/bin/gobgp', ['-u', '127.0.0.1', '-p', '50051', '-j', ...args]);
  }
}

const origins = ['igp', 'egp', 'incomplete'];

function seenRoute(prefix: string, { best, attrs }: PathJson): SeenRoute {
  const of = (type: number): AttributeJson | undefined => attrs.find((attribute) => attribute.type === type);
  return compact<SeenRoute>({
    prefix,
    best: best === true,
    origin: origins[Number(of(1)?.value)] ?? '',
    asPath: (of(2)?.as_paths ?? []).flatMap(({ asns }) => asns).join(' '),
    nextHop: of(3)?.nexthop ?? of(14)?.nexthop ?? '',
    med: of(4)?.metric,
    localPref: of(5)?.value as number | undefined,
    communities: (of(8)?.communities ?? []).map((value) => `${value >>> 16}:${value & 0xffff}`).sort(),
    extendedCommunities: (listOf(of(16)) as { value: string }[]).map(({ value }) => `rt:${value}`).sort(),
    largeCommunities: (listOf(of(32)) as { ASN: number; LocalData1: number; LocalData2: number }[])
      .map(({ ASN, LocalData1, LocalData2 }) => `${ASN}:${LocalData1}:${LocalData2}`)
      .sort(),
    originatorId: of(9)?.value as string | undefined,
    clusterList: listOf(of(10)) as string[],
    unknown: attrs.filter(({ type }) => type > 40).map(({ type, value }) => `${type} ${hexOf(value)}`),
  });
}

const listOf = (attribute: AttributeJson | undefined): unknown[] =>
  Array.isArray(attribute?.value) ? attribute.value : [];

/** GoBGP prints bytes as base64. */
const hexOf = (value: unknown): string => Buffer.from(String(value), 'base64').toString('hex');
