/** Next hops of an external peer one hop away: which are asked about at all, and which are in a subnet we share. */
import { describe, expect, it } from 'vitest';
import { linkTo } from '../../src/speaker/link.ts';
import { address, prefix } from '../support/settings.ts';

const none = { md5KeyFile: undefined, ttlSecurityHops: undefined, ttl: undefined };
const near = { ...none, ttl: 1 };
const interfaces = [
  { name: 'lo', addresses: [prefix('127.0.0.1/8'), prefix('::1/128')] },
  { name: 'eth0', addresses: [prefix('192.0.2.1/24'), prefix('fe80::1/64')] },
  { name: 'eth1', addresses: [prefix('198.51.100.1/24'), prefix('2001:db8:1::1/64')] },
];
const has = (peer: string, nextHop: readonly string[]) =>
  linkTo(address(peer), near, interfaces)?.has(
    Uint8Array.from(nextHop.flatMap((text) => [...address(text).bytes])),
  );

describe('the link to a peer', () => {
  it.each([
    ['nothing said', none, '192.0.2.2'],
    ['two hops', { ...none, ttlSecurityHops: 2 }, '192.0.2.2'],
    ['a TTL of 2', { ...none, ttl: 2 }, '192.0.2.2'],
    ['another subnet', near, '203.0.113.2'],
    ['loopback', near, '127.0.0.2'],
    ['an IPv6 peer by its link-local address', near, 'fe80::2'],
  ])('is not known: %s', (_why, transport, peer) => {
    expect(linkTo(address(peer), transport, interfaces)).toBeUndefined();
  });

  it.each([
    [true, '192.0.2.2', ['192.0.2.2']],
    [true, '192.0.2.2', ['192.0.2.200']],
    [true, '192.0.2.2', ['198.51.100.9']],
    [false, '192.0.2.2', ['203.0.113.9']],
    [true, '192.0.2.2', ['2001:db8:9::9']],
    [true, '2001:db8:1::2', ['2001:db8:1::2']],
    [true, '2001:db8:1::2', ['2001:db8:1::9', 'fe80::9']],
    [false, '2001:db8:1::2', ['2001:db8:2::9', 'fe80::9']],
    [true, '2001:db8:1::2', ['203.0.113.9']],
  ])('%s for peer %s: next hop %o', (allowed, peer, nextHop) => {
    expect(has(peer, nextHop)).toBe(allowed);
  });

  it('counts with GTSM of one hop too, and is the same for the same subnets', () => {
    const peer = address('192.0.2.2');
    const one = linkTo(peer, { ...none, ttlSecurityHops: 1 }, interfaces);
    expect(one?.key).toBe(linkTo(peer, near, [...interfaces].reverse())?.key);
    expect(one?.key).toBe('192.0.2.1/24 198.51.100.1/24');
  });
});
