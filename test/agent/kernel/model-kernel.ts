/**
 * One space of a kernel, small: it carries out the lines that the agent's pure part makes, refuses what a kernel refuses,
 * and shows itself as `ip -json` and `bridge -json` do. Interfaces that leave it are at home again.
 */
import type { Line } from '../../../src/agent/kernel/line.ts';

interface ModelLink {
  readonly kind: 'moved' | 'vxlan' | 'gre';
  readonly data: Readonly<Record<string, string | number>>;
  readonly mac: string;
  readonly mtu: number | undefined;
  up: boolean;
}

interface ModelRoute {
  readonly prefix: string;
  readonly metric: number;
  readonly via: string | undefined;
  readonly link: string;
}

export class ModelKernel {
  readonly #name: string;
  readonly links = new Map<string, ModelLink>();
  /** Interfaces of the gateway that wait outside. */
  readonly home = new Set<string>();
  readonly routes = new Map<string, ModelRoute>();
  readonly neighbours = new Map<string, string>();
  readonly forwarding = new Map<string, string>();
  /** Interfaces that were destroyed instead of given back. */
  readonly lost: string[] = [];

  constructor(name: string, interfaces: readonly string[]) {
    this.#name = name;
    for (const known of interfaces) this.home.add(known);
  }

  run(lines: readonly Line[]): void {
    for (const { text } of lines) this.#line(text.split(' '));
  }

  #line(words: readonly string[]): void {
    const [object, verb] = words;
    if (object === 'link' && verb === 'add') this.#addLink(words);
    else if (object === 'link' && verb === 'del') this.#deleteLink(after(words, 'dev'));
    else if (object === 'link' && verb === 'set') this.#setLink(words);
    else if (object === 'route') this.#route(words);
    else if (object === 'neigh') this.#entry(this.neighbours, words, after(words, 'lladdr', ''));
    else if (object === 'fdb') this.#entry(this.forwarding, words, after(words, 'dst', ''));
    else throw new Error(`unknown: ${words.join(' ')}`);
  }

  #addLink(words: readonly string[]): void {
    const name = after(words, 'name');
    if (this.links.has(name)) throw new Error(`${name} exists`);
    if (after(words, 'netns') !== this.#name) throw new Error(`${name} is made elsewhere`);
    const kind = after(words, 'type') as ModelLink['kind'];
    const data =
      kind === 'vxlan'
        ? { id: Number(after(words, 'id')), local: after(words, 'local') }
        : { local: after(words, 'local'), remote: after(words, 'remote'), ikey: dotted(after(words, 'key')) };
    const mtu = words.includes('mtu') ? Number(after(words, 'mtu')) : undefined;
    this.links.set(name, { kind, data, mac: after(words, 'address', ''), mtu, up: false });
  }

  #deleteLink(name: string): void {
    const link = this.links.get(name);
    if (!link) throw new Error(`no ${name}`);
    if (link.kind === 'moved') this.lost.push(name);
    this.#remove(name);
  }

  #setLink(words: readonly string[]): void {
    const name = after(words, 'dev');
    if (!words.includes('netns')) {
      const link = this.links.get(name);
      if (!link) throw new Error(`no ${name}`);
      link.up = true;
    } else if (after(words, 'netns') === this.#name) {
      if (!this.home.delete(name)) throw new Error(`no ${name} at home`);
      this.links.set(name, { kind: 'moved', data: {}, mac: '', mtu: undefined, up: false });
    } else {
      this.#remove(name);
      this.home.add(name);
    }
  }

  /** With it goes what leads over it. */
  #remove(name: string): void {
    this.links.delete(name);
    for (const [key, route] of this.routes) if (route.link === name) this.routes.delete(key);
  }

  #route(words: readonly string[]): void {
    const [, verb, prefix = ''] = words;
    const metric = Number(after(words, 'metric'));
    const key = `${prefix} ${metric}`;
    if (after(words, 'proto') !== 'static') throw new Error('a route of others');
    if (verb === 'del') {
      if (!this.routes.delete(key)) throw new Error(`no route ${key}`);
      return;
    }
    const link = after(words, 'dev');
    if (!this.links.get(link)?.up) throw new Error(`${link} is down`);
    const via = words.includes('via') ? after(words, 'via') : undefined;
    this.routes.set(key, { prefix, metric, via, link });
  }

  #entry(
    table: Map<string, string>,
    [, verb, key = '', , link = '']: readonly string[],
    value: string,
  ): void {
    if (verb === 'del') {
      if (!table.delete(key)) throw new Error(`no entry ${key}`);
      return;
    }
    if (link !== 'lladdr' && value === '') throw new Error(`no value for ${key}`);
    table.set(key, value);
  }

  showLinks(): string {
    const shown = [...this.links].map(([ifname, { kind, data, mac, up }]) => ({
      ifname,
      flags: up ? ['BROADCAST', 'UP'] : ['BROADCAST'],
      address: mac || 'ee:00:00:00:00:01',
      linkinfo: kind === 'moved' ? { info_kind: 'veth' } : { info_kind: kind, info_data: data },
    }));
    const own = { ifname: 'lo', flags: ['LOOPBACK', 'UP'] };
    return JSON.stringify([own, { ifname: 'sit0', flags: [], linkinfo: { info_kind: 'sit' } }, ...shown]);
  }

  showRoutes(version: 4 | 6): string {
    const own = [...this.routes.values()].filter(({ prefix }) => prefix.includes(':') === (version === 6));
    const whole = version === 6 ? '/128' : '/32';
    const shown = own.map(({ prefix, via, link, metric }) => ({
      dst: prefix.endsWith('/0')
        ? 'default'
        : prefix.endsWith(whole)
          ? prefix.slice(0, -whole.length)
          : prefix,
      ...(via === undefined ? {} : { gateway: via }),
      dev: link,
      protocol: '4',
      ...(metric === 0 ? {} : { metric }),
    }));
    return JSON.stringify([{ dst: '192.168.9.0/24', dev: 'vlan1', protocol: '186', metric: 20 }, ...shown]);
  }

  showNeighbours(): string {
    return JSON.stringify(
      [...this.neighbours].map(([dst, lladdr]) => ({ dst, lladdr, state: ['PERMANENT'] })),
    );
  }

  showForwarding(): string {
    return JSON.stringify([...this.forwarding].map(([mac, dst]) => ({ mac, dst, flags: ['self'] })));
  }
}

function after(words: readonly string[], word: string, none?: string): string {
  const at = words.indexOf(word);
  const value = at < 0 ? none : words[at + 1];
  if (value === undefined) throw new Error(`no ${word} in ${words.join(' ')}`);
  return value;
}

function dotted(key: string): string {
  const number = Number(key);
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}
