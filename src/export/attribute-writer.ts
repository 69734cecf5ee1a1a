/**
 * Path attributes as one kind of peer gets them: canonical bytes in, wire bytes out, in one walk and without
 * objects. Adds what only the way out knows: NEXT_HOP, the prepended AS (RFC 4271 §5.1.2), LOCAL_PREF (§5.1.5),
 * ORIGINATOR_ID and CLUSTER_LIST (RFC 4456 §8), the Partial bit (RFC 4271 §5); leaves out what must not go.
 * A hot file; its naive twin is in test/export/.
 */
import { AttributeFlag } from '../rib/attribute-table.ts';
import { AttributeWalk } from '../rib/attribute-walk.ts';
import type { PathId } from '../rib/ids.ts';
import { PathFlag } from '../rib/path-table.ts';
import { PeerRole } from '../rib/peer-columns.ts';
import { toTwoOctetAs } from '../wire/attributes/two-octet-as.ts';
import type { ExportContext } from './context.ts';
import type { GroupSettings } from './group-settings.ts';
import { isReflected } from './propagation.ts';

const walk = new AttributeWalk();

export class AttributeWriter {
  /** The attributes of the last `write`: `bytes[0 .. length)`. */
  bytes = new Uint8Array(1024);
  length = 0;
  readonly #context: ExportContext;
  readonly #settings: GroupSettings;

  constructor(context: ExportContext, settings: GroupSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** `nextHop`: 4 octets that go into NEXT_HOP, `undefined` where MP_REACH_NLRI carries it. */
  write(path: PathId, nextHop: Uint8Array | undefined): void {
    this.length = 0;
    const set = this.#context.paths.attributes[path];
    const flags = this.#context.attributes.flags[set];
    // Twice: AS4_PATH may come on top; and room for all that is put in.
    const room = this.#context.attributes.lengthOf(set) * 2 + 256;
    if (room > this.bytes.length) this.bytes = new Uint8Array(room);
    const external = this.#settings.target === 'external';
    const reflected = isReflected(this.#context, this.#settings, path);
    // Attributes that may have to be put in, in type order; each is done when the walk passes its type.
    let nextHopDue = nextHop !== undefined;
    let localPrefDue = !external && (flags & AttributeFlag.hasLocalPref) === 0;
    let originatorDue = reflected && (flags & AttributeFlag.hasOriginatorId) === 0;
    let clusterDue = reflected && (flags & AttributeFlag.hasClusterList) === 0;
    walk.start(this.#context.attributes, set);
    for (let more = walk.next(); ; more = walk.next()) {
      const type = more ? walk.type : 256;
      if (nextHopDue && type > 3) {
        nextHopDue = false;
        this.#putNextHop(nextHop as Uint8Array);
      }
      if (localPrefDue && type > 5) {
        localPrefDue = false;
        // RFC 4271 §5.1.5: LOCAL_PREF must be there towards internal peers.
        this.#put32(0x40, 5, 100);
      }
      if (originatorDue && type > 9) {
        originatorDue = false;
        // RFC 4456 §8: the BGP Identifier of the router that brought the route into the AS.
        this.#put32(0x80, 9, this.#context.peers.bgpIdentifier[this.#context.paths.source[path]]);
      }
      if (clusterDue && type > 10) {
        clusterDue = false;
        this.#put32(0x80, 10, this.#settings.clusterId);
      }
      if (!more) break;
      this.#putWalked(path, external, reflected);
    }
    if (!this.#settings.fourOctetAs) this.#narrow();
  }

  #putWalked(path: PathId, external: boolean, reflected: boolean): void {
    switch (walk.type) {
      case 1:
      case 6:
      case 7:
      case 8:
      case 32:
        this.#copy(walk.at, walk.valueEnd);
        return;
      case 16:
        if (external) this.#putTransitiveCommunities();
        else this.#copy(walk.at, walk.valueEnd);
        return;
      case 2:
        if (external) this.#putPrepended();
        else this.#copy(walk.at, walk.valueEnd);
        return;
      case 4:
        // RFC 4271 §5.1.4: a MED from one neighbouring AS is not passed on to another.
        if (!external || this.#mayTellMed(path)) this.#copy(walk.at, walk.valueEnd);
        return;
      case 5:
        // RFC 4271 §5.1.5: not to external peers.
        if (!external) this.#copy(walk.at, walk.valueEnd);
        return;
      case 9:
        // RFC 4456 §8: internal only, and never changed by a reflector.
        if (!external) this.#copy(walk.at, walk.valueEnd);
        return;
      case 10:
        if (reflected) this.#putClusterList();
        else if (!external) this.#copy(walk.at, walk.valueEnd);
        return;
      default: {
        const at = this.length;
        this.#copy(walk.at, walk.valueEnd);
        // RFC 4271 §5: an unrecognised transitive attribute goes on with the Partial bit set.
        this.bytes[at] |= 0x20;
      }
    }
  }

  #mayTellMed(path: PathId): boolean {
    const { paths, peers } = this.#context;
    return (paths.flags[path] & PathFlag.keepMed) !== 0 || peers.role[paths.source[path]] === PeerRole.local;
  }

  #copy(from: number, to: number): void {
    const source = walk.bytes;
    const out = this.bytes;
    let at = this.length;
    for (let i = from; i < to; i++) out[at++] = source[i];
    this.length = at;
  }

  #putNextHop(nextHop: Uint8Array): void {
    const out = this.bytes;
    let at = this.length;
    out[at++] = 0x40;
    out[at++] = 3;
    out[at++] = 4;
    for (let i = 0; i < 4; i++) out[at++] = nextHop[i];
    this.length = at;
  }

  #put32(flags: number, type: number, value: number): void {
    this.#putHeader(flags, type, 4);
    this.#putUint32(value);
  }

