/**
 * Path attributes as an object: for policy edits, the API and tests; never made on the way of an
 * unedited UPDATE. `decodePathAttributes` and `encodePathAttributes` turn the canonical bytes
 * (`UpdateView.canonical`) into it and back.
 */

export type Origin = 'igp' | 'egp' | 'incomplete';

/** RFC 4271 §4.3, RFC 5065: AS_SET 1, AS_SEQUENCE 2, AS_CONFED_SEQUENCE 3, AS_CONFED_SET 4. */
export interface AsPathSegment {
  readonly type: 'set' | 'sequence' | 'confed-sequence' | 'confed-set';
  readonly asns: readonly number[];
}

export interface PathAttributes {
  readonly origin: Origin;
  readonly asPath: readonly AsPathSegment[];
  readonly med?: number;
  readonly localPref?: number;
  readonly atomicAggregate?: boolean;
  /** `address` is unsigned 32 bits. */
  readonly aggregator?: { readonly asn: number; readonly address: number };
  /** RFC 1997, unsigned 32 bits each. */
  readonly communities?: readonly number[];
  /** RFC 4456, a BGP Identifier as unsigned 32 bits. */
  readonly originatorId?: number;
  readonly clusterList?: readonly number[];
  /** RFC 4360, 8 octets each as 16 hex digits. */
  readonly extendedCommunities?: readonly string[];
  /** RFC 8092: global administrator, local data 1, local data 2. */
  readonly largeCommunities?: readonly (readonly [number, number, number])[];
  /** RFC 4271 §5: types above that came with the Partial bit, in order. It stays on whatever becomes of the value. */
  readonly partial?: readonly number[];
  /** What this build does not interpret, in type order, with the flags that came (Partial included). */
  readonly unknown?: readonly { readonly flags: number; readonly type: number; readonly value: Uint8Array }[];
}
