/** BIRD in a namespace: one daemon with a control socket of its own, read through birdc's text. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabNode } from './lab.ts';
import type { LabProcess } from './lab-process.ts';
import { compact, familyOf, type SeenPeer, type SeenRoute, words } from './seen-route.ts';

export class Bird {
  readonly #node: LabNode;
  readonly #file: string;
  #daemon: LabProcess | undefined;

  private constructor(node: LabNode) {
    this.#node = node;
    this.#file = join(node.directory, 'bird.conf');
  }

  /** `config` is everything after `router id`; protocol device is there already. */
  static async start(node: LabNode, config: string): Promise<Bird> {
    const bird = new Bird(node);
    const head = `log stderr all;\nrouter id ${node.address()};\nprotocol device { }\n`;
    writeFileSync(bird.#file, `${head}${config}\n`);
    await bird.startDaemon();
    return bird;
  }

  /** Also to bring it back after a crash. */
  async startDaemon(): Promise<void> {
    this.#daemon = this.#node.start('bird', '/usr/sbin/bird', ['-f', '-c', this.#file, '-s', this.#socket]);
    await this.#daemon.ready('control socket', async () => (await this.#birdc('show status')).code === 0);
  }

  get daemon(): LabProcess {
    if (!this.#daemon) throw new Error('bird was not started');
    return this.#daemon;
  }

  async birdc(command: string): Promise<string> {
    const { code, stdout, stderr } = await this.#birdc(command);
    // birdc ends with 1 also for "Network not found", which is an answer.
    if (code === 0 || stdout.includes('Network not found')) return stdout;
    throw new Error(`birdc ${command}: ${stdout}${stderr}`);
  }

  async peers(): Promise<readonly SeenPeer[]> {
    return parsePeers(await this.birdc('show protocols all'));
  }

  /** Every path to exactly this prefix. */
  async routes(prefix: string): Promise<readonly SeenRoute[]> {
    const table = familyOf(prefix) === 'ipv4-unicast' ? 'master4' : 'master6';
    return parseRoutes(await this.birdc(`show route ${prefix} table ${table} all`), prefix);
  }

  /** Routes of BGP in a table, and networks in all. */
  async routeCount(table: 'master4' | 'master6', protocol: string): Promise<number> {
    const text = await this.birdc(`show route table ${table} protocol ${protocol} count`);
    return Number(/^(\d+) of/m.exec(text)?.[1] ?? 0);
  }

  get #socket(): string {
    return join(this.#node.directory, 'bird.ctl');
  }

  #birdc(command: string): ReturnType<LabNode['run']> {
    return this.#node.run('/usr/sbin/birdc', ['-s', this.#socket, ...words(command)]);
  }
}

/** `show protocols all`: a block per protocol; of BGP ones the neighbour, the state and the import counters. */
export function parsePeers(text: string): readonly SeenPeer[] {
  return text
    .split(/\n(?=\S)/)
    .filter((block) => /^\S+\s+BGP\s/.test(block))
    .map((block) => ({
      address: /Neighbor address:\s+(\S+)/.exec(block)?.[1] ?? '',
      isEstablished: /BGP state:\s+Established/.test(block),
      received: [...block.matchAll(/Routes:\s+(\d+) imported/g)].reduce(
        (sum, match) => sum + Number(match[1]),
        0,
      ),
    }));
}

/** `show route ... all`: a line with the prefix (or blanks, for the next path to it), then indented attributes. */
export function parseRoutes(text: string, prefix: string): readonly SeenRoute[] {
  const paths: string[][] = [];
  for (const line of text.split('\n')) {
    if (/^\S*\s+(unicast|blackhole|unreachable|prohibit)\s+\[/.test(line)) paths.push([line]);
    else if (line.startsWith('\t')) paths.at(-1)?.push(line.trim());
  }
  return paths.map((lines) => seenRoute(prefix, lines));
}

function seenRoute(prefix: string, [head, ...lines]: readonly string[]): SeenRoute {
  const field = (name: string): string | undefined =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const number = (name: string): number | undefined =>
    field(name) === undefined ? undefined : Number(field(name));
  return compact<SeenRoute>({
    prefix,
    best: / \* /.test(head),
    origin: (field('BGP.origin') ?? '').toLowerCase(),
    asPath: field('BGP.as_path') ?? '',
    nextHop: words(field('BGP.next_hop'))[0] ?? '',
    med: number('BGP.med'),
    localPref: number('BGP.local_pref'),
    communities: tuples(field('BGP.community')),
    extendedCommunities: tuples(field('BGP.ext_community')),
    largeCommunities: tuples(field('BGP.large_community')),
    originatorId: field('BGP.originator_id'),
    clusterList: words(field('BGP.cluster_list')),
    unknown: lines.filter((line) => /^BGP\.[0-9a-f]{2} /.test(line)).map(unknownAttribute),
  });
}

/** `(65000,1) (rt, 65000, 2)` -> `65000:1`, `rt:65000:2`. */
const tuples = (text: string | undefined): string[] =>
  [...(text ?? '').matchAll(/\(([^)]*)\)/g)]
    .map((match) =>
      match[1]
        .split(',')
        .map((part) => part.trim())
        .join(':'),
    )
    .sort();

/** `BGP.63 [t]: 01 02 03 04` -> `99 01020304`. */
function unknownAttribute(line: string): string {
  const match = /^BGP\.([0-9a-f]{2}) [^:]*:\s*(.*)$/.exec(line);
  return match ? `${Number.parseInt(match[1], 16)} ${match[2].replaceAll(' ', '')}` : line;
}
