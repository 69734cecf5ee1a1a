/**
 * Capabilities (RFC 5492): one row per code. What has no row, and FQDN values that make no sense, are kept
 * as `unknown`. What both ends agree on is decided in `session/negotiation`, not here.
 *
 *      +-----------+------------+-------------------+
 *      | Code (1)  | Length (1) | Value (variable)  |
 *      +-----------+------------+-------------------+
 */
import { afiOf, type FamilyKey, familyKey, formatFamily, safiOf } from '../net/family.ts';
import { toHex } from './bytes.ts';
import type { Cursor } from './cursor.ts';
import type { AddPathFamily, Capability, ExtendedNextHop, GracefulRestartCapability } from './messages.ts';
import { Writer } from './writer.ts';

type CapabilityType = Capability['type'];
type CapabilityOf<T extends CapabilityType> = Extract<Capability, { type: T }>;

/** One capability code. */
export interface CapabilityRow<T extends CapabilityType = CapabilityType> {
  readonly code: number;
  readonly type: T;
  readonly name: string;
  readonly rfc: string;
  /** `value` spans exactly the value; what is left unread is a length error. `undefined`: keep as unknown. */
  readonly decode: (value: Cursor) => CapabilityOf<T> | undefined;
  readonly encode: (capability: CapabilityOf<T>, value: Writer) => void;
  /** What comes after the name when it is shown. */
  readonly describe: (capability: CapabilityOf<T>) => string;
}

const nothing = (): void => {};
const noText = (): string => '';

/** A capability that is just there: its value is empty. */
function flagRow<
  T extends 'route-refresh' | 'extended-message' | 'enhanced-route-refresh' | 'route-refresh-cisco',
>(code: number, type: T, name: string, rfc: string): CapabilityRow<T> {
  const value = { type } as CapabilityOf<T>;
  return { code, type, name, rfc, decode: () => value, encode: nothing, describe: noText };
}

const multiprotocol: CapabilityRow<'multiprotocol'> = {
  code: 1,
  type: 'multiprotocol',
  name: 'multiprotocol',
  rfc: 'RFC 4760 §8',
  decode: (value) => {
    const afi = value.u16();
    value.u8(); // RFC 4760 §8: reserved, ignored by the receiver.
    return { type: 'multiprotocol', family: familyKey(afi, value.u8()) };
  },
  encode: (capability, value) => {
    value.u16(afiOf(capability.family));
    value.u8(0);
    value.u8(safiOf(capability.family));
  },
  describe: (capability) => formatFamily(capability.family),
};

const extendedNextHop: CapabilityRow<'extended-next-hop'> = {
  code: 5,
  type: 'extended-next-hop',
  name: 'extended next hop',
  rfc: 'RFC 8950 §4',
  decode: (value) => {
    const entries: ExtendedNextHop[] = [];
    while (value.remaining > 0) {
      const afi = value.u16();
      const safi = value.u16(); // RFC 8950 §4: SAFI takes two octets here.
      entries.push({ family: familyKey(afi, safi & 0xff), nextHopAfi: value.u16() });
    }
    return { type: 'extended-next-hop', entries };
  },
  encode: (capability, value) => {
    for (const entry of capability.entries) {
      value.u16(afiOf(entry.family));
      value.u16(safiOf(entry.family));
      value.u16(entry.nextHopAfi);
    }
  },
  describe: (capability) =>
    capability.entries.map((e) => `${formatFamily(e.family)} via afi ${e.nextHopAfi}`).join(', '),
};

/** RFC 4724 §3, RFC 8538 §2. */
const restartFlag = 0x8000;
const notificationFlag = 0x4000;
const forwardingFlag = 0x80;

const gracefulRestart: CapabilityRow<'graceful-restart'> = {
  code: 64,
  type: 'graceful-restart',
  name: 'graceful restart',
  rfc: 'RFC 4724 §3, RFC 8538 §2',
  decode: (value) => {
    const head = value.u16();
    const families: { family: FamilyKey; forwarding: boolean }[] = [];
    while (value.remaining > 0) {
      const afi = value.u16();
      const family = familyKey(afi, value.u8());
      families.push({ family, forwarding: (value.u8() & forwardingFlag) !== 0 });
    }
    return {
      type: 'graceful-restart',
      restarting: (head & restartFlag) !== 0,
      notification: (head & notificationFlag) !== 0,
      restartTimeSeconds: head & 0x0fff,
      families,
    };
  },
  encode: (capability, value) => {
    const flags =
      (capability.restarting ? restartFlag : 0) | (capability.notification ? notificationFlag : 0);
    value.u16(flags | Math.min(capability.restartTimeSeconds, 0x0fff));
    for (const { family, forwarding } of capability.families) {
      value.u16(afiOf(family));
      value.u8(safiOf(family));
      value.u8(forwarding ? forwardingFlag : 0);
    }
  },
  describe: describeGracefulRestart,
};

function describeGracefulRestart(capability: GracefulRestartCapability): string {
  const parts = [`${capability.restartTimeSeconds} s`];
  if (capability.restarting) parts.push('restarting');
  if (capability.notification) parts.push('notification');
  for (const { family, forwarding } of capability.families) {
    parts.push(`${formatFamily(family)}${forwarding ? ' (forwarding kept)' : ''}`);
  }
  return parts.join(', ');
}

