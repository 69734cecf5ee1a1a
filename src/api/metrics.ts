/**
 * Prometheus metrics, filled from the speaker's views when somebody asks for them: between two scrapes they cost
 * no more than a few counters of events. Nothing is ever labelled by prefix, description or message text.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type {
  FibView,
  MessageCounts,
  PeerState,
  PeerView,
  StationView,
  StatusView,
} from '../speaker/views.ts';
import type { ApiContext } from './context.ts';
import { EventCounts } from './event-counts.ts';
import type { InstanceEvent, InstanceIdentity } from './ports.ts';

/** BGP4-MIB bgpPeerState (RFC 4273); a peer that is administratively down is idle. */
const stateNumbers: Readonly<Record<PeerState, number>> = {
  'admin-down': 1,
  idle: 1,
  connect: 2,
  active: 3,
  'open-sent': 4,
  'open-confirm': 5,
  established: 6,
};

const messageTypes: readonly (keyof MessageCounts)[] = [
  'open',
  'update',
  'notification',
  'keepalive',
  'routeRefresh',
];

/** How often the event loop's delay is sampled; finer costs wake-ups of an idle daemon. */
const loopSampleMilliseconds = 50;

/** Which instance. */
const identity = ['tenant', 'slot'] as const;

interface Counted {
  readonly of: InstanceIdentity;
  readonly counts: EventCounts;
}

export class Metrics {
  readonly #context: ApiContext;
  readonly #registry = new Registry();
  readonly #own = new Registry();
  readonly #perInstance: { reset(): void }[] = [];
  /** By instance. */
  readonly #counts = new Map<string, Counted>();
  readonly #unsubscribe: () => void;

