import { describe, expect, it } from 'vitest';
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { decodePathAttributes } from '../../src/wire/attributes/decode-attributes.ts';
import { type AttributeContext, UpdateView } from '../../src/wire/update.ts';
import { decodeUpdate } from '../../src/wire/update-decode.ts';
import { encodeEndOfRib, encodeUpdate } from '../../src/wire/update-encode.ts';

const context: AttributeContext = {
  fourOctetAs: true,
  external: false,
  families: new Set([ipv4Unicast, ipv6Unicast]),
  addPathReceive: new Set(),
  extendedNextHop: new Set(),
};

describe('decodeUpdate', () => {
  it('reads what encodeUpdate wrote', () => {
    const attributes = {
      origin: 'igp',
      asPath: [{ type: 'sequence', asns: [65001, 4200000000] }],
      med: 7,
      localPref: 100,
      communities: [1, 2],
      unknown: [{ flags: 0xc0, type: 30, value: new Uint8Array(300) }],
    } as const;
    for (const asNumbers of ['two-octet', 'four-octet'] as const) {
      const bytes = encodeUpdate({
        asNumbers,
        attributes,
        nextHop: IpAddress.parse('10.0.0.1') as IpAddress,
        withdrawn: ['10.0.0.0/8'],
        announced: ['192.0.2.0/24', '0.0.0.0/0'],
      });
      const view = new UpdateView();
      decodeUpdate(view, bytes, 0, bytes.length, { ...context, fourOctetAs: asNumbers === 'four-octet' });
      expect(view.faults).toEqual([]);
      expect(decodePathAttributes(view.canonical, 0, view.canonicalLength)).toEqual(attributes);
    }
  });
  it('knows End-of-RIB', () => {
    for (const family of [ipv4Unicast, ipv6Unicast]) {
      const bytes = encodeEndOfRib(family);
      const view = new UpdateView();
      decodeUpdate(view, bytes, 0, bytes.length, context);
      expect(view.endOfRib).toBe(family);
    }
  });
});
