/**
 * The kernel's side of a gateway (`KernelDriver`): namespaces, links and routes through `ip` and `bridge`, addresses and
 * their lifetimes by itself. Knows what it made only to save work: what is in the kernel counts, and is read again
 * wherever something is to change. Touches namespaces whose names begin with the gateway's, and interfaces it is told of.
 */
import { existsSync, readdirSync } from 'node:fs';
import {
  type HeldLink,
  linkAdditions,
  linkRemovals,
  linksUp,
  parseLinks,
} from '../agent/kernel/held-links.ts';
import { parseRoutes, routeChanges } from '../agent/kernel/held-routes.ts';
import type { Line } from '../agent/kernel/line.ts';
import { neighbourChanges, parseNeighbours } from '../agent/kernel/segment.ts';
import type { KernelDriver, KernelProblem, LeaseLeft, Link, Space } from '../agent/kernel-contract.ts';
import { batchOutcome } from '../fib/batch.ts';
import { type RunIp, runIp } from './kernel/ip-command.ts';
import { SpaceAddresses } from './kernel/space-addresses.ts';
import { underlayMtus } from './kernel/underlay.ts';
import { namespaceDirectory, namespacePath } from './native/namespaces.ts';

export interface KernelDriverOptions {
  readonly gateway: string;
  readonly run?: RunIp;
}

export function createKernelDriver(options: KernelDriverOptions): KernelDriver {
  return new SpaceKernel(options);
}

/** Namespaces of a gateway are named after it: GATEWAY+SLOT+TENANT. */
const separator = '+';

class SpaceKernel implements KernelDriver {
  readonly #prefix: string;
  readonly #run: RunIp;
  readonly #addresses = new SpaceAddresses();
  /** As they were when all of them was had; read again when the text differs. */
  readonly #whole = new Map<string, string>();
  /** Of the gateway's own links, by their addresses. */
  #mtus: ReadonlyMap<string, number> = new Map();
  /** The next space that is looked at although nothing is to change. */
  #inspected = 0;

  constructor({ gateway, run = runIp }: KernelDriverOptions) {
    this.#prefix = `${gateway}${separator}`;
    this.#run = run;
  }

