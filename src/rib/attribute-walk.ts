/** Walks the attributes of a canonical set without making objects: one reusable position. */
import { AttributeFlag, type AttributeTable } from './attribute-table.ts';
import type { AttributesId } from './ids.ts';

export class AttributeWalk {
  bytes: Uint8Array = new Uint8Array(0);
  /** Of the attribute's header. */
  at = 0;
  flags = 0;
  type = 0;
  value = 0;
  valueEnd = 0;
  #end = 0;

  start(table: AttributeTable, set: AttributesId): this {
    this.bytes = table.chunkOf(set);
    this.valueEnd = table.offsetOf(set);
    this.#end = this.valueEnd + table.lengthOf(set);
    return this;
  }

  /** Moves to the next attribute; false when there is none. */
  next(): boolean {
    const at = this.valueEnd;
    if (at >= this.#end) return false;
    const { bytes } = this;
    this.at = at;
    this.flags = bytes[at];
    this.type = bytes[at + 1];
    if (this.flags & 0x10) {
      this.value = at + 4;
      this.valueEnd = at + 4 + ((bytes[at + 2] << 8) | bytes[at + 3]);
    } else {
      this.value = at + 3;
      this.valueEnd = at + 3 + bytes[at + 2];
    }
    return true;
  }

  /** Moves on to the attribute of this type; false when it is not there. */
  find(type: number): boolean {
    while (this.next()) if (this.type === type) return true;
    return false;
  }

  uint32(at: number): number {
    const b = this.bytes;
    return ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0;
  }
}

const walk = new AttributeWalk();

/** How often an AS stands in the AS_PATH of a set, AS_SETs and confederation segments included. */
export function countAs(table: AttributeTable, set: AttributesId, asn: number): number {
  if (!walk.start(table, set).find(2)) return 0;
  let count = 0;
  for (let at = walk.value; at < walk.valueEnd; ) {
    const next = at + 2 + walk.bytes[at + 1] * 4;
    for (at += 2; at < next; at += 4) if (walk.uint32(at) === asn) count++;
  }
  return count;
}

/** RFC 4456 §8. */
export function clusterListHas(table: AttributeTable, set: AttributesId, clusterId: number): boolean {
  if ((table.flags[set] & AttributeFlag.hasClusterList) === 0 || !walk.start(table, set).find(10))
    return false;
  for (let at = walk.value; at < walk.valueEnd; at += 4) if (walk.uint32(at) === clusterId) return true;
  return false;
}
