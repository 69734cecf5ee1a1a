/**
 * UPDATE from bytes to an `UpdateView` (RFC 4271 §4.3 and §6.3, RFC 4760, RFC 7606). The layout is drawn in
 * `update.ts`. Owns the message's structure, the MP attributes and End-of-RIB; attributes are checked by
 * `attributes/`. Structure that leaves no way to find the NLRI throws; every other error is a fault in the
 * view, `session-reset` with its NOTIFICATION included (`strongestAction`, `resetOf`).
 */
import { type FamilyKey, familyKey, formatFamily, ipv4Unicast } from '../net/family.ts';
import { canonicalCapacity, writeCanonical } from './attributes/canonical.ts';
import { attributeFault, familyFault, resetFault, resetOf, strongestAction } from './attributes/faults.ts';
import { AttributeScan } from './attributes/scan.ts';
import { attributeRow, attributeRows } from './attributes/table.ts';
import { attributeTypes } from './attributes/types.ts';
import { readU16 } from './bytes.ts';
import { NotificationError } from './errors.ts';
import { headerLength } from './header.ts';
import { ipv4UnicastRow } from './nlri/ip-prefix.ts';
import { checkNlriRun } from './nlri/run.ts';
import { type NlriRow, nlriRow } from './nlri/table.ts';
import { NotificationCode, UpdateSubcode } from './notification-codes.ts';
import type { AttributeContext, NlriRun, UpdateView } from './update.ts';

/** Decoding is synchronous and does not nest: one scratch scan is enough. */
const scan = new AttributeScan();

const mandatoryRows = attributeRows.filter((row) => row.mandatory !== 'never');

/**
 * Fills `view` from the whole message `[start, end)`, header included, whose header was checked.
 * `view.bytes` is `bytes` itself. Throws 3/1 and 3/10 only.
 *
 * After `treat-as-withdraw` the runs are there to be withdrawn, the canonical attributes are not to be used; after
 * `session-reset` nothing in the view but its faults is.
 */
export function decodeUpdate(
  view: UpdateView,
  bytes: Uint8Array,
  start: number,
  end: number,
  context: AttributeContext,
): void {
  clear(view, bytes);
  const body = start + headerLength;
  // RFC 4271 §6.3: lengths beyond the message are a Malformed Attribute List.
  if (body + 4 > end) throw malformedList('UPDATE too short for its length fields');
  const withdrawnEnd = body + 2 + readU16(bytes, body);
  if (withdrawnEnd + 2 > end) throw malformedList('withdrawn routes longer than the message');
  const attributesAt = withdrawnEnd + 2;
  const attributesEnd = attributesAt + readU16(bytes, withdrawnEnd);
  if (attributesEnd > end) throw malformedList('path attributes longer than the message');

  setClassicRun(view, view.withdrawn, body + 2, withdrawnEnd, context);
  setClassicRun(view, view.announced, attributesEnd, end, context);
  view.hasAttributes = attributesEnd > attributesAt;
  if (view.hasAttributes) {
    decodeAttributes(view, attributesAt, attributesEnd, end > attributesEnd, context);
  } else if (view.announced.family !== 0) {
    scan.run(bytes, attributesAt, attributesEnd, context, view.faults);
    checkMandatory(view, attributesAt, attributesEnd, context);
  } else if (end - start === headerLength + 4 && context.families.has(ipv4Unicast)) {
    // RFC 4724 §2: an UPDATE of minimum length is the End-of-RIB of IPv4 unicast.
    view.endOfRib = ipv4Unicast;
  }
}

function clear(view: UpdateView, bytes: Uint8Array): void {
  view.bytes = bytes;
  view.withdrawn.family = 0;
  view.announced.family = 0;
  view.mpAnnounced.family = 0;
  view.mpWithdrawn.family = 0;
  view.nextHopAt = -1;
  view.mpNextHopAt = -1;
  view.mpNextHopLength = 0;
  view.canonicalLength = 0;
  view.hasAttributes = false;
  view.endOfRib = 0;
  if (view.faults.length > 0) view.faults = [];
}

function malformedList(detail: string): NotificationError {
  return new NotificationError(
    NotificationCode.update,
    UpdateSubcode.malformedAttributeList,
    undefined,
    detail,
  );
}

function setRun(run: NlriRun, family: FamilyKey, start: number, end: number, addPath: boolean): void {
  run.family = family;
  run.start = start;
  run.end = end;
  run.addPath = addPath;
}

