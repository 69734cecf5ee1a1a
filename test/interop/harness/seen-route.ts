/**
 * What a daemon shows of a route, in one shape for all of them, so that tests compare the same thing at every far side.
 * Absent fields were not shown. Communities are sorted text: `65000:1`, `65000:1:2`, `rt:65000:1`.
 */
export type FamilyName = 'ipv4-unicast' | 'ipv6-unicast';

export interface SeenRoute {
  readonly prefix: string;
  readonly best: boolean;
  readonly origin: string;
  /** AS numbers with blanks between, as sent; an AS_SET as `{1,2}`. */
  readonly asPath: string;
  readonly nextHop: string;
  readonly med?: number;
  readonly localPref?: number;
  readonly communities: readonly string[];
  readonly extendedCommunities: readonly string[];
  readonly largeCommunities: readonly string[];
  readonly originatorId?: string;
  readonly clusterList: readonly string[];
  /** Attributes the daemon does not know, where it shows them: `99 01020304` (type, value in hex). */
  readonly unknown: readonly string[];
}

export interface SeenPeer {
  readonly address: string;
  readonly isEstablished: boolean;
  /** Prefixes from it, over the families asked for, where shown. */
  readonly received: number;
  /** How often the session came up, where the daemon counts that. */
  readonly establishedCount?: number;
}

export const familyOf = (prefix: string): FamilyName =>
  prefix.includes(':') ? 'ipv6-unicast' : 'ipv4-unicast';

/** Without keys whose value is `undefined`. */
export function compact<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

export const words = (text: string | undefined): string[] =>
  (text ?? '').split(/\s+/).filter((word) => word !== '');

const wellKnown: Readonly<Record<string, string>> = {
  'no-export': '65535:65281',
  'no-advertise': '65535:65282',
  'local-as': '65535:65283',
  no_export: '65535:65281',
  no_advertise: '65535:65282',
};

/** Standard communities as numbers, sorted: daemons have their own words for the well-known ones. */
export const communityNumbers = (texts: readonly string[]): string[] =>
  texts.map((text) => wellKnown[text.toLowerCase()] ?? text).sort();
