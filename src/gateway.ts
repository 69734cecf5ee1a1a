/**
 * heliod as a gateway of a network controller: joins the agent's core with its connection to the controller, the
 * kernel, the routing instances and the guard. Part of the composition root; decides nothing by itself.
 */
import { Agent, type AgentEvent, type AgentHost } from './agent/agent.ts';
import type { InstanceDocument } from './agent/instance-document.ts';
import type { KernelDriver, KernelProblem, LeaseLeft, Space } from './agent/kernel-contract.ts';
import { withoutMissingKeys } from './agent/keys.ts';
import { type AgentReport, longestWaitMs, type TenantReport } from './agent/protocol.ts';
import type { Work } from './agent/steps.ts';
import { underlayName } from './agent/underlay.ts';
import type { InstanceEvent } from './api/ports.ts';
import { readToken } from './api/token.ts';
import type { ControllerSettings } from './config/configuration.ts';
import type { InstanceSet } from './instances/instance-set.ts';
import { RouteFeeds } from './instances/route-feeds.ts';
import type { RunningConfig } from './running-config.ts';
import { AgentClient, ControllerRefusal, describeRequestError } from './runtime/agent-client.ts';
import { GuardProcess } from './runtime/guard-process.ts';
import type { Log } from './runtime/logging.ts';
import { RepeatLimiter } from './runtime/repeat-limiter.ts';
import { type InstanceSettings, instanceKey } from './speaker/settings.ts';

/** After a request for changes failed; a renewal brings what it would have brought. */
const changesRetryMilliseconds = 500;

/** What goes wrong is tried again every second, and said once a minute. */
const troubleLimits = { perWindow: 1, windowMilliseconds: 60_000, maxKeys: 1000 };

/** A stop that cannot be said to the controller ends without it: the lease runs out. */
const farewellMilliseconds = 2500;

type InstancesWork = Extract<Work, { readonly type: 'instances' }>;

export interface GatewayInputs {
  readonly settings: ControllerSettings;
  readonly set: InstanceSet;
  readonly config: Pick<RunningConfig, 'setManaged'>;
  readonly driver: KernelDriver;
  readonly log: Log;
  /** Grows with each start of the daemon. */
  readonly incarnation: number;
  /** The program of the guard. */
  readonly guard: string;
  /** Why the file cannot be used as a key; `undefined` when it can. */
  readonly keyFileProblem: (path: string) => string | undefined;
}

export class Gateway implements AgentHost {
  readonly #inputs: GatewayInputs;
  readonly #agent: Agent;
  readonly #client: AgentClient;
  readonly #guard: GuardProcess;
  readonly #feeds: RouteFeeds;
  readonly #stopped = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #troubles = new RepeatLimiter(troubleLimits);
  /** By the key of the instance. */
  #documents: ReadonlyMap<string, InstanceDocument> = new Map();
  /** Reflectors that have told a neighbour all they have, by key: with their epoch. */
  readonly #inService = new Map<string, number>();
  /** Held when a revision was applied last. */
  #slots: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #noticed = false;
  #released = () => {};
  #lastFailure: string | undefined;

