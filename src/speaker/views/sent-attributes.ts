/** A path as a peer gets it: what the packer writes, read back. For adj-out views and `explain`. */
import { AttributeWriter } from '../../export/attribute-writer.ts';
import type { ExportContext } from '../../export/context.ts';
import type { GroupSettings } from '../../export/group-settings.ts';
import { sentNextHop } from '../../export/propagation.ts';
import type { PathId } from '../../rib/ids.ts';
import { formatNextHop } from '../../rib/next-hop-table.ts';
import { decodePathAttributes } from '../../wire/attributes/decode-attributes.ts';
import type { AttributesView } from '../views.ts';
import { attributesViewOf } from './attributes-view.ts';

export class SentViews {
  readonly #context: ExportContext;
  readonly #settings: GroupSettings;
  readonly #writer: AttributeWriter;
  #last: PathId = 0;
  #view: AttributesView | undefined;

  constructor(context: ExportContext, settings: GroupSettings) {
    this.#context = context;
    this.#settings = settings;
    // 4-octet AS numbers whatever the peer understands: the operator wants to see the real path.
    this.#writer = new AttributeWriter(context, { ...settings, fourOctetAs: true });
  }

  view(path: PathId): AttributesView {
    if (path === this.#last && this.#view !== undefined) return this.#view;
    const nextHop = sentNextHop(this.#context, this.#settings, path);
    this.#writer.write(path, undefined);
    const attributes = decodePathAttributes(this.#writer.bytes, 0, this.#writer.length);
    this.#last = path;
    this.#view = attributesViewOf(attributes, nextHop === undefined ? 'self' : formatNextHop(nextHop));
    return this.#view;
  }
}
