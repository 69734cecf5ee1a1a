/**
 * A network on one machine: a namespace per node, all on one bridge that lives in a namespace too, so that nothing of
 * the machine's own network is touched. Names carry our process id; what a crashed run left behind is removed by the
 * next. Owns namespaces, directories and the life of processes in them; knows no BGP.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandResult, output, run } from './command.ts';
import { LabProcess } from './lab-process.ts';

const prefix = 'hg';
/** The bridge that nodes hang on unless they say otherwise. */
const commonSegment = 'br0';
const openLabs = new Set<Lab>();
let labCount = 0;

export class Lab {
  readonly directory: string;
  readonly #name: string;
  readonly #nodes: LabNode[] = [];
  #ports = 0;
  readonly #segments = new Set<string>();
  /** Of the switch, by the namespace that hangs on them. */
  readonly #portsOf = new Map<string, readonly string[]>();

  private constructor() {
    labCount += 1;
    this.#name = `${prefix}${process.pid}-${labCount}`;
    this.directory = mkdtempSync(join(tmpdir(), `${prefix}-`));
    chmodSync(this.directory, 0o755); // daemons that give up root must reach their own directory below
  }

  static async create(): Promise<Lab> {
    removeLeftovers();
    const lab = new Lab();
    if (openLabs.size === 0) process.once('exit', removeAll);
    openLabs.add(lab);
    const bridge = lab.#namespace('switch');
    await ip('netns', 'add', bridge);
    return lab;
  }

  /**
   * A node with one interface, `eth0`, on the bridge or on another segment of the switch; addresses as `10.0.0.2/24`, the
   * first one is where it listens.
   */
  async node(name: string, addresses: readonly string[], segment = commonSegment): Promise<LabNode> {
    const namespace = this.#namespace(name);
    const directory = join(this.directory, name);
    mkdirSync(directory, { mode: 0o755 });
    const node = new LabNode(name, namespace, directory, addresses, segment);
    this.#nodes.push(node);
    await this.plug(node);
    return node;
  }

  /** Makes the namespace of a node, on its segment and with its addresses: also anew, after `unplug`. */
  async plug(node: LabNode): Promise<void> {
    const { namespace, addresses } = node;
    await ip('netns', 'add', namespace);
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
    this.#portsOf.delete(namespace);
    await this.leg(node, 'eth0', node.segment);
    for (const address of addresses) {
      const noWait = address.includes(':') ? ['nodad'] : [];
      await ip('-n', namespace, 'addr', 'add', address, 'dev', 'eth0', ...noWait);
    }
    await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  }

