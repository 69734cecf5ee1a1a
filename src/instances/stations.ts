/**
 * The monitoring stations of one running instance at work: sockets, clock and turns around what bmp/ decides. They come
 * and go by name as the settings say and never touch a BGP session. Without stations nothing of this runs.
 */
import { PeerType } from '../bmp/messages.ts';
import { monitoredSpeaker } from '../bmp/monitored-speaker.ts';
import { Station } from '../bmp/station.ts';
import type { StationSessionSettings } from '../bmp/station-contract.ts';
import { StationSocket } from '../runtime/station-socket.ts';
import type { InstanceSettings, StationSettings } from '../speaker/settings.ts';
import { sameSettings } from '../speaker/settings-diff.ts';
import type { Speaker } from '../speaker/speaker.ts';
import type { StationView } from '../speaker/views.ts';

/** Of one station, between two looks at the sockets. */
const routesPerTurn = 512;
const farewell = 'the station is not configured any more, or heliod ends';

export class Stations {
  readonly #speaker: Speaker;
  readonly #version: string;
  readonly #running = new Map<string, RunningStation>();
  readonly #leaving = new Set<Promise<void>>();

  constructor(speaker: Speaker, version: string) {
    this.#speaker = speaker;
    this.#version = version;
  }

  /** These stations and no others; one whose settings are the same is not disturbed. */
  apply(settings: InstanceSettings): void {
    const wanted = new Map((settings.stations ?? []).map((station) => [station.name, station]));
    for (const [name, running] of this.#running) {
      const next = wanted.get(name);
      const session = next && sessionSettings(settings, next, this.#version);
      if (next && sameSettings(running.settings, next) && sameSettings(running.session, session))
        wanted.delete(name);
      else this.#leave(name, running);
    }
    for (const [name, station] of wanted) {
      const session = sessionSettings(settings, station, this.#version);
      this.#running.set(name, new RunningStation(station, session, this.#speaker));
    }
  }

  views(): readonly StationView[] {
    return [...this.#running.values()].map((running) => running.view());
  }

  async stop(): Promise<void> {
    for (const [name, running] of this.#running) this.#leave(name, running);
    await Promise.all(this.#leaving);
  }

  #leave(name: string, running: RunningStation): void {
    this.#running.delete(name);
    const left = running.stop();
    this.#leaving.add(left);
    void left.finally(() => this.#leaving.delete(left));
  }
}

class RunningStation {
  readonly settings: StationSettings;
  readonly session: StationSessionSettings;
  readonly #station: Station;
  #socket: StationSocket | undefined;
  #closed: Promise<void> = Promise.resolve();
  #turn: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: StationSettings, session: StationSessionSettings, speaker: Speaker) {
    this.settings = settings;
    this.session = session;
    this.#station = new Station(settings, session, monitoredSpeaker(speaker), {
      now: () => performance.now(),
      wallClock: () => Date.now(),
      random: () => Math.random(),
      connect: () => this.#connect(),
      send: (bytes) => this.#socket?.send(bytes) ?? false,
      wake: () => this.#wake(),
      close: () => {
        this.#closed = this.#socket?.close() ?? Promise.resolve();
      },
    });
    this.#station.start();
  }

  view(): StationView {
    const { name, address, port, monitor } = this.settings;
    return { name, address: address.toString(), port, monitor: [...monitor], ...this.#station.status() };
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#station.stop(farewell);
    clearImmediate(this.#turn);
    await this.#closed;
  }

  #connect(): void {
    this.#socket = new StationSocket(this.settings, {
      connected: () => this.#tell(() => this.#station.connected()),
      drained: () => this.#tell(() => this.#station.writable()),
      failed: (detail) => this.#tell(() => this.#station.failed(detail)),
    });
  }

  #tell(action: () => void): void {
    this.#guard(action);
    this.#arm();
  }

  /** An error of ours costs the station its connection and nothing else. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      void this.#socket?.close();
      this.#station.failed(`internal error: ${error instanceof Error ? error.message : String(error)}`);
      this.#arm();
    }
  }

  #wake(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#guard(() => {
        if (this.#station.work(routesPerTurn)) this.#wake();
      });
    });
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const at = this.#station.nextDeadline();
    if (!Number.isFinite(at)) return;
    this.#timer = setTimeout(
      () => this.#tell(() => this.#station.advance(performance.now())),
      Math.max(1, at - performance.now()),
    );
  }
}

/** Who we say we are, and how tables of several instances are told from each other (RFC 7854 §4.2). */
export function sessionSettings(
  { name, router, vpn }: InstanceSettings,
  { monitor, statisticsSeconds }: Pick<StationSettings, 'monitor' | 'statisticsSeconds'>,
  version: string,
): StationSessionSettings {
  const isDefault = name === 'default';
  return {
    monitor,
    statisticsSeconds,
    sysName: router.hostName,
    sysDescr: `heliod ${version}`,
    tableName: isDefault ? 'global' : name,
    peerType: isDefault ? PeerType.global : vpn ? PeerType.rdInstance : PeerType.localInstance,
    distinguisher: isDefault ? new Uint8Array(8) : (vpn?.rd.bytes ?? hashOf(name)),
    asn: router.asn,
    routerId: router.routerId,
  };
}

/** FNV-1a, 64 bits: locally chosen and the same after every start. */
function hashOf(name: string): Uint8Array {
  let hash = 0xcbf29ce484222325n;
  for (const octet of new TextEncoder().encode(name))
    hash = BigInt.asUintN(64, (hash ^ BigInt(octet)) * 0x100000001b3n);
  return Uint8Array.from({ length: 8 }, (_, i) => Number((hash >> BigInt(56 - 8 * i)) & 0xffn));
}
