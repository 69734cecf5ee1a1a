/** Our own daemon in a namespace, as an operator starts it, and helioctl, as an operator calls it. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExplainView, PeerView, RouteView, StatusView } from '../../../src/speaker/views.ts';
import { type CommandResult, repository, run } from './command.ts';
import { eventually } from './eventually.ts';
import type { LabProcess } from './lab-process.ts';
import { communityNumbers, compact, type SeenPeer, type SeenRoute, words } from './seen-route.ts';

/** Where a daemon can live: a node of a lab, or just a directory. */
export interface Place {
  readonly directory: string;
  start(label: string, file: string, args: readonly string[]): LabProcess;
}

const binary = (name: string): string => join(repository, 'bin', `${name}.js`);

/** Whether `npm run build` was run: the tests start what it makes. */
export const isBuilt = (): boolean => existsSync(join(repository, 'dist/daemon.js'));

export class Heliod {
  readonly file: string;
  readonly #place: Place;
  #daemon: LabProcess | undefined;

  private constructor(place: Place) {
    this.#place = place;
    this.file = join(place.directory, 'heliod.yaml');
  }

  /** `config` is the YAML without `version`, `api` and `log`. */
  static async start(place: Place, config: string): Promise<Heliod> {
    const heliod = new Heliod(place);
    heliod.configure(config);
    await heliod.startDaemon();
    return heliod;
  }

  /** Writes the file; the daemon reads it at the next start or reload. */
  configure(config: string): void {
    const head = `version: 1\napi: { socket: "${this.socket}" }\nlog: { level: debug }\n`;
    writeFileSync(this.file, `${head}${config}\n`);
  }

  get socket(): string {
    return join(this.#place.directory, 'heliod.sock');
  }

  /** Also to bring it back after a crash. */
  async startDaemon(): Promise<void> {
    this.#daemon = this.#place.start('heliod', process.execPath, [binary('heliod'), '--config', this.file]);
    await this.#daemon.ready('says ready', async () => /\bready\b/.test(this.daemon.log()));
  }

  get daemon(): LabProcess {
    if (!this.#daemon) throw new Error('heliod was not started');
    return this.#daemon;
  }

  /** helioctl with these words, whatever its exit code. */
  ctl(...args: string[]): Promise<CommandResult> {
    return run(process.execPath, [binary('helioctl'), '--socket', this.socket, ...args], 60_000);
  }

  /** What helioctl prints; it must end with 0. */
  async helioctl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.ctl(...args);
    if (code !== 0) throw new Error(`helioctl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  async status(): Promise<StatusView> {
    return JSON.parse(await this.helioctl('status', '-o', 'json'));
  }

  async peerViews(): Promise<readonly PeerView[]> {
    return JSON.parse(await this.helioctl('peers', '-o', 'json'));
  }

  async peerView(address: string): Promise<PeerView> {
    return JSON.parse(await this.helioctl('peers', address, '-o', 'json'));
  }

  async peers(): Promise<readonly SeenPeer[]> {
    return (await this.peerViews()).map((peer) => ({
      address: peer.address,
      isEstablished: peer.state === 'established',
      establishedCount: peer.establishedCount,
      received: peer.families.reduce((sum, family) => sum + family.received, 0),
    }));
  }

  /** Routes as the API shows them; `args` go to `helioctl routes`. */
  async routeViews(...args: string[]): Promise<readonly RouteView[]> {
    const { code, stdout, stderr } = await this.ctl('routes', ...args, '-o', 'ndjson');
    if (code === 3) return []; // a named prefix that is not there
    if (code !== 0) throw new Error(`helioctl routes ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  /** Every path to exactly this prefix in the Loc-RIB. */
  async routes(prefix: string): Promise<readonly SeenRoute[]> {
    return (await this.routeViews(prefix)).map(seenRoute);
  }

  async explain(prefix: string): Promise<ExplainView> {
    return JSON.parse(await this.helioctl('explain', prefix, '-o', 'json'));
  }

  /** Waits until these peers are established, from our side. */
  async established(addresses: readonly string[], within = 30_000): Promise<void> {
    await eventually(
      `heliod has sessions with ${addresses.join(', ')}`,
      async () => {
        const views = await this.peerViews();
        const down = addresses.filter(
          (address) => views.find((peer) => peer.address === address)?.state !== 'established',
        );
        if (down.length > 0) throw new Error(`not established: ${down.join(', ')}`);
        return true;
      },
      { within, every: 200 },
    );
  }
}

function seenRoute({ prefix, best, attributes }: RouteView): SeenRoute {
  return compact<SeenRoute>({
    prefix,
    best,
    origin: attributes.origin.toLowerCase(),
    asPath: attributes.asPath,
    nextHop: words(attributes.nextHop)[0] ?? '', // a link-local one may follow (RFC 2545)
    med: attributes.med,
    localPref: attributes.localPref,
    communities: communityNumbers(attributes.communities ?? []),
    extendedCommunities: [...(attributes.extendedCommunities ?? [])].sort(),
    largeCommunities: [...(attributes.largeCommunities ?? [])].sort(),
    originatorId: attributes.originatorId,
    clusterList: attributes.clusterList ?? [],
    unknown: (attributes.unknown ?? []).map(({ type, value }) => `${type} ${value.replace(/^0x/, '')}`),
  });
}
