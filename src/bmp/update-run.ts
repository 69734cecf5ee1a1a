/**
 * Routes as UPDATEs inside Route Monitoring (RFC 7854 §4.6): destinations of one peer that share a path go into one
 * message for as long as they come one after the other. AS numbers have four octets whatever the session agreed on (the A
 * flag is clear); attributes are the canonical ones, with the next hop as it was received.
 */
import { Afi, afiOf, type FamilyKey, ipv4Unicast, safiOf } from '../net/family.ts';
import { type AttributeTable, splitAt } from '../rib/attribute-table.ts';
import type { NlriId, PathId } from '../rib/ids.ts';
import type { NextHopTable } from '../rib/next-hop-table.ts';
import type { NlriTable } from '../rib/nlri-table.ts';
import type { PathTable } from '../rib/path-table.ts';
import { appendAttribute } from '../wire/attributes/encode-attributes.ts';
import { attributeTypes, optionalNonTransitive, wellKnown } from '../wire/attributes/types.ts';
import { finishMessage, maxExtendedMessage, maxPlainMessage, startMessage } from '../wire/header.ts';
import { MessageType } from '../wire/messages.ts';
import { withdrawnLabel, withLabel } from '../wire/nlri/label.ts';
import { nlriRow } from '../wire/nlri/table.ts';
import { Writer } from '../wire/writer.ts';

export interface MonitoredTables {
  readonly attributes: AttributeTable;
  readonly nextHops: NextHopTable;
  readonly paths: PathTable;
}

/** RFC 4760 §3: length octet, address family, and the fixed part of MP_REACH_NLRI at its longest. */
const mpOverhead = 4 + 3 + 1 + 48 + 1;
/** Header and the two length fields. */
const frameOverhead = 23;
/** A path identifier, a length octet, a label and the longest key. */
const longestNlri = 4 + 32;

/** Where the messages go: whose they are is the caller's to say. */
export type UpdateSink<Owner> = (owner: Owner, update: Uint8Array) => void;

/** The wire form of a key. */
export function keyOf(nlri: NlriTable, id: NlriId): Uint8Array {
  const key = new Uint8Array(longestNlri);
  return key.slice(0, nlri.write(id, key, 0));
}

export class UpdateRun<Owner> {
  readonly #tables: MonitoredTables;
  readonly #sink: UpdateSink<Owner>;
  #owner: Owner | undefined;
  #family = ipv4Unicast;
  /** 0: withdrawals. */
  #path: PathId = 0;
  #nlri = new Writer();
  #room = 0;
  #attributes: Uint8Array = new Uint8Array(0);

  constructor(tables: MonitoredTables, sink: UpdateSink<Owner>) {
    this.#tables = tables;
    this.#sink = sink;
  }

  /** `path` 0 withdraws. `pathId` is `undefined` where NLRI carry none. The path lives until `flush`. */
  add(owner: Owner, family: FamilyKey, path: PathId, key: Uint8Array, pathId: number | undefined): void {
    const same = owner === this.#owner && family === this.#family && path === this.#path;
    if (!same || this.#nlri.length + longestNlri > this.#room) this.#begin(owner, family, path);
    if (pathId !== undefined) this.#nlri.u32(pathId);
    const labelled = nlriRow(family)?.labelOctets === 3;
    const label = (path !== 0 && this.#tables.paths.labelOf(path)) || withdrawnLabel;
    this.#nlri.append(labelled ? withLabel(key, label) : key);
  }

  /** What was added goes out. */
  flush(): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#owner = undefined;
    const nlri = this.#nlri.finish();
    const update = this.#path === 0 ? this.#withdrawal(nlri) : this.#announcement(nlri);
    this.#sink(owner, update);
  }

  #begin(owner: Owner, family: FamilyKey, path: PathId): void {
    this.flush();
    this.#owner = owner;
    this.#family = family;
    this.#path = path;
    this.#nlri = new Writer();
    const { attributes, paths } = this.#tables;
    this.#attributes = path === 0 ? new Uint8Array(0) : attributes.copyOf(paths.attributes[path]);
    const fixed = frameOverhead + mpOverhead + this.#attributes.length;
    // RFC 8654: a path that came in an extended message leaves in one.
    const most = fixed + longestNlri > maxPlainMessage ? maxExtendedMessage : maxPlainMessage;
    this.#room = most - fixed;
  }

  #withdrawal(nlri: Uint8Array): Uint8Array {
    if (this.#family === ipv4Unicast) return updateOf(nlri, new Uint8Array(0), new Uint8Array(0));
    const value = this.#familyHeader();
    value.append(nlri);
    const block = new Writer();
    appendAttribute(block, optionalNonTransitive, attributeTypes.mpUnreach, value.finish());
    return updateOf(new Uint8Array(0), block.finish(), new Uint8Array(0));
  }

  #announcement(nlri: Uint8Array): Uint8Array {
    const nextHop = this.#nextHop();
    const block = new Writer();
    if (this.#family === ipv4Unicast && nextHop.length === 4) {
      const split = splitAt(this.#attributes, this.#attributes.length);
      block.append(this.#attributes.subarray(0, split));
      appendAttribute(block, wellKnown, attributeTypes.nextHop, nextHop);
      block.append(this.#attributes.subarray(split));
      return updateOf(new Uint8Array(0), block.finish(), nlri);
    }
    const value = this.#familyHeader();
    const distinguisher = new Uint8Array(nlriRow(this.#family)?.distinguisherOctets ?? 0);
    const hops = nextHop.length === 32 ? [nextHop.subarray(0, 16), nextHop.subarray(16)] : [nextHop];
    value.u8(nextHop.length + hops.length * distinguisher.length);
    for (const hop of hops) {
      value.append(distinguisher);
      value.append(hop);
    }
    value.u8(0);
    value.append(nlri);
    // RFC 7606 §5.1: MP_REACH_NLRI comes first.
    appendAttribute(block, optionalNonTransitive, attributeTypes.mpReach, value.finish());
    block.append(this.#attributes);
    return updateOf(new Uint8Array(0), block.finish(), new Uint8Array(0));
  }

  /** As received; zeros for our own address, which differs from session to session. */
  #nextHop(): Uint8Array {
    const { nextHops, paths } = this.#tables;
    const octets = afiOf(this.#family) === Afi.ipv6 ? 16 : 4;
    return nextHops.get(paths.nextHop[this.#path])?.bytes ?? new Uint8Array(octets);
  }

  #familyHeader(): Writer {
    const value = new Writer();
    value.u16(afiOf(this.#family));
    value.u8(safiOf(this.#family));
    return value;
  }
}

function updateOf(withdrawn: Uint8Array, block: Uint8Array, announced: Uint8Array): Uint8Array {
  const writer = startMessage(MessageType.update);
  writer.u16(withdrawn.length);
  writer.append(withdrawn);
  writer.u16(block.length);
  writer.append(block);
  writer.append(announced);
  return finishMessage(writer);
}