  /** One more interface of a node, down and without an address, on a segment of the switch. */
  async leg({ namespace }: LabNode, device: string, segment: string): Promise<void> {
    const [bridge, port] = [this.#namespace('switch'), `p${this.#ports++}`];
    if (!this.#segments.has(segment)) {
      this.#segments.add(segment);
      await ip('-n', bridge, 'link', 'add', segment, 'type', 'bridge', 'mcast_snooping', '0');
      await ip('-n', bridge, 'link', 'set', segment, 'up');
    }
    await ip('-n', bridge, 'link', 'add', port, 'type', 'veth', 'peer', 'name', device, 'netns', namespace);
    await ip('-n', bridge, 'link', 'set', port, 'master', segment, 'up');
    this.#portsOf.set(namespace, [...(this.#portsOf.get(namespace) ?? []), port]);
  }

  /** The power goes: every process of the node at once, and the carrier of its interfaces. */
  async powerOff({ namespace, processes }: LabNode): Promise<void> {
    const bridge = this.#namespace('switch');
    const lines = (this.#portsOf.get(namespace) ?? []).map((port) => `link set ${port} down`);
    const pids = (await output('ip', ['netns', 'pids', namespace])).split('\n').filter(Boolean);
    for (const pid of pids) killNow(Number(pid));
    // One that was on a visit to another namespace just then is not among them.
    for (const daemon of processes) daemon.signal('SIGKILL');
    await Promise.all(lines.map((line) => ip('-n', bridge, ...line.split(' '))));
  }

  /** The carrier is back, of those interfaces that are still there; what ran must be started anew. */
  async powerOn({ namespace }: LabNode): Promise<void> {
    const bridge = this.#namespace('switch');
    const there = new Set(await linksOf(bridge));
    const ports = (this.#portsOf.get(namespace) ?? []).filter((port) => there.has(port));
    this.#portsOf.set(namespace, ports);
    for (const port of ports) await ip('-n', bridge, 'link', 'set', port, 'up');
  }

  /** Takes the namespace of a node away, as an operator might: what runs in it loses its network. */
  async unplug({ namespace }: LabNode): Promise<void> {
    await ip('netns', 'del', namespace);
  }

  /** The tail of every process's output, for a failed test. */
  logs(): string {
    return this.#nodes.flatMap((node) => node.processes.map((daemon) => daemon.describe())).join('\n');
  }

  everyLog(): string {
    return this.#nodes.flatMap(({ processes }) => processes.map((daemon) => daemon.log())).join('\n');
  }

  /** Ends every process and removes everything; safe to call twice. */
  async close(): Promise<void> {
    await Promise.all(this.#nodes.flatMap((node) => node.processes.map((daemon) => daemon.stop())));
    this.remove();
  }

  /** The same at once, without waiting for processes to end well. */
  remove(): void {
    openLabs.delete(this);
    for (const node of this.#nodes) for (const daemon of node.processes) daemon.signal('SIGKILL');
    for (const name of ['switch', ...this.#nodes.map((node) => node.name)])
      removeNamespace(this.#namespace(name));
    rmSync(this.directory, { recursive: true, force: true });
  }

  #namespace(node: string): string {
    return `${this.#name}-${node}`;
  }
}

export class LabNode {
  readonly name: string;
  readonly namespace: string;
  /** For its configuration, sockets and logs. */
  readonly directory: string;
  readonly addresses: readonly string[];
  /** Of the switch, where its `eth0` is. */
  readonly segment: string;
  readonly processes: LabProcess[] = [];

  constructor(
    name: string,
    namespace: string,
    directory: string,
    addresses: readonly string[],
    segment: string,
  ) {
    this.name = name;
    this.namespace = namespace;
    this.directory = directory;
    this.addresses = addresses;
    this.segment = segment;
  }

  /** Its address of this version, without length. */
  address(version: 4 | 6 = 4): string {
    const found = this.addresses.find((address) => address.includes(':') === (version === 6));
    if (!found) throw new Error(`${this.name} has no IPv${version} address`);
    return found.split('/')[0];
  }

  run(file: string, args: readonly string[], timeoutMs?: number): Promise<CommandResult> {
    return run('nsenter', this.#inside(file, args), timeoutMs);
  }

  output(file: string, args: readonly string[], timeoutMs?: number): Promise<string> {
    return output('nsenter', this.#inside(file, args), timeoutMs);
  }

  /** Starts a program that stays; nsenter becomes the program, so its process id is the program's. */
  start(
    label: string,
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): LabProcess {
    const log = join(this.directory, `${label}-${this.processes.length}.log`);
    const started = new LabProcess(`${this.name}/${label}`, 'nsenter', this.#inside(file, args), {
      log,
      env,
    });
    this.processes.push(started);
    return started;
  }

  /** Makes its directory that of a system user. */
  async giveTo(user: string): Promise<void> {
    const [uid, gid] = [await output('id', ['-u', user]), await output('id', ['-g', user])];
    chownSync(this.directory, Number(uid), Number(gid));
  }

  #inside(file: string, args: readonly string[]): string[] {
    return [`--net=/run/netns/${this.namespace}`, '--', file, ...args];
  }
}

/** Names of what is in a namespace, without the loopback. */
export async function linksOf(namespace: string): Promise<readonly string[]> {
  const text = await output('ip', ['-n', namespace, '-j', 'link', 'show']);
  const links: readonly { readonly ifname: string }[] = JSON.parse(text);
  return links.map(({ ifname }) => ifname).filter((name) => name !== 'lo');
}

async function ip(...args: string[]): Promise<void> {
  await output('ip', args);
}

function removeAll(): void {
  for (const lab of openLabs) lab.remove();
}

/** Ends what still runs in a namespace of ours (children of daemons), then removes it. */
function removeNamespace(namespace: string): void {
  const quietly = (args: readonly string[]): string => {
    try {
      return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      return ''; // it is gone already
    }
  };
  for (const pid of quietly(['netns', 'pids', namespace]).split('\n').filter(Boolean)) killNow(Number(pid));
  quietly(['netns', 'del', namespace]);
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended meanwhile
  }
}

/** Namespaces of test runs that are no more. */
function removeLeftovers(): void {
  let names: string[] = [];
  try {
    names = readdirSync('/run/netns');
  } catch {
    return; // none was ever made
  }
  for (const name of names) {
    const pid = /^hg(\d+)-\d+-/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) removeNamespace(name);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
