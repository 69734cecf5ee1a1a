/** The daemons that can be measured: how each is configured as a reflector of N passive clients, started, and watched. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../test/interop/harness/command.ts';
import { eventually } from '../test/interop/harness/eventually.ts';

export interface Network {
  readonly address: string;
  readonly port: number;
  readonly asn: number;
  readonly identifier: string;
  readonly clients: readonly string[];
  /** Routes with this community are told to clients with a LOCAL_PREF of 50. */
  readonly lessPreferred?: string;
}

export const lessPreferredAs = 50;

interface DaemonKind {
  readonly config: (network: Network, directory: string) => string;
  readonly command: (file: string, directory: string, network: Network) => readonly string[];
  /** Unix socket of a management API that answers GET /v1/status. */
  readonly api?: string;
}

export const daemonKinds: Readonly<Record<string, DaemonKind>> = {
  heliod: {
    config: ({ address, port, asn, identifier, clients, lessPreferred }, directory) => `version: 1
router: { asn: ${asn}, routerId: ${identifier}, listen: ["${address}:${port}"] }
api: { socket: "${directory}/heliod.sock" }
peerGroups:
  - { name: c, remoteAs: ${asn}, routeReflectorClient: true, passive: true, families: [ipv4-unicast], timers: { hold: 90s }${lessPreferred ? ', exportPolicy: to-clients' : ''} }
peers:
${clients.map((client) => `  - { address: ${client}, group: c }`).join('\n')}
log: { level: warn }
${lessPreferred ? heliodPolicy(lessPreferred) : ''}`,
    command: (file) => [process.execPath, join(repository, 'bin/heliod.js'), '--config', file],
    api: 'heliod.sock',
  },
  bird: {
    config: ({ address, port, asn, identifier, clients, lessPreferred }) => `router id ${identifier};
log stderr { warning, error, fatal, bug };
protocol device { }
protocol static { ipv4; route 10.200.0.0/16 via "lo"; }
template bgp peer {
  local ${address} port ${port} as ${asn};
  strict bind yes; multihop; passive yes; hold time 90;
  rr client; rr cluster id ${identifier};
  ipv4 { import all; ${lessPreferred ? birdFilter(lessPreferred) : 'export where source = RTS_BGP;'} };
}
${clients.map((client, n) => `protocol bgp p${n} from peer { neighbor ${client} as ${asn}; }`).join('\n')}
`,
    command: (file, directory) => ['bird', '-f', '-c', file, '-s', join(directory, 'bird.ctl')],
  },
  /** bgpd alone: without zebra it takes every next hop to be reachable. */
  frr: {
    config: ({ asn, identifier, clients }) => `frr defaults traditional
router bgp ${asn}
 bgp router-id ${identifier}
 bgp cluster-id ${identifier}
 neighbor C peer-group
 neighbor C remote-as ${asn}
 neighbor C passive
${clients.map((client) => ` neighbor ${client} peer-group C`).join('\n')}
 address-family ipv4 unicast
  neighbor C route-reflector-client
 exit-address-family
exit
`,
    command: (file, directory, { address, port }) => [
      ...['/usr/lib/frr/bgpd', '-n', '-Z', '-S', '-u', 'root', '-g', 'root', '-f', file],
      ...['-i', join(directory, 'bgpd.pid'), '-z', join(directory, 'zserv.api'), '--vty_socket', directory],
      ...['-P', '0', '-l', address, '-p', String(port), '--log', 'stdout', '--log-level', 'warnings'],
    ],
  },
};

const heliodPolicy = (community: string): string => `policies:
  - name: to-clients
    terms:
      - { match: { communities: ["${community}"] }, set: { localPref: ${lessPreferredAs} }, then: accept }
    default: accept
`;

const birdFilter = (community: string): string =>
  `export filter { if source != RTS_BGP then reject; if (${community.replace(':', ',')}) ~ bgp_community then bgp_local_pref = ${lessPreferredAs}; accept; };`;

/** What /proc says of a process and its children. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly rssPeakMiB: number;
}

const ticksPerSecond = 100;

export class MeasuredDaemon {
  readonly apiSocket: string | undefined;
  readonly #directory: string;
  readonly #kind: DaemonKind;
  readonly #child: ChildProcess;
  #ended = false;

  private constructor(kind: DaemonKind, network: Network) {
    this.#directory = mkdtempSync(join(tmpdir(), 'heliograph-bench-'));
    this.#kind = kind;
    this.apiSocket = kind.api && join(this.#directory, kind.api);
    const file = this.#configure(network);
    const [command, ...args] = kind.command(file, this.#directory, network);
    const log = openSync(join(this.#directory, 'log'), 'w');
    this.#child = spawn(command, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child.once('exit', () => {
      this.#ended = true;
    });
    this.#child.once('error', () => {
      this.#ended = true;
    });
  }

  static async start(name: string, network: Network): Promise<MeasuredDaemon> {
    const daemon = new MeasuredDaemon(daemonKinds[name], network);
    const listening = await eventually(
      `${name} listens`,
      async () => daemon.#ended || (await accepts(network)),
      { every: 50 },
    ).catch(() => false);
    if (listening && !daemon.#ended) return daemon;
    const words = daemon.log();
    await daemon.stop();
    throw new Error(`${name} did not start: ${words}`);
  }

  /** Returns the file. */
  #configure(network: Network): string {
    const file = join(this.#directory, 'daemon.conf');
    writeFileSync(file, this.#kind.config(network, this.#directory), { mode: 0o600 });
    return file;
  }

  /** Another configuration, taken up at a SIGHUP. */
  reload(network: Network): void {
    this.#configure(network);
    this.#child.kill('SIGHUP');
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  log(): string {
    return readFileSync(join(this.#directory, 'log'), 'utf8').slice(-2000);
  }

  usage(): Usage {
    const pids = [this.#child.pid ?? 0, ...descendants(this.#child.pid ?? 0)];
    return pids.map(usageOf).reduce((sum, one) => ({
      cpuSeconds: sum.cpuSeconds + one.cpuSeconds,
      rssPeakMiB: sum.rssPeakMiB + one.rssPeakMiB,
    }));
  }

  async stop(): Promise<void> {
    if (!this.#ended) {
      const gone = new Promise<void>((done) => this.#child.once('exit', () => done()));
      this.#child.kill('SIGTERM');
      const insistence = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
      await gone;
      clearTimeout(insistence);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A connection from the daemon's own address, which no client has: refused by its rules, but only once it listens. */
function accepts({ address, port }: Network): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: address, port, localAddress: address });
    socket
      .once('error', () => done(false))
      .once('connect', () => {
        done(true);
        socket.destroy();
      });
  });
}

export function usageOf(pid: number): Usage {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      rssPeakMiB: Number(peak ?? 0) / 1024,
    };
  } catch {
    return { cpuSeconds: 0, rssPeakMiB: 0 }; // it has ended
  }
}

function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1]);
  } catch {
    return undefined;
  }
}