function setClassicRun(
  view: UpdateView,
  run: NlriRun,
  start: number,
  end: number,
  context: AttributeContext,
): void {
  if (start === end) return;
  if (!context.families.has(ipv4Unicast)) {
    const detail = 'IPv4 unicast routes, a family that was not negotiated: ignored';
    view.faults.push(attributeFault(0, 'attribute-discard', detail, view.bytes, start, end));
    return;
  }
  const addPath = context.addPathReceive.has(ipv4Unicast);
  if (checkNlriRun(view.bytes, start, end, ipv4UnicastRow, addPath) < 0) {
    // RFC 7606 §3 (i), §5.3, RFC 4271 §6.3: Invalid Network Field.
    const detail = run === view.withdrawn ? 'malformed withdrawn routes' : 'malformed NLRI';
    throw new NotificationError(
      NotificationCode.update,
      UpdateSubcode.invalidNetworkField,
      undefined,
      detail,
    );
  }
  setRun(run, ipv4Unicast, start, end, addPath);
}

function decodeAttributes(
  view: UpdateView,
  start: number,
  end: number,
  classicNlri: boolean,
  context: AttributeContext,
): void {
  scan.run(view.bytes, start, end, context, view.faults);
  if (view.faults.length > 0 && resetOf(view.faults) !== undefined) return;
  if (scan.isKept(attributeTypes.nextHop)) view.nextHopAt = scan.valueAt[attributeTypes.nextHop];
  const mpReachable = scan.isKept(attributeTypes.mpReach) && decodeMpReach(view, context);
  if (scan.isKept(attributeTypes.mpUnreach)) decodeMpUnreach(view, context);
  if (view.announced.family !== 0 || view.mpAnnounced.family !== 0) {
    checkMandatory(view, start, end, context);
  }
  writeAttributes(view, start, end, context);
  if (view.faults.length > 0 && !classicNlri && !mpReachable) escalate(view);
}

function writeAttributes(view: UpdateView, start: number, end: number, context: AttributeContext): void {
  const capacity = canonicalCapacity(end - start);
  if (view.canonical.length < capacity) view.canonical = new Uint8Array(Math.max(512, 2 * capacity));
  const length = writeCanonical(scan, view.bytes, context.fourOctetAs, view.canonical);
  view.canonicalLength = Math.max(0, length);
  if (length < 0) {
    const detail = 'AS_PATH too long for 4-octet AS numbers';
    const at = scan.valueAt[attributeTypes.asPath];
    const fault = attributeFault(attributeTypes.asPath, 'treat-as-withdraw', detail, view.bytes, at, at + 64);
    view.faults.push(fault);
  }
}

/** RFC 7606 §3 (d): a missing mandatory attribute withdraws. Only for UPDATEs with reachable NLRI. */
function checkMandatory(view: UpdateView, start: number, end: number, context: AttributeContext): void {
  for (const row of mandatoryRows) {
    if (scan.wasSeen(row.type)) continue;
    if (row.mandatory === 'internal' && context.external) continue;
    if (row.mandatory === 'classic-nlri' && view.announced.family === 0) continue;
    const detail = `${row.name} is missing`;
    view.faults.push(attributeFault(row.type, 'treat-as-withdraw', detail, view.bytes, start, end));
  }
}

/**
 * RFC 7606 §5.2: attributes without reachable NLRI cannot be treated as withdrawn, so anything stronger than
 * attribute discard resets the session. An UPDATE of nothing but MP_UNREACH_NLRI is exempt.
 */
function escalate(view: UpdateView): void {
  const strongest = strongestAction(view.faults);
  if (strongest === 'attribute-discard' || strongest === 'session-reset') return;
  const fault = view.faults.find((each) => each.action !== 'attribute-discard');
  if (fault === undefined || (fault.attributeType === attributeTypes.mpUnreach && onlyMpUnreach())) return;
  const subcode = attributeRow(fault.attributeType)?.subcode ?? UpdateSubcode.malformedAttributeList;
  const detail = `${fault.detail}, in an UPDATE without reachable NLRI`;
  view.faults.push(resetFault(fault.attributeType, subcode, detail, fault.bytes, 0, fault.bytes.length));
}

function onlyMpUnreach(): boolean {
  const { mpUnreach } = attributeTypes;
  return scan.seen.every((bits, word) => bits === (word === mpUnreach >> 5 ? 1 << (mpUnreach & 31) : 0));
}

