/**
 * One routing instance that runs: its speaker and its sockets, from the first listener to the last byte. What it
 * leaves behind when it ends is nothing: no socket, no timer, no route. Knows nothing of other instances.
 */
import { monitoredSpeaker } from '../bmp/monitored-speaker.ts';
import type { MonitoredInstance } from '../bmp/view-table.ts';
import { accessOf } from '../runtime/access.ts';
import { KernelSide } from '../runtime/kernel-side.ts';
import { localInterfaces } from '../runtime/machine.ts';
import type { PlaceState } from '../runtime/place-watcher.ts';
import { SocketHost } from '../runtime/socket-host.ts';
import { Management } from '../speaker/management.ts';
import type { InstanceSettings, ListenAddress } from '../speaker/settings.ts';
import { Speaker, type SpeakerStop } from '../speaker/speaker.ts';
import type { SpeakerEvent } from '../speaker/views.ts';
import type { ExchangeSide } from '../vrf/leaking-instance.ts';
import { GuardedSpeaker } from './guarded-speaker.ts';
import { Stations } from './stations.ts';

export interface InstanceOwner {
  readonly version: string;
  event(event: SpeakerEvent): void;
  /** Its place went or came. */
  placed(state: PlaceState): void;
  /** A broken invariant; told once, and never in the middle of something of the instance. */
  broken(error: unknown): void;
}

export class RunningInstance {
  readonly management: Management;
  /** Its tables and sessions, for who follows them. */
  readonly monitored: MonitoredInstance;
  readonly #host: SocketHost;
  readonly #speaker: Speaker;
  readonly #kernel: KernelSide;
  readonly #stations: Stations;
  #routeEvents: (() => void) | undefined;
  #ended = false;

  /** `restarted`: it went down in order to come back (RFC 4724 §4.1). Nothing happens before `start`. */
  constructor(settings: InstanceSettings, owner: InstanceOwner, restarted = false) {
    this.#host = new SocketHost((event) => owner.event(event), {
      place: settings.place,
      onPlace: (state) => {
        this.lookAround();
        this.#kernel.placeChanged(state.type);
        owner.placed(state);
      },
    });
    this.#speaker = new Speaker(settings, this.#host, { restarted });
    this.management = new Management(this.#speaker, owner.version);
    this.monitored = monitoredSpeaker(this.#speaker);
    this.#stations = new Stations(this.#speaker, owner.version);
    this.#speaker.stations = () => this.#stations.views();
    const broken = (error: unknown) => setImmediate(() => this.#ended || owner.broken(error));
    this.#kernel = new KernelSide(this.#speaker, {
      onInterfaces: () => this.lookAround(),
      onBroken: broken,
    });
    this.#host.attach(new GuardedSpeaker(this.#speaker, broken));
  }

  get settings(): InstanceSettings {
    return this.#speaker.settings;
  }

  get place(): PlaceState {
    return this.#host.place;
  }

  /** Opens, keeps and closes listeners so that they are these, for the peers of these settings; see SocketHost. */
  listen(addresses: readonly ListenAddress[], settings: InstanceSettings = this.settings): Promise<void> {
    return this.#host.listen(addresses, accessOf(settings));
  }

  /** Connects to everybody. */
  start(): void {
    this.lookAround();
    this.#kernel.start();
    this.#speaker.start();
    this.#stations.apply(this.settings);
  }

  reconfigure(settings: InstanceSettings): void {
    this.#speaker.reconfigure(settings);
    this.#kernel.reconfigured();
    this.#stations.apply(settings);
  }

  /** Its part in the exchange of VPN routes. */
  get exchangeSide(): Pick<ExchangeSide, 'instance' | 'wake'> {
    const { instance, host } = this.#speaker;
    return { instance, wake: () => this.#ended || host.wake() };
  }

  /** Reads the interfaces of its place. */
  lookAround(): void {
    if (!this.#ended) this.#speaker.setInterfaces(localInterfaces(this.settings.place));
  }

  /** Route events too, or no more. They come by `InstanceOwner.event` like all others. */
  watchRoutes(listener: ((event: SpeakerEvent) => void) | undefined): void {
    this.#routeEvents?.();
    this.#routeEvents =
      listener &&
      this.#speaker.subscribe({ routes: true }, (event) => {
        if (event.type === 'route') listener(event);
      });
  }

  /** Ends all sessions as told, and everything that belongs to the instance. Never throws. */
  async end(how: SpeakerStop, flushMilliseconds: number): Promise<void> {
    // Peers that keep our routes send on what they have for us.
    const routes = how.type === 'silent' ? 'keep' : 'remove';
    await this.#end(() => this.#speaker.stop(how), routes, flushMilliseconds);
  }

  /** As `end`, with Cease/Peer De-configured (RFC 4486) for all peers: the instance is not wanted any more. */
  async remove(flushMilliseconds: number): Promise<void> {
    const nothing = { peers: [], dynamicPeers: [], networks: [] };
    const leave = () => this.#speaker.reconfigure({ ...this.settings, ...nothing });
    await this.#end(leave, 'remove', flushMilliseconds);
  }

  async #end(leave: () => void, routes: 'keep' | 'remove', flushMilliseconds: number): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.watchRoutes(undefined);
    // First of all, lest what the sessions take with them is taken out of the kernel too.
    const left = this.#kernel.stop(routes);
    try {
      leave();
    } catch {
      // It is broken: its sockets are closed all the same.
    }
    await Promise.all([this.#host.shutdown(flushMilliseconds), left, this.#stations.stop()]);
  }
}
