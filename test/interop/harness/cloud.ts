/**
 * A provider's cloud on real daemons: the controller, gateways (each a heliod in a namespace of its own on the underlay),
 * and the sites of two tenants, each on a VLAN that reaches every gateway. Owns building it, what may happen to it and
 * how it is looked at; what must be true then is for the tests and the demonstration.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection, FailoverEvent, Gateway, Slot, Tenant } from '../../../src/controller/resources.ts';
import { cloudDocuments, connectionName, type SitePlan, sitePlans, underlayAddress } from './cloud-plan.ts';
import { type CommandResult, output, repository } from './command.ts';
import { eventually, insist } from './eventually.ts';
import { Heliod } from './heliod.ts';
import { Lab, type LabNode, linksOf } from './lab.ts';
import type { LabProcess } from './lab-process.ts';
import { Site } from './site.ts';

const controllerPort = 8180;
const startedTogether = 3;
const controllerAddress = '10.255.0.10';
const binary = (name: string): string => join(repository, 'bin', `${name}.js`);

interface JsonLink {
  readonly addr_info?: readonly { readonly local?: string }[];
}

export interface CloudGateway {
  readonly name: string;
  readonly node: LabNode;
  readonly heliod: Heliod;
}

export interface CloudOptions {
  readonly gateways?: number;
  /** Default: the example of two tenants. */
  readonly sites?: readonly SitePlan[];
  /** What gateways are called before their number: their namespaces are the machine's. */
  readonly prefix?: string;
  /** What is being built, as it is built. */
  readonly progress?: (words: string) => void;
}

export interface SettleOptions {
  readonly progress?: (words: string) => void;
  /** How many are registered, the first ones. Default: all. */
  readonly gateways?: number;
}

export class Cloud {
  readonly lab: Lab;
  readonly node: LabNode;
  readonly gateways: readonly CloudGateway[];
  readonly sites: readonly Site[];
  readonly #prefix: string;
  #controller: LabProcess | undefined;

  private constructor(
    lab: Lab,
    node: LabNode,
    parts: Pick<Cloud, 'gateways' | 'sites'> & { readonly prefix: string },
  ) {
    this.lab = lab;
    this.node = node;
    this.gateways = parts.gateways;
    this.sites = parts.sites;
    this.#prefix = parts.prefix;
  }

  static async create({
    gateways = 5,
    sites: plans = sitePlans,
    prefix = 'gw',
    progress = () => {},
  }: CloudOptions = {}): Promise<Cloud> {
    await removeSpaces(prefix);
    const lab = await Lab.create();
    try {
      progress('the underlay and the controller');
      const node = await lab.node('ctl', [`${controllerAddress}/24`]);
      const names = Array.from({ length: gateways }, (_, at) => `${prefix}${at + 1}`);
      for (const name of ['admin', ...names]) writeToken(node, name);
      writeKeys(node, plans);
      writeFileSync(join(node.directory, 'controller.yaml'), controllerConfig(node, names));
      const made: CloudGateway[] = [];
      const nodes: LabNode[] = [];
      for (const [at, name] of names.entries()) nodes.push(await gatewayNode(lab, name, at + 1, plans));
      progress(`${names.length} gateways`);
      const start = async (place: LabNode, at: number) => {
        const config = gatewayConfig(names[at] ?? '', node, at + 1);
        made[at] = { name: names[at] ?? '', node: place, heliod: await Heliod.start(place, config) };
      };
      // A dozen at once would keep each other from being ready in time.
      for (let first = 0; first < nodes.length; first += startedTogether)
        await Promise.all(
          nodes.slice(first, first + startedTogether).map((place, at) => start(place, first + at)),
        );
      progress(`${plans.length} sites with FRR and BIRD`);
      const sites: Site[] = [];
      for (const plan of plans) {
        const name = `${plan.tenant}-${plan.name}`;
        const place = await lab.node(name, [`${plan.address}/30`], `vlan${plan.vlan}`);
        sites.push(await Site.start(plan, place));
      }
      const cloud = new Cloud(lab, node, { gateways: made, sites, prefix });
      await cloud.startController();
      return cloud;
    } catch (error) {
      process.stderr.write(`${lab.logs()}\n`);
      await lab.close();
      throw error;
    }
  }

  get controller(): LabProcess {
    if (!this.#controller) throw new Error('the controller was not started');
    return this.#controller;
  }

  /** Also to bring it back after a crash: its store stays. */
  async startController(): Promise<void> {
    const args = [binary('helio-controller'), '--config', join(this.node.directory, 'controller.yaml')];
    this.#controller = this.node.start('controller', process.execPath, args);
    await this.#controller.ready('says ready', async () => /"msg":"ready"/.test(this.controller.log()));
  }

  get #plans(): readonly SitePlan[] {
    return this.sites.map(({ plan }) => plan);
  }

