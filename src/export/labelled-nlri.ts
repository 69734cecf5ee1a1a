/**
 * NLRI as the packer writes them. Most families are written as they are stored; where NLRI carry labels, the label of
 * the path that is being packed goes before the key (RFC 8277 §2.2), or what a withdrawal carries in its place (§2.4).
 */
import type { NlriId } from '../rib/ids.ts';
import type { NlriTable } from '../rib/nlri-table.ts';
import { putLabel, withdrawnLabel } from '../wire/nlri/label.ts';

export interface NlriWriter {
  /** Writes the wire form and returns where it ends. */
  write(id: NlriId, out: Uint8Array, at: number): number;
}

export class LabelledNlri implements NlriWriter {
  /** A label field. */
  label = withdrawnLabel;
  readonly #nlri: NlriTable;

  constructor(nlri: NlriTable) {
    this.#nlri = nlri;
  }

  write(id: NlriId, out: Uint8Array, at: number): number {
    const end = this.#nlri.write(id, out, at + 3);
    putLabel(out, at, out[at + 3], this.label);
    return end;
  }
}
