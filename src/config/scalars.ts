/**
 * The kinds of single values a configuration has, as zod schemas: text in, a value of `net/` out, and a
 * message that says what to write instead. Defaults are no business of this file.
 */
import { z } from 'zod';
import { IpAddress } from '../net/ip-address.ts';
import { Prefix } from '../net/prefix.ts';
import { RouteDistinguisher } from '../net/route-distinguisher.ts';
import { RouteTarget } from '../net/route-target.ts';
import type { ListenAddress } from '../speaker/settings.ts';
import { didYouMean } from './suggest.ts';

/** What stands in the file, short enough for a message. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
}

type Refuse = (message: string) => undefined;

/** A text with a meaning: `parse` gives the value, or refuses, or gives `undefined` for "not that at all". */
export function textValue<T>(
  expects: string,
  parse: (text: string, refuse: Refuse) => T | undefined,
  notText?: (input: unknown) => string | undefined,
) {
  const complain = (input: unknown) => notText?.(input) ?? `expected ${expects}, not ${shown(input)}`;
  return z.string({ error: ({ input }) => complain(input) }).transform((text, context): T => {
    let message: string | undefined;
    const value = parse(text, (why) => {
      message = why;
      return undefined;
    });
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: message ?? complain(text) });
    return z.NEVER;
  });
}

export function integer(what: string, minimum: number, maximum: number) {
  const error = ({ input }: { input?: unknown }) =>
    `expected ${what} from ${minimum} to ${maximum}, not ${shown(input)}`;
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
}

export function flag() {
  return z.boolean({
    error: ({ input }) => {
      const word = typeof input === 'string' ? input : '';
      const meant = /^(y|yes|on)$/i.test(word) ? 'true' : /^(n|no|off)$/i.test(word) ? 'false' : '';
      return `expected true or false, not ${shown(input)}${meant && ` (did you mean ${meant}?)`}`;
    },
  });
}

export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, {
    error: ({ input }) =>
      `expected ${choice(words)}, not ${shown(input)}${typeof input === 'string' ? didYouMean(input, words) : ''}`,
  });
}

function choice(words: readonly string[]): string {
  return words.length === 2 ? words.join(' or ') : `one of ${words.join(', ')}`;
}

export function text(maximumOctets: number) {
  return textValue(
    'a text',
    (value, refuse) => {
      const octets = new TextEncoder().encode(value).length;
      return octets <= maximumOctets ? value : refuse(`is ${octets} octets long: ${maximumOctets} at most`);
    },
    (input) =>
      typeof input === 'number' || typeof input === 'boolean'
        ? `expected a text, not ${input}: write "${input}"`
        : undefined,
  );
}

/** Of a group or a policy. */
export function name(what: string) {
  return textValue(`the name of a ${what}`, (value, refuse) =>
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(value)
      ? value
      : refuse(
          `${shown(value)} is no name: letters, digits, "-", "_" and "." (64 at most), a letter or digit first`,
        ),
  );
}

/** `contoso` or `contoso/edge2`. */
export function tenantKey() {
  return textValue('the name of a tenant', (value, refuse) =>
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}(\/[A-Za-z0-9][A-Za-z0-9_.-]{0,63})?$/.test(value)
      ? value
      : refuse(`${shown(value)} is no tenant: write NAME or NAME/SLOT`),
  );
}

/** As `ip netns` has it: the name of a file in its directory. */
export function namespaceName() {
  return textValue('the name of a network namespace', (value, refuse) =>
    /^[^/\0\s]{1,255}$/.test(value) && value !== '.' && value !== '..'
      ? value
      : refuse(`${shown(value)} is no name of a network namespace`),
  );
}

/** IFNAMSIZ: 15 octets. */
export function deviceName() {
  return textValue('the name of a device', (value, refuse) =>
    /^[!-.0-9;-~]{1,15}$/.test(value) && value !== '.' && value !== '..'
      ? value
      : refuse(`${shown(value)} is no name of a device: 15 characters at most, without "/", ":" and blanks`),
  );
}

