/**
 * Packs destinations into UPDATE frames (RFC 4271 §4.3, RFC 4760 §3-4): full frames, built once into large
 * buffers, cut into segments by who must not get them. A segment's bytes stay as they are until the host has let go
 * of them. A hot file; its naive twin is in test/export/.
 *
 * Layout of a frame with MP_REACH_NLRI: the MP attribute first (RFC 7606 §5.1), then the others.
 */
import { afiOf, type FamilyKey, ipv4Unicast, safiOf } from '../net/family.ts';
import type { NlriId, PathId } from '../rib/ids.ts';
import type { NlriTable } from '../rib/nlri-table.ts';
import { withdrawnLabel } from '../wire/nlri/label.ts';
import { nlriRow } from '../wire/nlri/table.ts';
import { AttributeWriter } from './attribute-writer.ts';
import type { ExportContext } from './context.ts';
import type { GroupSettings } from './group-settings.ts';
import { LabelledNlri, type NlriWriter } from './labelled-nlri.ts';
import { sentNextHop } from './propagation.ts';

/** Frames that go to the same members, in order. */
export interface Segment {
  /** Who does not get it: see UpdateGroup.exclusionOf. */
  readonly exclusion: number;
  readonly bytes: Uint8Array;
  /** How many UPDATEs they are. */
  readonly messages: number;
}

const headerLength = 19;
/** Most frames are far from full: a new buffer is only made when a whole one no longer fits into the last. */
const firstBufferLength = 1 << 13;
const bufferLength = 1 << 16;
const extendedBufferLength = 1 << 18;

export class UpdatePacker {
  segments: Segment[] = [];
  /** UPDATE messages in the segment that is being filled. */
  #messages = 0;
  readonly #family: FamilyKey;
  readonly #settings: GroupSettings;
  readonly #context: ExportContext;
  readonly #nlri: NlriWriter;
  /** `#nlri` where NLRI carry labels. */
  readonly #labels: LabelledNlri | undefined;
  /** RFC 4364 §4.3.2: the octets before the address of a next hop. */
  readonly #distinguisherOctets: number;
  readonly #writer: AttributeWriter;
  readonly #addPath: boolean;
  /** Room for one NLRI with its path identifier. */
  readonly #nlriRoom: number;
  #buffer: Uint8Array = new Uint8Array(0);
  /** Earlier ones, with segments that were not taken yet. */
  #full: Uint8Array[] = [];
  #at = 0;
  #segmentStart = 0;
  #exclusion = 0;
  #frameStart = 0;
  #frameEnd = 0;
  #mp = false;
  #nextHop: Uint8Array | undefined;
  /** The path whose frame is still open: the next one may differ in nothing but its label. */
  #open: PathId = 0;

  constructor(context: ExportContext, settings: GroupSettings, nlri: NlriTable) {
    this.#family = settings.family;
    this.#settings = settings;
    this.#context = context;
    const row = nlriRow(settings.family);
    this.#labels = row?.labelOctets === 3 ? new LabelledNlri(nlri) : undefined;
    this.#nlri = this.#labels ?? nlri;
    this.#distinguisherOctets = row?.distinguisherOctets ?? 0;
    this.#writer = new AttributeWriter(context, settings);
    this.#addPath = settings.addPathLimit !== undefined;
    this.#nlriRoom = longestNlri(settings);
  }

