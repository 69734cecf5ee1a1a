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
import { neighbourChanges, parseNeighbours, type Segment } from '../agent/kernel/segment.ts';
import type { KernelDriver, KernelProblem, LeaseLeft, Link, Space } from '../agent/kernel-contract.ts';
import { batchOutcome } from '../fib/batch.ts';
import { type IpEnd, type RunTogether, runTogether, type TogetherRequest } from './kernel/ip-together.ts';
import { SpaceAddresses } from './kernel/space-addresses.ts';
import { underlayMtus } from './kernel/underlay.ts';
import { namespaceDirectory, namespacePath } from './native/namespaces.ts';

export interface KernelDriverOptions {
  readonly gateway: string;
  readonly run?: RunTogether;
}

export function createKernelDriver(options: KernelDriverOptions): KernelDriver {
  return new SpaceKernel(options);
}

const loopbackUp: Line = { text: 'link set dev lo up', words: 'the loopback cannot be set up' };

/** Namespaces of a gateway are named after it: GATEWAY+SLOT+TENANT. */
const separator = '+';

class SpaceKernel implements KernelDriver {
  readonly #prefix: string;
  /** Name of the space that is no namespace. */
  readonly #home: string;
  readonly #run: RunTogether;
  readonly #addresses = new SpaceAddresses();
  /** As they were when all of them was had; read again when the text differs. */
  readonly #whole = new Map<string, string>();
  /** An address was gone when it was to be renewed. */
  readonly #lapsed = new Set<string>();
  /** Made a moment ago: nothing needs to be read there. */
  readonly #fresh = new Set<string>();
  /** Of the gateway's own links, by their addresses. */
  #mtus: ReadonlyMap<string, number> = new Map();
  /** The next space that is looked at although nothing is to change. */
  #inspected = 0;

  constructor({ gateway, run = runTogether }: KernelDriverOptions) {
    this.#prefix = `${gateway}${separator}`;
    this.#home = gateway;
    this.#run = run;
  }

