/** A reflector of heliod with one client, and what it writes as BMP towards the controller. */
import { PeerType } from '../../src/bmp/messages.ts';
import { monitoredSpeaker } from '../../src/bmp/monitored-speaker.ts';
import { StationSession } from '../../src/bmp/station-session.ts';
import { type FeedIdentity, identityText } from '../../src/controller/agent-protocol.ts';
import { Bench, RawPeer } from '../simulation/raw-peer.ts';
import { client, scene } from '../simulation/scenes.ts';
import { bothFamilies } from '../support/settings.ts';

export const identity = { tenant: 'contoso', slot: 'slot-1', epoch: 3 };

/** What a reflector would write towards the controller. */
export class Reflector {
  readonly bench = new Bench(scene([client('10.0.0.2', { families: bothFamilies })]));
  readonly site = new RawPeer(this.bench, '10.0.0.2', { families: bothFamilies });
  readonly #session: StationSession;
  #written: Uint8Array[] = [];

  constructor(whose: FeedIdentity = identity) {
    this.#session = new StationSession(
      {
        monitor: new Set(['loc-rib']),
        statisticsSeconds: undefined,
        sysName: 'gw1',
        sysDescr: 'heliograph',
        information: [identityText(whose)],
        tableName: whose.tenant,
        peerType: PeerType.localInstance,
        distinguisher: new Uint8Array(8),
        asn: 65000,
        routerId: 1,
      },
      monitoredSpeaker(this.bench.speaker),
      {
        now: () => this.bench.now(),
        wallClock: () => 1_700_000_000_000,
        send: (bytes) => this.#written.push(bytes.slice()) > 0,
        wake: () => {},
      },
    );
    this.#session.start();
  }

  written(): Uint8Array {
    this.bench.settle();
    while (this.#session.work(100));
    const all = Buffer.concat(this.#written);
    this.#written = [];
    return all;
  }
}