  readonly #up = this.#gauge('bgp_peer_up', 'Session is established', 'peer', 'remote_as');
  readonly #state = this.#gauge(
    'bgp_peer_state',
    'RFC 4273 number of the FSM state, 1 idle to 6 established',
    'peer',
  );
  readonly #establishedAt = this.#gauge(
    'bgp_peer_established_timestamp_seconds',
    'When the session came up, Unix time; absent while it is down',
    'peer',
  );
  readonly #prefixes = this.#gauge(
    'bgp_peer_prefixes',
    'Prefixes by family and stage: received, accepted, best, advertised, stale',
    'peer',
    'family',
    'stage',
  );
  readonly #lagging = this.#gauge(
    'bgp_peer_lagging',
    'The peer takes its updates slower than they come',
    'peer',
  );
  readonly #messages = this.#counter('bgp_messages_total', 'BGP messages', 'peer', 'direction', 'type');
  readonly #transitions = this.#counter('bgp_peer_transitions_total', 'FSM state changes', 'peer', 'to');
  readonly #notifications = this.#counter(
    'bgp_notifications_total',
    'NOTIFICATIONs',
    'peer',
    'direction',
    'code',
  );
  readonly #malformed = this.#counter(
    'bgp_malformed_updates_total',
    'UPDATEs with errors, by the action of RFC 7606',
    'peer',
    'action',
  );
  readonly #prefixCount = this.#gauge('bgp_rib_routes', 'Prefixes in the Loc-RIB', 'family');
  readonly #pathCount = this.#gauge('bgp_rib_paths', 'Paths in the Adj-RIBs-In', 'family');
  readonly #attributeSets = this.#gauge('bgp_rib_attribute_sets', 'Distinct attribute sets held');
  readonly #ribOctets = this.#gauge('bgp_rib_bytes', 'Memory of tables and RIBs');
  readonly #fibRoutes = this.#gauge(
    'fib_routes',
    'Destinations by what the kernel has of them: installed, pending, failed',
    'state',
  );
  readonly #fibOk = this.#gauge('fib_up', 'Kernel routes can be read and changed');
  readonly #stationUp = this.#gauge('bmp_station_up', 'The monitoring station is connected', 'station');
  readonly #stationOwed = this.#gauge(
    'bmp_station_owed_routes',
    'Routes that wait for it to read',
    'station',
  );
  readonly #stationMessages = this.#gauge(
    'bmp_station_messages',
    'BMP messages to it since it was connected',
    'station',
  );
  readonly #stationOctets = this.#gauge(
    'bmp_station_bytes',
    'Octets to it since it was connected',
    'station',
  );
  readonly #instanceUp = this.#gauge('heliod_instance_up', 'Its place is there and it runs');
  readonly #generation = this.#daemonGauge(
    'heliod_config_generation',
    'Applied configurations since the start',
  );
  readonly #reloadOk = this.#daemonGauge(
    'heliod_config_last_reload_success',
    'Last reload worked; 1 before the first',
  );

  constructor(context: ApiContext) {
    this.#context = context;
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: loopSampleMilliseconds });
    const build = this.#daemonGauge('heliod_build_info', 'Always 1', 'version', 'node');
    build.set({ version: context.version, node: process.version }, 1);
    this.#unsubscribe = context.instances.subscribe({ routes: false }, (event, of) => this.#count(event, of));
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async render(): Promise<string> {
    const { instances, config } = this.#context;
    // What is gone leaves no series behind.
    for (const metric of this.#perInstance) metric.reset();
    for (const info of instances.list()) {
      const labels = { tenant: info.tenant, slot: info.slot };
      const port = instances.management(info.key);
      this.#instanceUp.set(labels, port && info.trouble === undefined ? 1 : 0);
      if (!port) continue;
      const status = port.status();
      for (const peer of port.peers()) this.#fillPeer(peer, status.now, labels);
      this.#fillRib(status, labels);
      const fib = port.fib()?.view();
      if (fib) this.#fillFib(fib, labels);
      for (const station of port.stations?.() ?? []) this.#fillStation(station, labels);
    }
    for (const { of, counts } of this.#counts.values()) this.#fillEvents(counts, of);
    this.#generation.set(config.generation);
    this.#reloadOk.set(config.lastReload()?.ok === false ? 0 : 1);
    return (await Promise.all([this.#own.metrics(), this.#registry.metrics()])).join('\n');
  }

  #count(event: InstanceEvent, { tenant, slot }: InstanceIdentity): void {
    const key = `${tenant}/${slot}`;
    if (event.type === 'instance-removed') {
      this.#counts.delete(key);
      return;
    }
    let counted = this.#counts.get(key);
    if (!counted) {
      counted = { of: { tenant, slot }, counts: new EventCounts() };
      this.#counts.set(key, counted);
    }
    counted.counts.count(event);
  }

  close(): void {
    this.#unsubscribe();
    this.#registry.clear();
  }

  #fillPeer(view: PeerView, now: number, of: InstanceIdentity): void {
    const labels = { ...of, peer: view.address };
    const up = view.state === 'established';
    this.#up.set({ ...labels, remote_as: view.remoteAs }, up ? 1 : 0);
    this.#state.set(labels, stateNumbers[view.state]);
    this.#lagging.set(labels, view.sendQueue === 'lagging' ? 1 : 0);
    if (up) this.#establishedAt.set(labels, (Date.now() - (now - view.since)) / 1000);
    for (const { family, received, accepted, best, sent, stale } of view.families) {
      const stages = { received, accepted, best, advertised: sent, stale };
      for (const [stage, count] of Object.entries(stages)) {
        this.#prefixes.set({ ...labels, family, stage }, count);
      }
    }
    for (const direction of ['received', 'sent'] as const) {
      const counts = view.messages[direction];
      for (const type of messageTypes) this.#messages.inc({ ...labels, direction, type }, counts[type]);
    }
  }

  #fillRib(status: StatusView, of: InstanceIdentity): void {
    for (const { family, prefixes, paths } of status.families) {
      this.#prefixCount.set({ ...of, family }, prefixes);
      this.#pathCount.set({ ...of, family }, paths);
    }
    this.#attributeSets.set({ ...of }, status.memory.attributeSets);
    this.#ribOctets.set({ ...of }, status.memory.ribBytes);
  }

  #fillFib({ installed, pending, failed, problem }: FibView, of: InstanceIdentity): void {
    const states = { installed, pending, failed };
    for (const [state, count] of Object.entries(states)) this.#fibRoutes.set({ ...of, state }, count);
    this.#fibOk.set({ ...of }, problem === undefined ? 1 : 0);
  }

  #fillStation({ name, state, owed, counters }: StationView, of: InstanceIdentity): void {
    const labels = { ...of, station: name };
    this.#stationUp.set(labels, state === 'connected' ? 1 : 0);
    this.#stationOwed.set(labels, owed);
    this.#stationMessages.set(labels, counters.messages);
    this.#stationOctets.set(labels, counters.octets);
  }

  #fillEvents({ byPeer }: EventCounts, of: InstanceIdentity): void {
    for (const [peer, counts] of byPeer) {
      const labels = { ...of, peer };
      for (const [to, count] of counts.transitions) this.#transitions.inc({ ...labels, to }, count);
      for (const [action, count] of counts.malformed) this.#malformed.inc({ ...labels, action }, count);
      for (const [key, count] of counts.notifications) {
        const [direction, code] = key.split(' ');
        this.#notifications.inc({ ...labels, direction, code }, count);
      }
    }
  }

  #gauge(name: string, help: string, ...labels: string[]): Gauge {
    const gauge = new Gauge({ name, help, labelNames: [...identity, ...labels], registers: [this.#own] });
    this.#perInstance.push(gauge);
    return gauge;
  }

  #counter(name: string, help: string, ...labels: string[]): Counter {
    const counter = new Counter({ name, help, labelNames: [...identity, ...labels], registers: [this.#own] });
    this.#perInstance.push(counter);
    return counter;
  }

  /** Not of any instance. */
  #daemonGauge(name: string, help: string, ...labels: string[]): Gauge {
    return new Gauge({ name, help, labelNames: labels, registers: [this.#own] });
  }
}