export function filePath() {
  return textValue('an absolute path', (value) => (/^\/[^\0]+$/.test(value) ? value : undefined));
}

const asnError = ({ input }: { input?: unknown }) => {
  if (typeof input === 'string' && /^[0-9]+$/.test(input))
    return `an AS number is written without quotes: ${input}`;
  const asdot = typeof input === 'string' && /^([0-9]{1,5})\.([0-9]{1,5})$/.exec(input);
  if (asdot)
    return `AS numbers are not written with a dot: write ${Number(asdot[1]) * 65536 + Number(asdot[2])}`;
  if (typeof input === 'number' && !Number.isInteger(input))
    return `AS numbers are not written with a dot, like ${input}`;
  return `expected an AS number from 1 to 4294967295, not ${shown(input)}`;
};

export function asn() {
  return z
    .int({ error: asnError })
    .min(1, { error: ({ input }) => (input === 0 ? 'AS 0 is reserved (RFC 7607)' : asnError({ input })) })
    .max(4294967295, { error: asnError })
    .refine((value) => value !== 23456, { error: 'AS 23456 is AS_TRANS, nobody has it (RFC 6793)' });
}

export function routeDistinguisher() {
  return textValue('a route distinguisher such as "65000:100"', RouteDistinguisher.parse, unquoted);
}

export function routeTarget() {
  return textValue('a route target such as "65000:100"', RouteTarget.parse, unquoted);
}

/** YAML reads some texts with colons as numbers. */
function unquoted(input: unknown): string | undefined {
  return typeof input === 'number' ? `expected a text, not ${input}: put it in quotes` : undefined;
}

/** `any` becomes 0, as the settings want it. */
export function remoteAs() {
  return z.union([asn(), z.literal('any').transform(() => 0)], {
    error: ({ input }) =>
      typeof input === 'number'
        ? asnMessage(input)
        : asnError({ input }).replace('4294967295,', '4294967295 or any,'),
  });
}

function asnMessage(input: number): string {
  return asn().safeParse(input).error?.issues[0].message ?? asnError({ input });
}

const unitMilliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

export interface DurationRule {
  readonly minimumSeconds: number;
  readonly maximumSeconds: number;
  /** `0s` means "off". */
  readonly zero?: boolean;
  /** Parts of a second are of use. */
  readonly fractions?: boolean;
  readonly source?: string;
}

/** `90s` and its like, as seconds. */
export function duration(rule: DurationRule) {
  return textValue(
    'a duration such as 90s, 2m or 1h',
    (value, refuse) => {
      const match = /^([0-9]{1,9})(ms|s|m|h|d)$/.exec(value);
      if (!match) {
        return /^[0-9]+$/.test(value) ? refuse(`a duration needs its unit: write ${value}s`) : undefined;
      }
      const seconds = (Number(match[1]) * unitMilliseconds[match[2]]) / 1000;
      const source = rule.source ? ` (${rule.source})` : '';
      if (!rule.fractions && !Number.isInteger(seconds)) return refuse(`must be whole seconds, not ${value}`);
      if (seconds === 0 && rule.zero) return 0;
      if (seconds < rule.minimumSeconds || seconds > rule.maximumSeconds) {
        return refuse(`must be ${durationRange(rule)}, not ${value}${source}`);
      }
      return seconds;
    },
    (input) => (typeof input === 'number' ? `a duration needs its unit: write ${input}s` : undefined),
  );
}

function durationRange({ minimumSeconds, maximumSeconds, zero }: DurationRule): string {
  const range = `from ${formatDuration(minimumSeconds)} to ${formatDuration(maximumSeconds)}`;
  return zero && minimumSeconds > 0 ? `0s or ${range}` : range;
}