const fourOctetAs: CapabilityRow<'four-octet-as'> = {
  code: 65,
  type: 'four-octet-as',
  name: '4-octet AS',
  rfc: 'RFC 6793 §3',
  decode: (value) => ({ type: 'four-octet-as', asn: value.u32() }),
  encode: (capability, value) => value.u32(capability.asn),
  describe: (capability) => String(capability.asn),
};

/** RFC 7911 §4. */
const addPathModes = [undefined, 'receive', 'send', 'both'] as const;

const addPath: CapabilityRow<'add-path'> = {
  code: 69,
  type: 'add-path',
  name: 'ADD-PATH',
  rfc: 'RFC 7911 §4',
  decode: (value) => {
    const families: AddPathFamily[] = [];
    while (value.remaining > 0) {
      const afi = value.u16();
      const family = familyKey(afi, value.u8());
      const mode = addPathModes[value.u8()];
      // RFC 7911 §4: a value other than 1, 2, 3 is ignored.
      if (mode !== undefined) families.push({ family, mode });
    }
    return { type: 'add-path', families };
  },
  encode: (capability, value) => {
    for (const { family, mode } of capability.families) {
      value.u16(afiOf(family));
      value.u8(safiOf(family));
      value.u8(addPathModes.indexOf(mode));
    }
  },
  describe: (capability) => capability.families.map((f) => `${formatFamily(f.family)} ${f.mode}`).join(', '),
};

/** Longest host or domain name that is sent, in octets: both and their lengths fit one capability. */
const maxNameOctets = 64;

const fqdn: CapabilityRow<'fqdn'> = {
  code: 73,
  type: 'fqdn',
  name: 'FQDN',
  rfc: 'draft-walton-bgp-hostname-capability',
  decode: (value) => {
    const hostName = takeName(value);
    // Informational only: nonsense in it is no reason to refuse a session.
    const domainName = hostName === undefined ? undefined : value.remaining === 0 ? '' : takeName(value);
    if (hostName === undefined || domainName === undefined || value.remaining > 0) return undefined;
    return { type: 'fqdn', hostName, domainName };
  },
  encode: (capability, value) => {
    for (const name of [capability.hostName, capability.domainName]) {
      const octets = new TextEncoder().encode(name).subarray(0, maxNameOctets);
      value.u8(octets.length);
      value.append(octets);
    }
  },
  describe: (capability) => [capability.hostName, capability.domainName].filter((n) => n !== '').join('.'),
};

function takeName(value: Cursor): string | undefined {
  if (value.remaining < 1) return undefined;
  const length = value.u8();
  return length > value.remaining ? undefined : new TextDecoder().decode(value.take(length));
}

/** Every capability this build interprets, by code. */
export const capabilityRows: readonly CapabilityRow[] = [
  multiprotocol,
  flagRow(2, 'route-refresh', 'route refresh', 'RFC 2918 §2'),
  extendedNextHop,
  flagRow(6, 'extended-message', 'extended message', 'RFC 8654 §3'),
  gracefulRestart,
  fourOctetAs,
  addPath,
  flagRow(70, 'enhanced-route-refresh', 'enhanced route refresh', 'RFC 7313 §3.1'),
  fqdn,
  flagRow(128, 'route-refresh-cisco', 'route refresh (old code)', 'before RFC 2918'),
] as readonly CapabilityRow[];

const rowByCode = new Map(capabilityRows.map((row) => [row.code, row]));
const rowByType = new Map<CapabilityType, CapabilityRow>(capabilityRows.map((row) => [row.type, row]));

/** The capabilities in one optional parameter of type 2: `params` spans its value. Throws 2/0. */
export function decodeCapabilities(params: Cursor, into: Capability[]): void {
  while (params.remaining > 0) {
    const code = params.u8();
    const length = params.u8();
    const start = params.at;
    const value = params.sub(length);
    const row = rowByCode.get(code);
    const capability = row?.decode(value);
    if (capability === undefined) {
      into.push({ type: 'unknown', code, value: params.bytes.slice(start, start + length) });
      continue;
    }
    if (value.remaining > 0) params.fail(`capability ${code} of ${length} octets`);
    into.push(capability);
  }
}

/** Code, length and value. Throws RangeError where a value has more than 255 octets. */
export function encodeCapability(capability: Capability, out: Writer): void {
  const value = new Writer(32);
  let code: number;
  if (capability.type === 'unknown') {
    code = capability.code;
    value.append(capability.value);
  } else {
    const row = rowByType.get(capability.type) as CapabilityRow;
    code = row.code;
    row.encode(capability, value);
  }
  if (value.length > 255) throw new RangeError(`capability ${code} of ${value.length} octets`);
  out.u8(code);
  out.u8(value.length);
  out.append(value.finish());
}

/** In words, for the operator: `multiprotocol ipv4-unicast`, `code 71 (0001018000000000)`. */
export function describeCapability(capability: Capability): string {
  if (capability.type === 'unknown') return `code ${capability.code} (${toHex(capability.value)})`;
  const row = rowByType.get(capability.type) as CapabilityRow;
  return `${row.name} ${row.describe(capability)}`.trim();
}

/** The code on the wire. */
export function capabilityCode(capability: Capability): number {
  return capability.type === 'unknown'
    ? capability.code
    : (rowByType.get(capability.type) as CapabilityRow).code;
}