/**
 * MP_REACH_NLRI (RFC 4760 §3). True when it is about reachable NLRI, well-formed or not.
 *
 *      +---------+----------+-----------------+----------+--------------+-------+
 *      | AFI (2) | SAFI (1) | Next hop length | Next hop | Reserved (1) | NLRI  |
 *      +---------+----------+-----------------+----------+--------------+-------+
 */
function decodeMpReach(view: UpdateView, context: AttributeContext): boolean {
  const bytes = view.bytes;
  const at = scan.valueAt[attributeTypes.mpReach];
  const end = scan.valueEnd[attributeTypes.mpReach];
  const family = familyKey(readU16(bytes, at), bytes[at + 2]);
  const row = nlriRow(family);
  if (row === undefined || !context.families.has(family)) {
    ignoreFamily(view, attributeTypes.mpReach, family);
    return true;
  }
  const nextHopAt = at + 4;
  const nextHopLength = bytes[at + 3];
  const nlriAt = nextHopAt + nextHopLength + 1;
  // RFC 7606 §7.11: a next hop length that was not expected hides the NLRI.
  const expected =
    row.nextHopLengths.includes(nextHopLength) ||
    (row.extendedNextHopLengths.includes(nextHopLength) && context.extendedNextHop.has(family));
  if (!expected || nlriAt > end) {
    const detail = `MP_REACH_NLRI: next hop of ${nextHopLength} octets for ${row.name}`;
    view.faults.push(familyFault(attributeTypes.mpReach, family, detail, bytes, at, end));
    return true;
  }
  const run = view.mpAnnounced;
  setMpRun(view, run, attributeTypes.mpReach, family, nlriAt, context);
  setMpNextHop(view, row, nextHopAt, nextHopLength);
  return nlriAt < end;
}

/**
 * Where the address of the next hop lies. RFC 4364 §4.3.2: in a VPN a distinguisher of 0 stands before it, which says
 * nothing. Of two such addresses (RFC 4659 §3.2.1.1) the global one counts; a link-local one goes no further anyway.
 */
function setMpNextHop(view: UpdateView, row: NlriRow, at: number, length: number): void {
  const distinguisher = row.distinguisherOctets;
  view.mpNextHopAt = at + distinguisher;
  view.mpNextHopLength = distinguisher === 0 ? length : Math.min(length - distinguisher, 16);
}

/** MP_UNREACH_NLRI (RFC 4760 §4): AFI (2), SAFI (1), withdrawn routes. */
function decodeMpUnreach(view: UpdateView, context: AttributeContext): void {
  const bytes = view.bytes;
  const at = scan.valueAt[attributeTypes.mpUnreach];
  const end = scan.valueEnd[attributeTypes.mpUnreach];
  const family = familyKey(readU16(bytes, at), bytes[at + 2]);
  if (nlriRow(family) === undefined || !context.families.has(family)) {
    ignoreFamily(view, attributeTypes.mpUnreach, family);
    return;
  }
  if (at + 3 < end) {
    setMpRun(view, view.mpWithdrawn, attributeTypes.mpUnreach, family, at + 3, context);
    return;
  }
  // RFC 4724 §2: nothing but an MP_UNREACH_NLRI without routes is End-of-RIB.
  if (onlyMpUnreach() && view.withdrawn.family === 0 && view.announced.family === 0) view.endOfRib = family;
}

function setMpRun(
  view: UpdateView,
  run: NlriRun,
  type: number,
  family: FamilyKey,
  start: number,
  context: AttributeContext,
): void {
  const end = scan.valueEnd[type];
  const row = nlriRow(family);
  if (start === end || row === undefined) return;
  const addPath = context.addPathReceive.has(family);
  if (checkNlriRun(view.bytes, start, end, row, addPath) < 0) {
    // RFC 7606 §5.3, RFC 4760 §7: NLRI that cannot be parsed disable the family.
    const detail = `malformed NLRI of ${row.name}`;
    view.faults.push(familyFault(type, family, detail, view.bytes, scan.valueAt[type], end));
    return;
  }
  setRun(run, family, start, end, addPath);
}

/** RFC 4760 §6, §8: a family that was not negotiated is no business of this session. */
function ignoreFamily(view: UpdateView, type: number, family: FamilyKey): void {
  const detail = `${formatFamily(family)} was not negotiated: ignored`;
  const { valueAt, valueEnd } = scan;
  view.faults.push(
    attributeFault(type, 'attribute-discard', detail, view.bytes, valueAt[type], valueEnd[type]),
  );
}
