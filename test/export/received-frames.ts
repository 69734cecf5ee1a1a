/** The far side of a session: frames in, the routes that they leave behind. */
import { type FamilyKey, formatFamily } from '../../src/net/family.ts';
import { formatAddress } from '../../src/net/ip-address.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { forEachNlri, nlriWords } from '../../src/wire/nlri/run.ts';
import { nlriRow } from '../../src/wire/nlri/table.ts';
import { type AttributeContext, type NlriRun, UpdateView } from '../../src/wire/update.ts';
import { decodeUpdate } from '../../src/wire/update-decode.ts';

export interface ReceivedRoute {
  readonly nextHop: string;
  /** Canonical attributes in hex. */
  readonly attributes: string;
  readonly label?: number;
}

/** Cuts bytes into whole messages; throws on a torn or oversized one. */
export function splitFrames(bytes: Uint8Array, maxMessage: number): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = (bytes[at + 16] << 8) | bytes[at + 17];
    if (length < 19 || length > maxMessage || at + length > bytes.length)
      throw new Error(`a frame of ${length} octets at ${at} of ${bytes.length}, at most ${maxMessage}`);
    for (let i = 0; i < 16; i++) if (bytes[at + i] !== 0xff) throw new Error('no marker');
    frames.push(bytes.subarray(at, at + length));
    at += length;
  }
  return frames;
}

export class ReceivedRoutes {
  /** By `family prefix pathId`. */
  readonly routes = new Map<string, ReceivedRoute>();
  /** How many NLRI were announced and withdrawn so far. */
  announced = 0;
  withdrawn = 0;
  endsOfRib = 0;
  readonly complaints: string[] = [];
  readonly #context: AttributeContext;
  readonly #maxMessage: number;
  readonly #view = new UpdateView();

  constructor(context: AttributeContext, maxMessage: number) {
    this.#context = context;
    this.#maxMessage = maxMessage;
  }

  /** Frames of UPDATEs. */
  take(bytes: Uint8Array): void {
    for (const frame of splitFrames(bytes, this.#maxMessage)) this.takeFrame(frame);
  }

  takeFrame(frame: Uint8Array): void {
    const view = this.#view;
    decodeUpdate(view, frame, 0, frame.length, this.#context);
    for (const fault of view.faults) this.complaints.push(`malformed: ${fault.detail}`);
    if (view.endOfRib !== 0) {
      this.endsOfRib++;
      return;
    }
    for (const run of [view.withdrawn, view.mpWithdrawn]) this.#withdraw(run);
    const attributes = toHex(view.canonical, 0, view.canonicalLength);
    this.#announce(view.announced, attributes, view.nextHopAt, 4);
    this.#announce(view.mpAnnounced, attributes, view.mpNextHopAt, view.mpNextHopLength);
  }

  #withdraw(run: NlriRun): void {
    this.#each(run, (key) => {
      this.withdrawn++;
      if (!this.routes.delete(key)) this.complaints.push(`withdrawn but never announced: ${key}`);
    });
  }

  #announce(run: NlriRun, attributes: string, at: number, length: number): void {
    this.#each(run, (key, label) => {
      this.announced++;
      this.routes.set(key, {
        attributes,
        nextHop: formatAddress(this.#view.bytes, at, length),
        ...(label === undefined ? {} : { label }),
      });
    });
  }

  #each(run: NlriRun, visit: (key: string, label: number | undefined) => void): void {
    const { family } = run;
    const row = family === 0 ? undefined : nlriRow(family);
    if (family === 0 || row === undefined) return;
    forEachNlri(this.#view.bytes, run.start, run.end, row, run.addPath, (at, length, pathId) => {
      const { text, label } = nlriWords(row, this.#view.bytes, at, length);
      visit(routeKey(family, text, pathId), label);
    });
  }
}

export function routeKey(family: FamilyKey, prefix: string, pathId: number): string {
  return `${formatFamily(family)} ${prefix} ${pathId}`;
}