  #putUint32(value: number): void {
    const out = this.bytes;
    let at = this.length;
    out[at++] = value >>> 24;
    out[at++] = value >>> 16;
    out[at++] = value >>> 8;
    out[at++] = value;
    this.length = at;
  }

  #putHeader(flags: number, type: number, length: number): void {
    const out = this.bytes;
    let at = this.length;
    out[at++] = length > 255 ? flags | 0x10 : flags & ~0x10;
    out[at++] = type;
    if (length > 255) out[at++] = length >>> 8;
    out[at++] = length;
    this.length = at;
  }

  /** RFC 4271 §5.1.2 b): our AS number before the path, in its AS_SEQUENCE or in a new one. */
  #putPrepended(): void {
    const length = walk.valueEnd - walk.value;
    const joins = length > 0 && walk.bytes[walk.value] === 2 && walk.bytes[walk.value + 1] < 255;
    this.#putHeader(0x40, 2, length + (joins ? 4 : 6));
    this.bytes[this.length++] = 2;
    this.bytes[this.length++] = joins ? walk.bytes[walk.value + 1] + 1 : 1;
    this.#putUint32(this.#settings.localAs);
    this.#copy(joins ? walk.value + 2 : walk.value, walk.valueEnd);
  }

  /** RFC 4360 §6: non-transitive extended communities (bit 0x40 of the type) do not leave the AS. */
  #putTransitiveCommunities(): void {
    let length = 0;
    for (let at = walk.value; at < walk.valueEnd; at += 8) if ((walk.bytes[at] & 0x40) === 0) length += 8;
    if (length === 0) return;
    this.#putHeader(walk.flags, 16, length);
    for (let at = walk.value; at < walk.valueEnd; at += 8) {
      if ((walk.bytes[at] & 0x40) === 0) this.#copy(at, at + 8);
    }
  }

  /** RFC 4456 §8: the local CLUSTER_ID is prepended. */
  #putClusterList(): void {
    this.#putHeader(0x80, 10, walk.valueEnd - walk.value + 4);
    this.#putUint32(this.#settings.clusterId);
    this.#copy(walk.value, walk.valueEnd);
  }

  /** RFC 6793 §4.2.2: for a peer that does not know 4-octet AS numbers. */
  #narrow(): void {
    const narrow = toTwoOctetAs(this.bytes.subarray(0, this.length));
    this.bytes.set(narrow);
    this.length = narrow.length;
  }
}