  constructor(inputs: GatewayInputs) {
    this.#inputs = inputs;
    const { settings, log, incarnation } = inputs;
    const { gateway, endpoints, tokenFile, interfaces, secretsDirectory: secrets } = settings;
    const named = new Map(interfaces.map(({ vlan, interface: name }) => [vlan, name]));
    const interfaceOf = (vlan: number) => named.get(vlan) ?? `vlan${vlan}`;
    this.#agent = new Agent({ gateway, incarnation, interfaceOf, secrets }, this);
    this.#client = new AgentClient({ gateway, endpoints, token: () => readToken(tokenFile) });
    this.#feeds = new RouteFeeds({
      set: inputs.set,
      connect: (identity, owner) => this.#client.feed(identity, owner),
      onFailure: ({ tenant }, reason) => log.warn({ tenant, reason }, 'no route feed to the controller'),
    });
    this.#guard = new GuardProcess({
      ...{ gateway, endpoints, tokenFile, incarnation, program: inputs.guard },
      onDeath: (detail) => log.warn({ detail }, 'the guard died: it is started again'),
    });
  }

  /** Resolves when the gateway is clear of what a former daemon left and speaks to the controller by itself. */
  async start(): Promise<void> {
    readToken(this.#inputs.settings.tokenFile);
    await this.#guard.start();
    this.#agent.start();
    void this.#watchChanges();
  }

  /** Lets go of everything and says so. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#feeds.stop();
    const released = new Promise<void>((resolve) => {
      this.#released = resolve;
    });
    const late = new Promise<void>((resolve) => setTimeout(resolve, farewellMilliseconds).unref());
    this.#agent.stop();
    await Promise.race([released.then(() => Promise.all(this.#underWay)), late]);
    clearTimeout(this.#timer);
    this.#guard.farewell();
  }

  /**
   * Another gateway served the slot of this instance before: its peers wait for us (RFC 4724 §4.1). `undefined`: not an
   * instance of the controller.
   */
  takesOver(key: string): boolean | undefined {
    return this.#documents.get(key)?.takesOver;
  }

  /** What happened in an instance: a session that comes or goes is news for the controller. */
  noticed(event: InstanceEvent, { name }: InstanceSettings): void {
    const document = this.#documents.get(name);
    if (!document && name !== underlayName) return;
    if (document && event.type === 'end-of-rib' && event.direction === 'sent')
      this.#inService.set(name, document.epoch);
    const session =
      event.type === 'peer-state' && (event.to === 'established' || event.from === 'established');
    if (!session && event.type !== 'end-of-rib') return;
    if (this.#noticed) return;
    this.#noticed = true;
    // The instance is in the middle of something: it is asked afterwards.
    setImmediate(() => {
      this.#noticed = false;
      this.#agent.observed();
      this.#arm();
    });
  }

  // --- The agent's host ---

  now(): number {
    return performance.now();
  }

  report(report: AgentReport, ticket: number): void {
    this.#track(
      this.#client.report(report).then(
        (answer) => {
          this.#lastFailure = undefined;
          this.#agent.answered(ticket, answer);
        },
        (error: unknown) => {
          if (!(error instanceof ControllerRefusal && error.isOvertaken))
            this.#failed(describeRequestError(error));
          this.#agent.unanswered(ticket);
        },
      ),
    );
  }

  work(work: Work, lease: LeaseLeft): void {
    this.#track(
      this.#perform(work, lease)
        .catch((error: unknown) => [{ space: '', message: messageOf(error) }])
        .then((problems) => this.#agent.worked(problems)),
    );
  }

  hold(spaces: readonly Space[], lease: LeaseLeft): readonly KernelProblem[] {
    return this.#inputs.driver.hold(spaces, lease);
  }

  tenants(): readonly TenantReport[] {
    return [...this.#documents].map(([key, document]) => {
      const { tenant, slot, epoch, peers, reflects } = document;
      const up = this.#established(key);
      const established = up.flatMap((address) => peers.get(address) ?? []);
      const busy = this.#inputs.set.management(key)?.status().busy;
      const rr = reflects ? this.#phaseOf(key, document, busy, up.length > 0) : 'Off';
      return { tenant, slot, epoch, rr, established };
    });
  }

  underlayUp(): readonly string[] {
    return this.#established(underlayName);
  }

  /** Addresses of the neighbours of an instance with which a session is Established. */
  #established(key: string): readonly string[] {
    const peers = this.#inputs.set.management(key)?.peers() ?? [];
    return peers.filter(({ state }) => state === 'established').map(({ address }) => address);
  }

  event(event: AgentEvent): void {
    const { log } = this.#inputs;
    if (event.type === 'leased') log.info({}, 'the controller gave a lease');
    if (event.type === 'fenced') log.warn({ reason: event.reason }, 'fenced: everything is let go of');
    if (event.type === 'refused')
      log.warn({ reason: event.reason }, 'an answer of the controller was refused');
    if (event.type === 'trouble')
      for (const { space, message } of event.problems) this.#troubled(space, message);
    if (event.type === 'applied') {
      const { revision, held } = event;
      this.#guard.applied(revision);
      const slots = held.map(({ slot, epoch }) => `${slot}@${epoch}`);
      // Most revisions are of others.
      const changed = slots.join() !== this.#slots.join();
      this.#slots = slots;
      log[changed ? 'info' : 'debug']({ revision, slots }, 'applied');
    }
    if (event.type === 'released') this.#released();
  }

  #troubled(space: string, message: string): void {
    const before = this.#troubles.pass(`${space} ${message}`, this.now());
    if (before !== undefined)
      this.#inputs.log.error({ space, ...(before > 0 ? { repeated: before } : {}) }, message);
  }

  // --- Its work ---

  async #perform(work: Work, lease: LeaseLeft): Promise<readonly KernelProblem[]> {
    const { driver } = this.#inputs;
    switch (work.type) {
      case 'release':
        return driver.release(work.spaces);
      case 'prepare':
        return driver.prepare(work.spaces);
      case 'instances':
        return this.#serveInstances(work);
      case 'serve': {
        const problems = await driver.serve(work.spaces, lease);
        // Sessions wait for these addresses.
        this.#inputs.set.lookAround();
        return problems;
      }
      case 'renew':
        return driver.renew(work.spaces, lease);
    }
  }

  async #serveInstances({ instances, underlay }: InstancesWork): Promise<readonly KernelProblem[]> {
    const keyed = instances.map((known) => withoutMissingKeys(known, this.#inputs.keyFileProblem));
    const documents = keyed.map(({ document }) => document);
    const byKey = new Map(documents.map((known) => [instanceKey(known.tenant, known.slot), known]));
    for (const [key, epoch] of this.#inService)
      if (byKey.get(key)?.epoch !== epoch) this.#inService.delete(key);
    this.#documents = byKey;
    const texts = new Map(
      [...byKey].map(([key, { configuration }]) => [key, JSON.stringify(configuration)] as const),
    );
    if (underlay) texts.set(underlayName, JSON.stringify(underlay));
    const problems = await this.#inputs.config.setManaged(texts);
    this.#feeds.apply(new Map([...byKey].filter(([, { reflects }]) => reflects)));
    const spaceOf = (document: InstanceDocument | undefined) => String(document?.configuration.netns ?? '');
    return [
      ...problems.map(({ key, message }) => ({ space: spaceOf(byKey.get(key)) || key, message })),
      ...keyed.flatMap(({ document, problems: missing }) =>
        missing.map((message) => ({ space: spaceOf(document), message, ofSession: true })),
      ),
    ];
  }

  #phaseOf(
    key: string,
    { epoch }: InstanceDocument,
    busy: boolean | undefined,
    hasSession: boolean,
  ): TenantReport['rr'] {
    if (this.#inService.get(key) === epoch) return 'Serving';
    if (busy === undefined || !hasSession) return 'Starting';
    return 'Syncing';
  }

  async #watchChanges(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        this.#agent.changed(await this.#client.changes(this.#agent.seen, longestWaitMs, signal));
        this.#arm();
        // Nothing newer is asked for before what was told of has come, or could not be had.
        await Promise.allSettled([...this.#underWay]);
      } catch {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, changesRetryMilliseconds);
          signal.addEventListener('abort', () => resolve(), { once: true });
          timer.unref();
        });
      }
    }
  }

  #track(done: Promise<void>): void {
    const tracked = done.finally(() => {
      this.#underWay.delete(tracked);
      this.#arm();
    });
    this.#underWay.add(tracked);
  }

  /** Once for each reason: a renewal fails every second while the controller is away. */
  #failed(reason: string): void {
    if (reason !== this.#lastFailure) this.#inputs.log.warn({ reason }, 'the controller does not answer');
    this.#lastFailure = reason;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const wait = this.#agent.nextDeadline() - performance.now();
    if (wait === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => {
        this.#agent.advance();
        this.#arm();
      },
      Math.max(0, wait),
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
