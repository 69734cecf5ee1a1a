/** Messages from raw pieces of hexadecimal, so that tests can say what no encoder would. */
import { ipv4Unicast, ipv6Unicast } from '../../../src/net/family.ts';
import { fromHex, toHex } from '../../../src/wire/bytes.ts';
import { NotificationError } from '../../../src/wire/errors.ts';
import { type AttributeContext, UpdateView } from '../../../src/wire/update.ts';
import { decodeUpdate } from '../../../src/wire/update-decode.ts';

/** Blanks are allowed. */
export function hex(text: string): Uint8Array {
  const bytes = fromHex(text.replace(/\s+/g, ''));
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

const u16 = (value: number) => value.toString(16).padStart(4, '0');

export const marker = 'ff'.repeat(16);

/** A whole message around a body. */
export function message(type: number, body: string): Uint8Array {
  const octets = hex(body).length;
  return hex(marker + u16(19 + octets) + type.toString(16).padStart(2, '0') + body);
}

/** An UPDATE from its three fields. */
export function update(withdrawn: string, attributes: string, nlri: string): Uint8Array {
  const field = (text: string) => u16(hex(text).length) + text;
  return message(2, field(withdrawn) + field(attributes) + nlri);
}

export const internal: AttributeContext = {
  fourOctetAs: true,
  external: false,
  families: new Set([ipv4Unicast, ipv6Unicast]),
  addPathReceive: new Set(),
  extendedNextHop: new Set(),
};
export const external: AttributeContext = { ...internal, external: true };
/** A peer without RFC 6793. */
export const internalOld: AttributeContext = { ...internal, fourOctetAs: false };
export const externalOld: AttributeContext = { ...external, fourOctetAs: false };

export function decode(bytes: Uint8Array, context: AttributeContext = internal): UpdateView {
  const view = new UpdateView();
  decodeUpdate(view, bytes, 0, bytes.length, context);
  return view;
}

export function canonicalHex(view: UpdateView): string {
  return toHex(view.canonical, 0, view.canonicalLength);
}

/** `code/subcode data` of the NOTIFICATION that `run` throws. */
export function thrown(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof NotificationError) return notification(error);
    throw error;
  }
  return 'nothing thrown';
}

export function notification(error: NotificationError): string {
  return `${error.code}/${error.subcode} ${toHex(error.data)}`.trim();
}

/** Good attributes in wire form, 4-octet AS numbers. */
export const good = {
  origin: '40010100',
  asPath: '400206 0201 0000fde9',
  nextHop: '400304 0a000001',
  localPref: '400504 00000064',
  /** 2001:db8:1::/48 with next hop 2001:db8::1. */
  mpReach: '800e1c 0002 01 10 20010db8000000000000000000000001 00 30 20010db80001',
  asPathOld: '400204 0201 fde9',
} as const;

export const mandatory: string = good.origin + good.asPath + good.nextHop + good.localPref;