  /** Starts announcing destinations of this path: `announce` each, then `endPath`. */
  beginPath(path: PathId, exclusion: number): void {
    if (this.#labels !== undefined) {
      const joins =
        this.#open !== 0 && exclusion === this.#exclusion && this.#differInLabel(path, this.#open);
      if (!joins) this.#closeOpen();
      this.#labels.label = this.#context.paths.labelOf(path);
      this.#open = path;
      if (joins) return;
    }
    this.#setExclusion(exclusion);
    const nextHop = sentNextHop(this.#context, this.#settings, path);
    if (nextHop === undefined) throw new Error('broken invariant: a path without next hop was exported');
    // RFC 4760 §3: IPv4 unicast with an IPv4 next hop stays in the classic fields.
    this.#mp = this.#family !== ipv4Unicast || nextHop.length !== 4;
    this.#nextHop = nextHop;
    this.#writer.write(path, this.#mp ? undefined : nextHop);
    this.#beginFrame();
  }

  /** Would both be told in the very same words? Between two packings only. */
  saysTheSame(a: PathId, b: PathId): boolean {
    const { paths } = this.#context;
    if (paths.nextHop[a] !== paths.nextHop[b] || paths.labelOf(a) !== paths.labelOf(b)) return false;
    const [ofA, ofB] = [a, b].map((path) => sentNextHop(this.#context, this.#settings, path));
    if (ofA === undefined || ofB === undefined || Buffer.compare(ofA, ofB) !== 0) return false;
    this.#writer.write(a, undefined);
    const before = this.#writer.bytes.slice(0, this.#writer.length);
    this.#writer.write(b, undefined);
    return Buffer.compare(before, this.#writer.bytes.subarray(0, this.#writer.length)) === 0;
  }

  announce(nlri: NlriId, pathIdentifier: number): void {
    if (this.#at + this.#nlriRoom > this.#frameEnd) {
      this.#endReach();
      this.#beginFrame();
    }
    this.#putNlri(nlri, pathIdentifier);
  }

  endPath(): void {
    if (this.#labels === undefined) this.#endReach();
  }

  /** Are the two paths equal but for their labels? Then their destinations share frames. */
  #differInLabel(a: PathId, b: PathId): boolean {
    const { paths } = this.#context;
    return (
      paths.source[a] === paths.source[b] &&
      paths.attributes[a] === paths.attributes[b] &&
      paths.nextHop[a] === paths.nextHop[b] &&
      paths.flags[a] === paths.flags[b]
    );
  }

  #closeOpen(): void {
    if (this.#open === 0) return;
    this.#open = 0;
    this.#endReach();
  }

  /** Starts withdrawing: `withdraw` each, then `endWithdraw`. */
  beginWithdraw(exclusion: number): void {
    if (this.#labels !== undefined) {
      this.#closeOpen();
      this.#labels.label = withdrawnLabel;
    }
    this.#setExclusion(exclusion);
    this.#beginUnreach();
  }

  withdraw(nlri: NlriId, pathIdentifier: number): void {
    if (this.#at + this.#nlriRoom > this.#frameEnd) {
      this.#endUnreach();
      this.#beginUnreach();
    }
    this.#putNlri(nlri, pathIdentifier);
  }

  endWithdraw(): void {
    this.#endUnreach();
  }

  /** The End-of-RIB marker of this family (RFC 4724 §2). */
  endOfRib(exclusion: number): void {
    this.beginWithdraw(exclusion);
    this.#endUnreach();
  }

  /** All segments since the last call. They are to be sent before anything else is packed. */
  take(): Segment[] {
    this.#closeOpen();
    this.#cut();
    const taken = this.segments;
    this.segments = [];
    if (this.#full.length > 0) this.#context.frames.retire(this.#full.splice(0));
    return taken;
  }

  #setExclusion(exclusion: number): void {
    if (exclusion === this.#exclusion) return;
    this.#cut();
    this.#exclusion = exclusion;
  }

  #cut(): void {
    if (this.#at > this.#segmentStart) {
      this.segments.push({
        exclusion: this.#exclusion,
        bytes: this.#buffer.subarray(this.#segmentStart, this.#at),
        messages: this.#messages,
      });
    }
    this.#messages = 0;
    this.#segmentStart = this.#at;
  }

  /** Room for a whole frame behind `#at`, in a new buffer if need be. */
  #reserveFrame(): void {
    const max = this.#settings.maxMessage;
    if (this.#at + max > this.#buffer.length) {
      this.#cut();
      const { frames } = this.#context;
      this.#full.push(this.#buffer);
      this.#buffer = frames.take(this.#nextBufferLength(max));
      this.#at = 0;
      this.#segmentStart = 0;
    }
    const out = this.#buffer;
    const start = this.#at;
    for (let at = start; at < start + 16; at++) out[at] = 0xff;
    out[start + 18] = 2;
    this.#at = start + headerLength;
    this.#frameStart = start;
    this.#frameEnd = start + max;
    this.#messages++;
  }

  /** Small at first: most groups of most instances send little. */
  #nextBufferLength(max: number): number {
    const limit = max > 4096 ? extendedBufferLength : bufferLength;
    return Math.min(limit, Math.max(firstBufferLength, max, this.#buffer.length * 2));
  }

  #beginFrame(): void {
    this.#reserveFrame();
    const out = this.#buffer;
    const attributes = this.#writer;
    const at = this.#at;
    out[at] = 0;
    out[at + 1] = 0;
    this.#at = at + 4; // Total Path Attribute Length
    if (this.#mp) {
      // What follows the MP attribute has its room set aside.
      this.#frameEnd -= attributes.length;
      this.#putMpHeader(14);
      const nextHop = this.#nextHop as Uint8Array;
      out[this.#at++] = this.#distinguisherOctets + nextHop.length;
      for (let i = 0; i < this.#distinguisherOctets; i++) out[this.#at++] = 0;
      for (let i = 0; i < nextHop.length; i++) out[this.#at++] = nextHop[i];
      out[this.#at++] = 0; // Reserved
    } else {
      const length = attributes.length;
      out[at + 2] = length >>> 8;
      out[at + 3] = length;
      this.#putAttributes();
    }
  }

  #endReach(): void {
    if (this.#mp) {
      this.#closeMp();
      this.#putAttributes();
      const start = this.#frameStart + headerLength + 4;
      const length = this.#at - start;
      this.#buffer[start - 2] = length >>> 8;
      this.#buffer[start - 1] = length;
    }
    this.#endFrame();
  }

  #beginUnreach(): void {
    this.#reserveFrame();
    if (this.#family === ipv4Unicast) {
      this.#at += 2; // Withdrawn Routes Length
      this.#frameEnd -= 2;
      return;
    }
    const out = this.#buffer;
    out[this.#at++] = 0;
    out[this.#at++] = 0;
    this.#at += 2;
    this.#putMpHeader(15);
  }

  #endUnreach(): void {
    const out = this.#buffer;
    if (this.#family === ipv4Unicast) {
      const length = this.#at - this.#frameStart - headerLength - 2;
      out[this.#frameStart + headerLength] = length >>> 8;
      out[this.#frameStart + headerLength + 1] = length;
      out[this.#at++] = 0;
      out[this.#at++] = 0;
    } else {
      this.#closeMp();
      const length = this.#at - this.#frameStart - headerLength - 4;
      out[this.#frameStart + headerLength + 2] = length >>> 8;
      out[this.#frameStart + headerLength + 3] = length;
    }
    this.#endFrame();
  }

  /** Flags (optional, extended length), type, length to be filled in, AFI, SAFI. */
  #putMpHeader(type: number): void {
    const out = this.#buffer;
    const afi = afiOf(this.#family);
    out[this.#at++] = 0x90;
    out[this.#at++] = type;
    this.#at += 2;
    out[this.#at++] = afi >>> 8;
    out[this.#at++] = afi;
    out[this.#at++] = safiOf(this.#family);
  }

  #closeMp(): void {
    const start = this.#frameStart + headerLength + 8;
    const length = this.#at - start;
    this.#buffer[start - 2] = length >>> 8;
    this.#buffer[start - 1] = length;
  }

  #putAttributes(): void {
    const { bytes, length } = this.#writer;
    const out = this.#buffer;
    let at = this.#at;
    for (let i = 0; i < length; i++) out[at++] = bytes[i];
    this.#at = at;
  }

  #putNlri(nlri: NlriId, pathIdentifier: number): void {
    if (this.#addPath) {
      const out = this.#buffer;
      out[this.#at++] = pathIdentifier >>> 24;
      out[this.#at++] = pathIdentifier >>> 16;
      out[this.#at++] = pathIdentifier >>> 8;
      out[this.#at++] = pathIdentifier;
    }
    this.#at = this.#nlri.write(nlri, this.#buffer, this.#at);
  }

  #endFrame(): void {
    const length = this.#at - this.#frameStart;
    this.#buffer[this.#frameStart + 16] = length >>> 8;
    this.#buffer[this.#frameStart + 17] = length;
  }
}

/** Octets of the longest NLRI of the family, with its path identifier where there is one. */
export function longestNlri({ family, addPathLimit }: GroupSettings): number {
  const { octets = 0, labelOctets = 0 } = nlriRow(family) ?? {};
  return (addPathLimit === undefined ? 0 : 4) + 1 + labelOctets + octets;
}