  async release(spaces: readonly Space[]): Promise<readonly KernelProblem[]> {
    const problems: KernelProblem[] = [];
    const wanted = new Map(spaces.map((space) => [space.name, space]));
    const names = this.#namespaces();
    // Addresses first, of all spaces: from here on nobody is answered.
    for (const name of names) problems.push(...this.#addresses.keepOnly(name, wanted.get(name)));
    const changed = names.filter((name) => !this.#isWhole(wanted.get(name)));
    problems.push(...(await this.#removeLinks(changed, wanted)));
    problems.push(...this.#addresses.keepOnlyAtHome(this.#home, wanted.get(this.#home)));
    // An interface that could not be given back would be lost with its namespace.
    const stuck = new Set(problems.map(({ space }) => space));
    const over = names.filter((name) => !wanted.has(name) && !stuck.has(name));
    problems.push(...(await this.#namespaceLines('del', over)));
    return problems;
  }

  async prepare(spaces: readonly Space[]): Promise<readonly KernelProblem[]> {
    const changed = spaces.filter((space) => !this.#isWhole(space));
    if (changed.length === 0) return [];
    const away = changed.filter(isAway);
    const missing = away.map(({ name }) => name).filter((name) => !existsSync(namespacePath(name)));
    const problems = [...(await this.#namespaceLines('add', missing))];
    for (const name of missing) this.#fresh.add(name);
    this.#mtus = await underlayMtus(this.#run);
    for (const space of changed) problems.push(...this.#addresses.admit(space));
    return [...problems, ...(await this.#makeLinks(away))];
  }

  async serve(spaces: readonly Space[], lease: LeaseLeft): Promise<readonly KernelProblem[]> {
    const changed = spaces.filter((space) => !this.#isWhole(space));
    const problems = [...(await this.#makeRoutes(changed.filter(isAway)))];
    problems.push(...this.hold(spaces, lease));
    const troubled = new Set(problems.map(({ space }) => space));
    for (const space of changed) {
      this.#fresh.delete(space.name);
      if (!troubled.has(space.name)) this.#whole.set(space.name, JSON.stringify(space));
    }
    return problems;
  }

  hold(spaces: readonly Space[], lease: LeaseLeft): readonly KernelProblem[] {
    return spaces.flatMap((space) => {
      const { problems, missing } = this.#addresses.hold(space, lease);
      // With the last address of a link the kernel drops the routes over it.
      if (missing && this.#whole.has(space.name)) this.#lapsed.add(space.name);
      return problems;
    });
  }

  async renew(spaces: readonly Space[], lease: LeaseLeft): Promise<readonly KernelProblem[]> {
    const problems = this.hold(spaces, lease);
    return [...problems, ...(await this.#inspect(spaces))];
  }

  /** Those that lost addresses, and one more each time: what somebody else took out of it is put there again. */
  async #inspect(spaces: readonly Space[]): Promise<readonly KernelProblem[]> {
    const away = spaces.filter(isAway);
    const next = away[this.#inspected++ % away.length];
    const looked = away.filter(
      (space) => this.#isWhole(space) && (space === next || this.#lapsed.has(space.name)),
    );
    this.#lapsed.clear();
    return [...(await this.#makeLinks(looked)), ...(await this.#makeRoutes(looked))];
  }

  #isWhole(space: Space | undefined): boolean {
    return space !== undefined && this.#whole.get(space.name) === JSON.stringify(space);
  }

  #namespaces(): readonly string[] {
    if (!existsSync(namespaceDirectory)) return [];
    return readdirSync(namespaceDirectory).filter((name) => name.startsWith(this.#prefix));
  }

  #namespaceLines(verb: 'add' | 'del', names: readonly string[]): Promise<readonly KernelProblem[]> {
    for (const name of names) this.#forget(name);
    const action = verb === 'add' ? 'cannot be made' : 'cannot be removed';
    const lines = names.map((name) => ({
      space: name,
      text: `netns ${verb} ${name}`,
      words: `namespace ${name} ${action}`,
    }));
    return this.#batches([{ namespace: undefined, lines }]);
  }

  #forget(name: string): void {
    this.#whole.delete(name);
    this.#fresh.delete(name);
    this.#addresses.forget(name);
  }

  // --- Links ---

  async #removeLinks(
    names: readonly string[],
    wanted: ReadonlyMap<string, Space>,
  ): Promise<readonly KernelProblem[]> {
    for (const name of names) this.#forget(name);
    // A name without a namespace behind it is left of a machine that went down.
    const { held, problems } = await this.#links(names.filter((name) => this.#addresses.canEnter(name)));
    const removals = [...held].map(([name, links]) =>
      inSpace(name, linkRemovals(links, wanted.get(name)?.links ?? [], process.pid)),
    );
    return [...problems, ...(await this.#batches(removals))];
  }

  async #makeLinks(spaces: readonly Space[]): Promise<readonly KernelProblem[]> {
    const { held, problems } = await this.#links(spaces.map(({ name }) => name));
    const known = spaces.flatMap((space) => {
      const links = held.get(space.name);
      return links ? [{ ...space, held: links }] : [];
    });
    const away = await this.#batches(
      known.map(({ name, held: links, links: want }) =>
        inSpace(name, linkRemovals(links, want, process.pid)),
      ),
    );
    const additions = known.flatMap(({ name, held: links, links: want }) =>
      linkAdditions(links, want, name, (address) => this.#mtus.get(address)).map((line) => ({
        ...line,
        space: name,
      })),
    );
    const made = await this.#batches([{ namespace: undefined, lines: additions }]);
    // Those that could not be had are no reason for the others to stay down.
    const there = await this.#links([...new Set(made.map(({ space }) => space))], 'whatever is new');
    const up = known.map(({ name, held: links, links: want }) =>
      inSpace(name, [loopbackUp, ...linksUp(links, among(want, there.held.get(name)))]),
    );
    return [...problems, ...away, ...made, ...there.problems, ...(await this.#batches(up))];
  }

  /** Of each space that could be looked into. */
  async #links(names: readonly string[], trust: 'new is empty' | 'whatever is new' = 'new is empty') {
    const held = new Map<string, readonly HeldLink[]>();
    const looked = names.filter((name) => trust === 'whatever is new' || !this.#fresh.has(name));
    for (const name of names) if (!looked.includes(name)) held.set(name, []);
    const problems = await this.#read(
      looked.map((name) => ({ namespace: name, args: ['-d', '-j', 'link', 'show'] })),
      ({ namespace, text }) => held.set(namespace, parseLinks(text)),
    );
    return { held, problems };
  }

  // --- Routes and neighbours ---

  async #makeRoutes(spaces: readonly Space[]): Promise<readonly KernelProblem[]> {
    const looked = spaces.filter(({ name }) => !this.#fresh.has(name));
    const routes = await this.#answers(looked.flatMap(routeQuestions));
    const neighbours = await this.#answers(looked.flatMap(neighbourQuestions));
    // What cannot be seen is not changed: a segment that is not there is no reason to leave the sites alone.
    const changes = spaces.flatMap((space) => {
      const { name } = space;
      const [v4 = '', v6 = ''] = routes.texts.get(name) ?? [];
      const held = [...parseRoutes(v4, 4), ...parseRoutes(v6, 6)];
      const [known = '', ways = ''] = neighbours.texts.get(name) ?? [];
      const segment = neighbours.blind.has(name) ? undefined : segmentOf(space);
      const told = segment && neighbourChanges(parseNeighbours(known, ways), segment);
      const lines = routes.blind.has(name) ? [] : routeChanges(held, space.routes);
      return [
        { ...inSpace(name, told?.bridge ?? []), program: 'bridge' as const },
        inSpace(name, [...(told?.ip ?? []), ...lines]),
      ];
    });
    return [...routes.problems, ...neighbours.problems, ...(await this.#batches(changes))];
  }

  /** By space, in the order of the questions; `blind`: spaces that did not answer all of them. */
  async #answers(questions: readonly Question[]) {
    const texts = new Map<string, string[]>();
    const problems = await this.#read(questions, ({ namespace, text }) => {
      JSON.parse(text.trim() || '[]');
      texts.set(namespace, [...(texts.get(namespace) ?? []), text]);
    });
    return { texts, problems, blind: new Set(problems.map(({ space }) => space)) };
  }

  // --- Commands ---

  /** All of them, also when some fail. */
  async #batches(batches: readonly Batch[]): Promise<readonly KernelProblem[]> {
    const some = batches.filter(({ lines }) => lines.length > 0);
    const ends = await this.#run(
      some.map(({ namespace, lines, program = 'ip' }) => ({
        ...{ program, namespace, args: ['-force', '-batch', '-'] },
        input: `${lines.map(({ text }) => text).join('\n')}\n`,
      })),
    );
    return some.flatMap(({ lines }, at) => failures(lines, ends[at]));
  }

  /** `take` gets what each printed, in their order; whoever printed something unreadable is a problem too. */
  async #read(
    requests: readonly Question[],
    take: (read: { readonly namespace: string; readonly text: string }) => void,
  ): Promise<readonly KernelProblem[]> {
    const ends = await this.#run(requests);
    return requests.flatMap(({ namespace, program = 'ip', args }, at) => {
      const { code, stdout = '', stderr = '', problem } = ends[at] ?? {};
      const failed = `${program} ${args.join(' ')} ended with ${code ?? 'a signal'}`;
      const message = problem ?? (code === 0 ? undefined : stderr.trim() || failed);
      if (message !== undefined) return [{ space: namespace, message }];
      try {
        take({ namespace, text: stdout });
        return [];
      } catch (error) {
        return [{ space: namespace, message: error instanceof Error ? error.message : String(error) }];
      }
    });
  }
}

/** In a namespace of its own, with links and routes. */
function isAway({ isHome = false }: Space): boolean {
  return !isHome;
}

type Question = TogetherRequest & { readonly namespace: string };

interface Batch {
  /** `undefined`: the gateway's own. */
  readonly namespace: string | undefined;
  readonly program?: 'ip' | 'bridge';
  readonly lines: readonly (Line & { readonly space: string })[];
}

function inSpace(space: string, lines: readonly Line[]): Batch {
  return { namespace: space, lines: lines.map((line) => ({ ...line, space })) };
}

function failures(lines: Batch['lines'], end: IpEnd | undefined): readonly KernelProblem[] {
  if (!end) return [];
  const outcome = batchOutcome(end);
  if (outcome.type === 'broken')
    return [...new Set(lines.map(({ space }) => space))].map((space) => ({ space, message: outcome.reason }));
  return [...outcome.failed].flatMap(([at, reason]) => {
    const line = lines[at];
    return line === undefined ? [] : [{ space: line.space, message: `${line.words}: ${reason}` }];
  });
}

function routeQuestions({ name: namespace }: Space): readonly Question[] {
  return ['-4', '-6'].map((version) => ({ namespace, args: [version, '-N', '-j', 'route', 'show'] }));
}

function neighbourQuestions(space: Space): readonly Question[] {
  const { name: namespace } = space;
  const segment = segmentOf(space);
  if (!segment) return [];
  return [
    { namespace, args: ['-j', 'neigh', 'show', 'dev', segment.name, 'nud', 'permanent'] },
    { namespace, program: 'bridge', args: ['-j', 'fdb', 'show', 'dev', segment.name] },
  ];
}

function segmentOf({ links }: Space): Segment | undefined {
  return links.find((link) => link.type === 'vxlan');
}

/** Those that are there; all where nobody looked. */
function among(links: readonly Link[], held: readonly HeldLink[] | undefined): readonly Link[] {
  if (!held) return links;
  const names = new Set(held.map(({ name }) => name));
  return links.filter(({ name }) => names.has(name));
}