/** The text `duration` reads back to the same number, in the largest unit that is exact. */
export function formatDuration(seconds: number): string {
  if (!Number.isInteger(seconds)) return `${Math.round(seconds * 1000)}ms`;
  if (seconds !== 0 && seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds > 120 && seconds % 60 === 0) return `${seconds / 60}m`;
  return `${seconds}s`;
}

/** Any address that one host can have. */
export function unicastAddress() {
  return textValue('an IPv4 or IPv6 address', (value, refuse) => {
    const address = IpAddress.parse(value);
    if (!address) {
      if (/^[^/]+\/[0-9]+$/.test(value) && Prefix.parse(value)) {
        return refuse(`expected an address without a prefix length: write ${value.split('/')[0]}`);
      }
      return undefined;
    }
    const why = unusable(address);
    return why === undefined ? address : refuse(`${address} ${why}`);
  });
}

function unusable(address: IpAddress): string | undefined {
  const [first, second] = address.bytes;
  if (address.bytes.every((octet) => octet === 0)) return 'is the unspecified address';
  if (address.version === 4) {
    if (first === 0) return 'lies in 0.0.0.0/8, which no host has';
    if (first >= 224 && first < 240) return 'is a multicast address';
    return first >= 240 ? 'lies in 240.0.0.0/4, which no host has' : undefined;
  }
  const unmapped = address.unmapped();
  if (unmapped !== address) return `is an IPv4 address in IPv6 clothes: write ${unmapped}`;
  if (first === 0xff) return 'is a multicast address';
  if (first === 0xfe && (second & 0xc0) === 0x80) return 'is link-local: such sessions are not supported';
  return undefined;
}

/** Router id, cluster id: 32 bits that are not zero (RFC 6286 §2.1), in host order. */
export function identifier() {
  return textValue('four numbers with dots such as 10.0.0.1', (value, refuse) => {
    const address = IpAddress.parse(value);
    if (address?.version !== 4) return undefined;
    return address.toUint32() === 0 ? refuse('0.0.0.0 is no identifier (RFC 6286 §2.1)') : address.toUint32();
  });
}

/** Host bits are refused: with them it is unclear which of the two was meant. */
export function prefix() {
  return textValue('a prefix such as 192.0.2.0/24 or 2001:db8::/32', parsePrefix);
}

/** Also used for the first part of a prefix expression. */
export function parsePrefix(value: string, refuse: Refuse): Prefix | undefined {
  const parsed = Prefix.parse(value);
  if (!parsed) {
    const address = IpAddress.parse(value);
    return address && refuse(`a prefix needs its length: write ${value}/${address.bytes.length * 8}`);
  }
  return parsed.hasHostBits ? refuse(`${value} has host bits set: write ${parsed.masked()}`) : parsed;
}

/** `10.0.0.1:179`, `[2001:db8::1]:179`, `*:179`; port 179 where none is given. */
export function listenAddress(defaultPort: number | undefined) {
  const example = `10.0.0.1:${defaultPort ?? 8179}`;
  return textValue(
    `an address and a port such as ${example}, "[2001:db8::1]:179" or "*:179"`,
    (value, refuse) => {
      const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([0-9]{1,6}))?$/.exec(value);
      const whole = IpAddress.parse(value);
      if (whole?.version === 6)
        return refuse(`an IPv6 address with a port stands in brackets: "[${value}]:179"`);
      if (!match) return undefined;
      const port = match[3] === undefined ? defaultPort : Number(match[3]);
      if (port === undefined) return refuse(`needs a port: write ${value}:8179`);
      if (port < 1 || port > 65535) return refuse(`port ${port} is none: 1 to 65535`);
      return listenOn(match[1] ?? match[2], port);
    },
  );
}

export function formatListen({ address, port }: ListenAddress): string {
  if (!address) return `*:${port}`;
  return address.version === 4 ? `${address}:${port}` : `[${address}]:${port}`;
}

function listenOn(host: string, port: number): ListenAddress | undefined {
  if (host === '*') return { address: undefined, port };
  const address = IpAddress.parse(host);
  return address && { address, port };
}
