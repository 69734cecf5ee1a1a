/** A reflector's BMP stream, as heliod writes it, read as the controller reads it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BmpError } from '../../src/bmp/decode.ts';
import {
  encodeInitiation,
  encodePeerDown,
  encodeRouteMonitoring,
  encodeTermination,
} from '../../src/bmp/encode.ts';
import { InformationType, PeerType } from '../../src/bmp/messages.ts';
import { identityText } from '../../src/controller/agent-protocol.ts';
import type { RouteFeed } from '../../src/controller/observations.ts';
import { RouteFeedReceiver } from '../../src/controller/route-feed.ts';
import { encodeEndOfRib } from '../../src/wire/update-encode.ts';
import { internalRoutes, prefixes } from '../simulation/scenes.ts';
import { bothFamilies } from '../support/settings.ts';
import { identity, Reflector } from './reflector.ts';

function receiver(admits = () => true) {
  const feeds: RouteFeed[] = [];
  const feed: RouteFeedReceiver = new RouteFeedReceiver({
    admits,
    changed: () => void feeds.push(...[feed.table].filter((table) => table !== undefined)),
  });
  return { feed, feeds, last: () => feeds[feeds.length - 1] };
}

const prefixOf = (feed: RouteFeed | undefined) => feed?.routes.map(({ prefix }) => prefix).sort();

describe('the feed of a reflector', () => {
  it('is its Loc-RIB with next hops and MEDs, and says when it is whole', () => {
    const reflector = new Reflector();
    reflector.site.update(internalRoutes(prefixes(3), { med: 7 }));
    const { feed, last } = receiver();
    feed.received(reflector.written());
    expect(last()).toMatchObject({ ...identity, endOfRib: true });
    expect(last()?.routes).toHaveLength(3);
    expect(new Set(last()?.routes.map(({ metric }) => metric))).toEqual(new Set([7]));
    const listed = reflector.bench.management.peer('10.0.0.2');
    expect(listed.state).toBe('established');
    reflector.site.drop();
    feed.received(reflector.written());
    expect(last()).toMatchObject({ endOfRib: true, routes: [] });
  });

  it('does not depend on how the stream is cut, and ends as the table does', () => {
    const change = fc.record({ count: fc.integer({ min: 1, max: 5 }), from: fc.nat(8), drop: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 90 })),
        (changes, cuts) => {
          const reflector = new Reflector();
          const { feed, last } = receiver();
          const twin = new Set<string>();
          for (const { count, from, drop } of changes) {
            const routes = prefixes(count, from);
            reflector.site.update(drop ? { withdrawn: routes } : internalRoutes(routes));
            for (const prefix of routes) drop ? twin.delete(prefix.toString()) : twin.add(prefix.toString());
            let bytes = reflector.written();
            for (const cut of cuts) {
              feed.received(bytes.subarray(0, cut));
              bytes = bytes.subarray(cut);
            }
            feed.received(bytes);
          }
          feed.received(reflector.written());
          expect(prefixOf(last())).toEqual([...twin].sort());
          expect(last()?.endOfRib).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('an empty table is no news before its End-of-RIB', () => {
    const reflector = new Reflector();
    const { feed, feeds } = receiver();
    const bytes = reflector.written();
    // Its last message is the last End-of-RIB.
    for (const octet of bytes.subarray(0, -1)) feed.received(Uint8Array.of(octet));
    expect(feeds.some(({ endOfRib }) => endOfRib)).toBe(false);
    feed.received(bytes.subarray(-1));
    expect(feeds.at(-1)).toMatchObject({ endOfRib: true, routes: [] });
  });

  it('is refused under an older epoch, at the start and later', () => {
    const reflector = new Reflector();
    expect(() => receiver(() => false).feed.received(reflector.written())).toThrow(/newer epoch/);
    let admitted = true;
    const { feed } = receiver(() => admitted);
    const second = new Reflector();
    feed.received(second.written());
    admitted = false;
    second.site.update(internalRoutes(prefixes(1)));
    expect(() => feed.received(second.written())).toThrow(/newer epoch/);
  });

  it('the peer of the Loc-RIB that goes takes its routes, without an End-of-RIB', () => {
    const reflector = new Reflector();
    reflector.site.update(internalRoutes(prefixes(2)));
    const { feed, last } = receiver();
    feed.received(reflector.written());
    const peer = {
      type: PeerType.locRib,
      flags: 0,
      distinguisher: new Uint8Array(8),
      address: undefined,
      asn: 65000,
      bgpIdentifier: 1,
    };
    feed.received(encodePeerDown(peer, { type: 'table-closed', tableName: 'contoso' }, 0));
    expect(last()).toMatchObject({ endOfRib: false, routes: [] });
    expect(() => feed.received(encodeRouteMonitoring(peer, encodeEndOfRib(bothFamilies[0]), 0))).toThrow(
      /Peer Up/,
    );
  });

  const said = encodeInitiation([{ type: InformationType.string, text: identityText(identity) }]);
  it.each([
    ['another protocol', Uint8Array.from([22, 3, 1, 0, 0, 0, 0]), /version 22/],
    ['a length below the header', Uint8Array.from([3, 0, 0, 0, 5, 4]), /5 octets/],
    ['an endless message', Uint8Array.from([3, 0x7f, 0, 0, 0, 4]), /octets/],
    ['no Initiation', encodeTermination(0), /does not begin/],
    ['an Initiation of somebody else', encodeInitiation([{ type: 2, text: 'router' }]), /whose/],
    ['a TLV that is cut', Uint8Array.from([3, 0, 0, 0, 9, 4, 0, 0, 9]), /cut/],
    [
      'a per-peer header that is cut',
      Buffer.concat([said, Uint8Array.from([3, 0, 0, 0, 8, 0, 1, 1])]),
      /cut/,
    ],
  ])('%s ends the connection with the reason', (_, bytes, reason) => {
    const { feed, feeds } = receiver();
    expect(() => feed.received(bytes)).toThrow(BmpError);
    expect(() => receiver().feed.received(bytes)).toThrow(reason);
    expect(feeds).toEqual([]);
  });
});
