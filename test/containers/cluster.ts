/**
 * A deployment that runs: its bridge network and its containers, named after this run. Owns their life from start to
 * removal; what is asked of the daemons inside stands in far-side.ts.
 */
import type { CommandResult } from '../interop/harness/command.ts';
import { eventually } from '../interop/harness/eventually.ts';
import type { Deployment, Service } from './deployment.ts';
import { podman, runDetached, runName, tryPodman } from './podman.ts';

export class Cluster {
  readonly #label: string;
  readonly #deployment: Deployment;

  private constructor(label: string, deployment: Deployment) {
    this.#label = label;
    this.#deployment = deployment;
  }

  /** `imageOf` says what an image of the deployment is called here. */
  static async start(
    label: string,
    deployment: Deployment,
    imageOf: (image: string) => string,
  ): Promise<Cluster> {
    const cluster = new Cluster(label, deployment);
    try {
      const subnets = deployment.subnets.flatMap((subnet) => ['--subnet', subnet]);
      await podman(['network', 'create', '--ipv6', ...subnets, cluster.#network]);
      for (const service of deployment.services) await cluster.#run(service, imageOf(service.image));
    } catch (error) {
      process.stderr.write(`${await cluster.logs()}\n`);
      await cluster.remove();
      throw error;
    }
    return cluster;
  }

  /** A command inside, whatever its exit code. */
  try(service: string, ...command: string[]): Promise<CommandResult> {
    return tryPodman(['exec', this.#container(service), ...command]);
  }

  /** What a command inside prints; it must end with 0. */
  exec(service: string, ...command: string[]): Promise<string> {
    return podman(['exec', this.#container(service), ...command]);
  }

  /** As `docker compose kill --signal`. */
  async signal(service: string, signal: string): Promise<void> {
    await podman(['kill', '--signal', signal, this.#container(service)]);
  }

  /** Kills its first process from outside, as a crash would; returns when the restart policy has brought it back. */
  async crash(service: string): Promise<void> {
    const before = await this.pid(service);
    process.kill(before, 'SIGKILL');
    await eventually(`${service} runs again`, async () => {
      const pid = await this.pid(service);
      return pid !== 0 && pid !== before;
    });
  }

  /** Kills it and starts it again, as an operator would. */
  async killAndStart(service: string): Promise<void> {
    await podman(['kill', '--signal', 'KILL', this.#container(service)]);
    await podman(['wait', this.#container(service)]);
    await podman(['start', this.#container(service)]);
  }

  /** SIGTERM, and SIGKILL after ten seconds; its exit code. */
  async stop(service: string): Promise<number> {
    await podman(['stop', '--time', '10', this.#container(service)]);
    return Number(await this.#inspect(service, '{{.State.ExitCode}}'));
  }

  async startAgain(service: string): Promise<void> {
    await podman(['start', this.#container(service)]);
  }

  /** The host's number for its first process; 0 while it does not run. */
  async pid(service: string): Promise<number> {
    return Number(await this.#inspect(service, '{{.State.Pid}}'));
  }

  /** Whether the image's health check succeeds now. */
  async isHealthy(service: string): Promise<boolean> {
    return (await tryPodman(['healthcheck', 'run', this.#container(service)])).code === 0;
  }

  async log(service: string): Promise<string> {
    const { stdout, stderr } = await tryPodman(['logs', this.#container(service)]);
    return `${stdout}${stderr}`;
  }

  /** Of every container, for a failed test. */
  async logs(): Promise<string> {
    const services = this.#deployment.services.map(({ name }) => name);
    const logs = await Promise.all(services.map((name) => this.log(name)));
    return services.map((name, index) => `--- ${name}\n${logs[index].slice(-4000)}`).join('\n');
  }

  async remove(): Promise<void> {
    for (const { name } of this.#deployment.services) {
      await tryPodman(['rm', '--force', '--time', '0', this.#container(name)]);
    }
    await tryPodman(['network', 'rm', '--force', this.#network]);
  }

  #run({ name, ipv4, ipv6, options }: Service, image: string): Promise<string> {
    const network = `${this.#network}:ip=${ipv4},ip=${ipv6}`;
    return runDetached(this.#container(name), ['--network', network, ...options, image]);
  }

  #inspect(service: string, format: string): Promise<string> {
    return podman(['inspect', '--format', format, this.#container(service)]);
  }

  #container(service: string): string {
    return `${runName}-${this.#label}-${service}`;
  }

  get #network(): string {
    return `${runName}-${this.#label}`;
  }
}