  async release(spaces: readonly Space[]): Promise<readonly KernelProblem[]> {
    const problems: KernelProblem[] = [];
    const wanted = new Map(spaces.map((space) => [space.name, space]));
    const names = this.#namespaces();
    // Addresses first, of all spaces: from here on nobody is answered.
    for (const name of names) problems.push(...this.#addresses.keepOnly(name, wanted.get(name)));
    const changed = names.filter((name) => !this.#isWhole(wanted.get(name)));
    await Promise.all(
      changed.map(async (name) =>
        problems.push(...(await this.#removeLinks(name, wanted.get(name)?.links ?? []))),
      ),
    );
    // An interface that could not be given back would be lost with its namespace.
    const stuck = new Set(problems.map(({ space }) => space));
    const over = names.filter((name) => !wanted.has(name) && !stuck.has(name));
    problems.push(...(await this.#namespaceLines('del', over)));
    return problems;
  }

  async prepare(spaces: readonly Space[]): Promise<readonly KernelProblem[]> {
    const changed = spaces.filter((space) => !this.#isWhole(space));
    const missing = changed.map(({ name }) => name).filter((name) => !existsSync(namespacePath(name)));
    const problems = [...(await this.#namespaceLines('add', missing))];
    if (changed.length > 0) this.#mtus = await underlayMtus(this.#run);
    await Promise.all(
      changed.map(async (space) => {
        problems.push(...this.#addresses.admitForwarding(space.name));
        problems.push(...(await this.#makeLinks(space)));
      }),
    );
    return problems;
  }

  async serve(spaces: readonly Space[], lease: LeaseLeft): Promise<readonly KernelProblem[]> {
    const problems: KernelProblem[] = [];
    const changed = spaces.filter((space) => !this.#isWhole(space));
    await Promise.all(
      changed.map(async (space) => {
        const found = [...(await this.#makeRoutes(space)), ...this.#addresses.hold(space, lease)];
        if (found.length === 0) this.#whole.set(space.name, JSON.stringify(space));
        problems.push(...found);
      }),
    );
    const same = spaces.filter((space) => !changed.includes(space));
    return [...problems, ...same.flatMap((space) => this.#addresses.hold(space, lease))];
  }

  async renew(spaces: readonly Space[], lease: LeaseLeft): Promise<readonly KernelProblem[]> {
    const problems = spaces.flatMap((space) => this.#addresses.hold(space, lease));
    return [...problems, ...(await this.#inspect(spaces))];
  }

  /** One space each time: what somebody else took out of it is put there again. */
  async #inspect(spaces: readonly Space[]): Promise<readonly KernelProblem[]> {
    const space = spaces[this.#inspected++ % spaces.length];
    if (!this.#isWhole(space) || !space) return [];
    return [...(await this.#makeLinks(space)), ...(await this.#makeRoutes(space))];
  }

  #isWhole(space: Space | undefined): boolean {
    return space !== undefined && this.#whole.get(space.name) === JSON.stringify(space);
  }

  #namespaces(): readonly string[] {
    if (!existsSync(namespaceDirectory)) return [];
    return readdirSync(namespaceDirectory).filter((name) => name.startsWith(this.#prefix));
  }

  async #namespaceLines(verb: 'add' | 'del', names: readonly string[]): Promise<readonly KernelProblem[]> {
    for (const name of names) this.#forget(name);
    const action = verb === 'add' ? 'cannot be made' : 'cannot be removed';
    const lines = names.map((name) => ({
      space: name,
      text: `netns ${verb} ${name}`,
      words: `namespace ${name} ${action}`,
    }));
    return this.#batch(undefined, lines);
  }

  #forget(name: string): void {
    this.#whole.delete(name);
    this.#addresses.forget(name);
  }

  // --- Links ---

  async #removeLinks(name: string, wanted: readonly Link[]): Promise<readonly KernelProblem[]> {
    this.#forget(name);
    // A name without a namespace behind it is left of a machine that went down.
    if (!this.#addresses.canEnter(name)) return [];
    return this.#attempt(name, async () => {
      return this.#inSpace(name, linkRemovals(await this.#links(name), wanted, process.pid));
    });
  }

  #makeLinks({ name, links }: Space): Promise<readonly KernelProblem[]> {
    return this.#attempt(name, async () => {
      const held = await this.#links(name);
      const away = await this.#inSpace(name, linkRemovals(held, links, process.pid));
      const add = linkAdditions(held, links, name, (address) => this.#mtus.get(address));
      const made = await this.#batch(
        undefined,
        add.map((line) => ({ ...line, space: name })),
      );
      // Those that could not be had are no reason for the others to stay down.
      const there = made.length === 0 ? links : among(links, await this.#links(name));
      const loopback = { text: 'link set dev lo up', words: 'the loopback cannot be set up' };
      return [...away, ...made, ...(await this.#inSpace(name, [loopback, ...linksUp(held, there)]))];
    });
  }

  async #links(name: string): Promise<readonly HeldLink[]> {
    return parseLinks(await this.#read(name, ['-d', '-j', 'link', 'show']));
  }

  // --- Routes and neighbours ---

  #makeRoutes(space: Space): Promise<readonly KernelProblem[]> {
    const { name, links, routes } = space;
    return this.#attempt(name, async () => {
      const [v4, v6] = await Promise.all([
        this.#read(name, ['-4', '-N', '-j', 'route', 'show']),
        this.#read(name, ['-6', '-N', '-j', 'route', 'show']),
      ]);
      const held = [...parseRoutes(v4, 4), ...parseRoutes(v6, 6)];
      const problems: KernelProblem[] = [];
      for (const link of links)
        if (link.type === 'vxlan') problems.push(...(await this.#makeNeighbours(name, link)));
      return [...problems, ...(await this.#inSpace(name, routeChanges(held, routes)))];
    });
  }

  async #makeNeighbours(
    name: string,
    segment: Extract<Link, { type: 'vxlan' }>,
  ): Promise<readonly KernelProblem[]> {
    const [neighbours, forwarding] = await Promise.all([
      this.#read(name, ['-j', 'neigh', 'show', 'dev', segment.name, 'nud', 'permanent']),
      this.#read(name, ['-j', 'fdb', 'show', 'dev', segment.name], 'bridge'),
    ]);
    const { ip, bridge } = neighbourChanges(parseNeighbours(neighbours, forwarding), segment);
    return [...(await this.#inSpace(name, bridge, 'bridge')), ...(await this.#inSpace(name, ip))];
  }

  // --- Commands ---

  async #attempt(
    space: string,
    work: () => Promise<readonly KernelProblem[]>,
  ): Promise<readonly KernelProblem[]> {
    try {
      return await work();
    } catch (error) {
      return [{ space, message: error instanceof Error ? error.message : String(error) }];
    }
  }

  #inSpace(
    space: string,
    lines: readonly Line[],
    program: 'ip' | 'bridge' = 'ip',
  ): Promise<readonly KernelProblem[]> {
    return this.#batch(
      space,
      lines.map((line) => ({ ...line, space })),
      program,
    );
  }

  async #batch(
    namespace: string | undefined,
    lines: readonly (Line & { readonly space: string })[],
    program: 'ip' | 'bridge' = 'ip',
  ): Promise<readonly KernelProblem[]> {
    if (lines.length === 0) return [];
    const input = `${lines.map(({ text }) => text).join('\n')}\n`;
    const end = await this.#run({ program, args: ['-force', '-batch', '-'], namespace, input });
    const outcome = batchOutcome(end);
    if (outcome.type === 'broken')
      return [...new Set(lines.map(({ space }) => space))].map((space) => ({
        space,
        message: outcome.reason,
      }));
    return [...outcome.failed].flatMap(([at, reason]) => {
      const line = lines[at];
      return line === undefined ? [] : [{ space: line.space, message: `${line.words}: ${reason}` }];
    });
  }

  /** Throws, in words. */
  async #read(namespace: string, args: readonly string[], program: 'ip' | 'bridge' = 'ip'): Promise<string> {
    let text = '';
    const onOutput = (part: string) => {
      text += part;
    };
    const { code, stderr, problem } = await this.#run({ program, args, namespace, onOutput });
    if (problem !== undefined || code !== 0)
      throw new Error(
        problem ?? (stderr.trim() || `${program} ${args.join(' ')} ended with ${code ?? 'a signal'}`),
      );
    return text;
  }
}

function among(links: readonly Link[], held: readonly HeldLink[]): readonly Link[] {
  const names = new Set(held.map(({ name }) => name));
  return links.filter(({ name }) => names.has(name));
}
