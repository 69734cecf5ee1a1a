/**
 * What one update group makes of each path: the path it sends, or why it sends none. Remembered per path where
 * the export policy does not look at the destination, so that a set with a thousand prefixes is judged once.
 */

import { ipv4Unicast } from '../net/family.ts';
import { grown, type IdList, nextCapacity } from '../rib/columns.ts';
import type { NlriId, PathId, PeerId } from '../rib/ids.ts';
import type { NlriTable } from '../rib/nlri-table.ts';
import { nlriRow } from '../wire/nlri/table.ts';
import { AttributeWriter } from './attribute-writer.ts';
import type { ExportContext } from './context.ts';
import type { GroupSettings } from './group-settings.ts';
import { destinationOf } from './policy-route.ts';
import { exportPath, sentNextHop } from './propagation.ts';
import { longestNlri } from './update-packer.ts';

export class ExportVerdicts {
  readonly #context: ExportContext;
  readonly #settings: GroupSettings;
  readonly #nlri: NlriTable;
  readonly #onFreed: (path: PathId) => void;
  /** By PathId: 0 unknown, positive the PathId that is sent, negative a suppressed code. */
  #memo = new Int32Array(0);
  /** Paths below it were given back by `close`. */
  #closeCursor = 1;
  /** Made when a path comes near the largest message. */
  #writer: AttributeWriter | undefined;

  constructor(context: ExportContext, settings: GroupSettings, nlri: NlriTable) {
    this.#context = context;
    this.#settings = settings;
    this.#nlri = nlri;
    this.#onFreed = (path) => this.#forget(path);
    context.paths.onFreed(this.#onFreed);
  }

  get bytes(): number {
    return this.#memo.byteLength;
  }

  /**
   * The path sent for an accepted path (positive) or a suppressed code (negative). An edited path that is not
   * remembered is kept alive by `release`, which gets it to release at the end of the caller's turn.
   */
  of(path: PathId, nlri: NlriId, release: IdList): number {
    if (this.#settings.policy?.usesPrefix) return this.#ofDestination(path, nlri, release);
    if (path >= this.#memo.length) this.#memo = grown(this.#memo, nextCapacity(this.#memo.length, path + 1));
    const known = this.#memo[path];
    if (known !== 0) return known;
    const exported = exportPath(this.#context, this.#settings, path, undefined, this.#exactSize);
    this.#memo[path] = exported;
    if (exported > 0 && exported !== path) this.#context.paths.retain(exported);
    return exported;
  }

  forgetSource(source: PeerId): void {
    const { paths } = this.#context;
    for (let path = 1; path < paths.top; path++) if (paths.source[path] === source) this.#forget(path);
  }

  /** Gives back what it remembers of so many paths; true once all is given back. Not asked any more. */
  close(paths: number): boolean {
    const end = Math.min(this.#closeCursor + paths, this.#memo.length);
    for (; this.#closeCursor < end; this.#closeCursor++) this.#forget(this.#closeCursor);
    if (this.#closeCursor < this.#memo.length) return false;
    this.#context.paths.offFreed(this.#onFreed);
    return true;
  }

  #ofDestination(path: PathId, nlri: NlriId, release: IdList): number {
    const destination = destinationOf(this.#settings.family, this.#nlri, nlri);
    const exported = exportPath(this.#context, this.#settings, path, destination, this.#exactSize);
    if (exported > 0 && exported !== path) {
      this.#context.paths.retain(exported);
      release.push(exported);
    }
    return exported;
  }

  /** Octets of an UPDATE with this path and the longest NLRI (RFC 8654 §4). */
  readonly #exactSize = (path: PathId): number => {
    const nextHop = sentNextHop(this.#context, this.#settings, path);
    if (nextHop === undefined) return 0;
    this.#writer ??= new AttributeWriter(this.#context, this.#settings);
    const classic = this.#settings.family === ipv4Unicast && nextHop.length === 4;
    this.#writer.write(path, classic ? nextHop : undefined);
    // Header and the two length fields; MP_REACH_NLRI's header, AFI, SAFI, next hop length and Reserved.
    const fixed =
      23 + (classic ? 0 : 9 + (nlriRow(this.#settings.family)?.distinguisherOctets ?? 0) + nextHop.length);
    return fixed + this.#writer.length + longestNlri(this.#settings);
  };

  #forget(path: PathId): void {
    if (path >= this.#memo.length) return;
    const exported = this.#memo[path];
    this.#memo[path] = 0;
    if (exported > 0 && exported !== path) this.#context.paths.release(exported);
  }
}
