/**
 * A route reflector as one would write it in an afternoon: objects and Maps, a string per prefix, attributes kept as
 * text, one UPDATE per route. It reflects the same routes as the speaker; what the speaker gains over it is what its
 * design is for.
 */
import { ipv4Unicast } from '../../src/net/family.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { forEachNlri } from '../../src/wire/nlri/run.ts';
import { nlriRow } from '../../src/wire/nlri/table.ts';
import { type NlriRun, UpdateView } from '../../src/wire/update.ts';
import { decodeUpdate } from '../../src/wire/update-decode.ts';
import { splitFrames } from '../export/received-frames.ts';

interface NaiveRoute {
  readonly attributes: string;
  readonly nextHop: string;
  readonly asPathLength: number;
}

const context = {
  fourOctetAs: true,
  external: false,
  families: new Set([ipv4Unicast]),
  addPathReceive: new Set<never>(),
  extendedNextHop: new Set<never>(),
};

export class NaiveReflector {
  readonly rib = new Map<string, Map<string, NaiveRoute>>();
  readonly best = new Map<string, NaiveRoute>();
  /** One UPDATE per route, handed to the far side one by one. */
  writes = 0;
  octets = 0;
  readonly #row = nlriRow(ipv4Unicast);

  /** Whole messages. */
  received(peer: string, bytes: Uint8Array): void {
    for (const frame of splitFrames(bytes, 4096)) {
      const view = new UpdateView();
      decodeUpdate(view, frame, 0, frame.length, context);
      for (const prefix of this.#prefixes(view, view.withdrawn)) {
        this.rib.get(prefix)?.delete(peer);
        this.#decide(prefix);
      }
      const attributes = toHex(view.canonical, 0, view.canonicalLength);
      for (const prefix of this.#prefixes(view, view.announced)) {
        const nextHop = toHex(view.bytes, view.nextHopAt, view.nextHopAt + 4);
        const routes = this.rib.get(prefix) ?? new Map<string, NaiveRoute>();
        this.rib.set(prefix, routes);
        routes.set(peer, { attributes, nextHop, asPathLength: attributes.length });
        this.#decide(prefix);
      }
    }
  }

  #prefixes(view: UpdateView, run: NlriRun): readonly string[] {
    const found: string[] = [];
    const row = this.#row;
    if (run.family === 0 || row === undefined) return found;
    forEachNlri(view.bytes, run.start, run.end, row, run.addPath, (at) => {
      found.push(row.format(view.bytes, at));
    });
    return found;
  }

  #decide(prefix: string): void {
    const candidates = [...(this.rib.get(prefix)?.entries() ?? [])].sort(
      ([a, x], [b, y]) => x.asPathLength - y.asPathLength || (a < b ? -1 : 1),
    );
    const chosen = candidates.at(0)?.[1];
    const old = this.best.get(prefix);
    if (JSON.stringify(chosen) === JSON.stringify(old)) return;
    if (chosen) this.best.set(prefix, chosen);
    else this.best.delete(prefix);
    const body = Buffer.from(`${chosen?.attributes ?? ''}${chosen?.nextHop ?? ''}`, 'hex');
    const message = Buffer.concat([Buffer.alloc(16, 255), Buffer.alloc(7), body, Buffer.from(prefix)]);
    this.writes++;
    this.octets += message.length;
  }
}