  /** Registers everything, and waits until every site has the routes of its tenant's others. */
  async settle({ progress = () => {}, gateways = this.gateways.length }: SettleOptions = {}): Promise<void> {
    const names = this.gateways.slice(0, gateways).map(({ name }) => name);
    await this.apply(cloudDocuments(names, this.#plans));
    progress('placement, sessions and routes');
    await this.routed();
  }

  /** `helioctl controller apply` with these documents; what it prints. */
  async apply(documents: string): Promise<string> {
    return this.controllerctl('apply', '-f', this.#file(documents));
  }

  /** The same, whatever its exit code. */
  async tryApply(documents: string, ...words: string[]): Promise<CommandResult> {
    return this.tryControllerctl('apply', '-f', this.#file(documents), ...words);
  }

  #file(documents: string): string {
    const file = join(this.node.directory, 'documents.yaml');
    writeFileSync(file, documents);
    return file;
  }

  /** Every site has exactly the networks of its tenant's other sites, in its kernel. */
  routed(within = 60_000): Promise<boolean> {
    return eventually(
      'every site has the routes of its tenant, and no others',
      async () => {
        for (const site of this.sites) {
          const others = this.sites.filter(
            ({ plan }) => plan.tenant === site.plan.tenant && plan !== site.plan,
          );
          const wanted = others.map(({ plan }) => plan.lan).sort();
          const learnt = (await site.learnt()).filter((prefix) => prefix.startsWith('192.168.'));
          insist(learnt.join() === wanted.join(), `${site.name} has ${learnt.join(', ') || 'nothing'}`);
        }
        return true;
      },
      { within, every: 200 },
    );
  }

  site(tenant: string, name: string): Site {
    const found = this.sites.find(({ plan }) => plan.tenant === tenant && plan.name === name);
    if (!found) throw new Error(`there is no site ${tenant} ${name}`);
    return found;
  }

  gateway(name: string): CloudGateway {
    const found = this.gateways.find((gateway) => gateway.name === name);
    if (!found) throw new Error(`there is no gateway ${name}`);
    return found;
  }

  // --- What the controller says ---

  /** `helioctl controller` with these words, whatever its exit code. */
  tryControllerctl(...words: string[]): Promise<CommandResult> {
    return this.node.run(
      process.execPath,
      [binary('helioctl'), 'controller', ...this.access, ...words],
      60_000,
    );
  }

  /** What it prints; it must end with 0. */
  controllerctl(...words: string[]): Promise<string> {
    return this.node.output(
      process.execPath,
      [binary('helioctl'), 'controller', ...this.access, ...words],
      60_000,
    );
  }

  async get<T>(kind: string): Promise<readonly T[]> {
    const text = await this.controllerctl('get', kind, '-o', 'json');
    return JSON.parse(text);
  }

  /** The gateway that has the tenant's reflector. */
  async reflectorOf(tenant: string): Promise<CloudGateway> {
    const tenants = await this.get<Tenant>('tenants');
    const slots = await this.get<Slot>('slots');
    const slot = tenants.find(({ name }) => name === tenant)?.status.rrSlot;
    const holder = slots.find(({ name }) => name === slot)?.status.gateway;
    insist(typeof holder === 'string', `${tenant} has no reflector`);
    return this.gateway(holder);
  }

  /** The gateway that has the connection. */
  async gatewayOf(connection: string): Promise<CloudGateway> {
    const connections = await this.get<Connection>('connections');
    const slots = await this.get<Slot>('slots');
    const slot = connections.find(({ name }) => name === connection)?.status.slot;
    const holder = slots.find(({ name }) => name === slot)?.status.gateway;
    insist(typeof holder === 'string', `${connection} is nowhere`);
    return this.gateway(holder);
  }

  events(): Promise<readonly FailoverEvent[]> {
    return this.get<FailoverEvent>('events');
  }

  /** Waits until the controller says so of the gateway. */
  async phase({ name }: CloudGateway, ...phases: readonly Gateway['status']['phase'][]): Promise<void> {
    await eventually(`${name} is ${phases.join(' or ')}`, async () => {
      const found = (await this.get<Gateway>('gateways')).find((gateway) => gateway.name === name);
      insist(found !== undefined && phases.includes(found.status.phase), `${name} ${found?.status.phase}`);
      return true;
    });
  }

  /** So many gateways are there for slots: active or spare. */
  async healthy(count: number): Promise<void> {
    await eventually(`${count} gateways are healthy`, async () => {
      const gateways = await this.get<Gateway>('gateways');
      const good = gateways.filter(({ status }) => status.phase === 'Active' || status.phase === 'Spare');
      const words = gateways.map(({ name, status }) => `${name} ${status.phase}`).join(', ');
      insist(good.length === count, words);
      return true;
    });
  }

  // --- What happens to it ---

  /** All its processes and its links, at one stroke. */
  async powerOff({ node }: CloudGateway): Promise<void> {
    await this.lab.powerOff(node);
  }

  async powerOn(gateway: CloudGateway): Promise<void> {
    // Nothing in the kernel outlives a machine that was switched off. Sockets that nobody ends would keep a namespace.
    for (const name of spacesOf(gateway.name)) {
      const links = (await linksOf(name)).filter((link) => /^(segment|vlan)/.test(link));
      for (const link of links) await output('ip', ['-n', name, 'link', 'del', link]);
      await output('ip', ['netns', 'del', name]);
    }
    await this.lab.powerOn(gateway.node);
    const kept = new Set(await linksOf(gateway.node.namespace));
    const lost = this.#plans.map(({ vlan }) => `vlan${vlan}`).filter((name) => !kept.has(name));
    for (const name of lost) await this.lab.leg(gateway.node, name, name);
    await gateway.heliod.startDaemon();
  }

  /** Addresses that the kernel of a gateway has in a tenant's space, whatever its processes do. */
  async addressesOf({ name }: CloudGateway, tenant: string): Promise<readonly string[]> {
    const spaces = spacesOf(name).filter((space) => space.endsWith(`+${tenant}`));
    const texts = await Promise.all(spaces.map((space) => output('ip', ['-n', space, '-j', 'addr', 'show'])));
    const links: readonly JsonLink[] = texts.flatMap((text) => JSON.parse(text));
    return links.flatMap(({ addr_info: found = [] }) => found.map(({ local }) => local ?? ''));
  }

  /** The end of each process's output, for people. */
  logs(): string {
    return this.lab.logs();
  }

  /** All that every process said. */
  everyLog(): string {
    return this.lab.everyLog();
  }

  async close(): Promise<void> {
    await this.lab.close();
    await removeSpaces(this.#prefix);
  }

  /** Options of `helioctl controller`, to be called in the controller's namespace. */
  get access(): readonly string[] {
    const url = `http://${controllerAddress}:${controllerPort}`;
    return ['--server', url, '--token-file', tokenFile(this.node, 'admin')];
  }
}

function tokenFile({ directory }: LabNode, name: string): string {
  return join(directory, `${name}.token`);
}

function writeToken(node: LabNode, name: string): void {
  writeFileSync(tokenFile(node, name), `${randomBytes(16).toString('hex')}\n`, { mode: 0o600 });
}

/** The same on all gateways: a standby needs the key of each session that may come to it. */
function writeKeys(node: LabNode, plans: readonly SitePlan[]): void {
  const directory = secretsDirectory(node);
  mkdirSync(directory, { mode: 0o700 });
  for (const plan of plans)
    if (plan.password !== undefined)
      writeFileSync(join(directory, connectionName(plan)), `${plan.password}\n`, { mode: 0o600 });
}

function secretsDirectory({ directory }: LabNode): string {
  return join(directory, 'secrets');
}

function controllerConfig(node: LabNode, gateways: readonly string[]): string {
  const agents = gateways.map(
    (name) => `  - { file: ${tokenFile(node, name)}, role: agent, gateway: ${name} }`,
  );
  return `listen: { address: ${controllerAddress}, port: ${controllerPort} }
store: { directory: ${join(node.directory, 'store')} }
tokens:
  - { file: ${tokenFile(node, 'admin')}, role: admin }
${agents.join('\n')}
`;
}

async function gatewayNode(
  lab: Lab,
  name: string,
  number: number,
  plans: readonly SitePlan[],
): Promise<LabNode> {
  const node = await lab.node(name, [`${underlayAddress(number)}/24`]);
  for (const { vlan } of plans) await lab.leg(node, `vlan${vlan}`, `vlan${vlan}`);
  return node;
}

function gatewayConfig(name: string, controller: LabNode, number: number): string {
  return `
router: { asn: 65534, routerId: ${underlayAddress(number)}, listen: [] }
controller:
  gateway: ${name}
  endpoints: ["http://${controllerAddress}:${controllerPort}"]
  tokenFile: ${tokenFile(controller, name)}
  secretsDirectory: ${secretsDirectory(controller)}`;
}

/** Namespaces of the tenants on gateways of this name. */
function spacesOf(gateway: string): readonly string[] {
  return readdirSync('/run/netns').filter((name) => name.startsWith(`${gateway}+`));
}

async function removeSpaces(prefix: string): Promise<void> {
  let names: readonly string[] = [];
  try {
    names = readdirSync('/run/netns');
  } catch {
    return; // none was ever made
  }
  const ours = names.filter((name) => name.startsWith(prefix) && /^\d+\+/.test(name.slice(prefix.length)));
  for (const name of ours) await output('ip', ['netns', 'del', name]);
}
