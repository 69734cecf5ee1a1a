/**
 * The small integers that stand for everything a RIB holds. Each is an index into the typed columns of one
 * table of one instance; 0 is never given out, so that an untouched (zero) cell means "none".
 * Ids never cross from one instance to another.
 */

declare const brand: unique symbol;
type Id<Name extends string> = number & { readonly [brand]?: Name };

/** A peer of the instance; 0 stands for the instance itself (locally originated routes). At most 65,535. */
export type PeerId = Id<'PeerId'>;
/** A destination: one NLRI key of one family. */
export type NlriId = Id<'NlriId'>;
/** A set of path attributes in canonical form, without its next hop. */
export type AttributesId = Id<'AttributesId'>;
/** A next hop; 0 stands for "our own address on the session that sends it". */
export type NextHopId = Id<'NextHopId'>;
/** What one source says of its destinations: (source peer, attributes, next hop, flags). */
export type PathId = Id<'PathId'>;
/** One route: (source peer, NLRI, received path identifier). Also the path identifier we send (RFC 7911). */
export type RouteId = Id<'RouteId'>;

/** The source of locally originated routes. */
export const localPeer: PeerId = 0;
/** The next hop that each session replaces by its own address. */
export const selfNextHop: NextHopId = 0;
