/** Socket options octet by octet, and who gets which: the layouts are those of linux/tcp.h and netinet/in.h. */
import { describe, expect, it } from 'vitest';
import { AccessTable, accessOf } from '../../src/runtime/access.ts';
import { localInterfaces, machineFacts } from '../../src/runtime/machine.ts';
import { load, SystemCallError } from '../../src/runtime/native/libc.ts';
import {
  bindToDevice,
  keepSyn,
  leastTimeToLive,
  leastTtlAfter,
  md5Key,
  networkControl,
  packetTtl,
  socketAddress,
  timeToLive,
} from '../../src/runtime/native/socket-options.ts';
import { Transport } from '../../src/runtime/transport.ts';
import { placeProblem } from '../../src/runtime/transport-check.ts';
import { address, instanceSettings, peerSettings, prefix, routerSettings } from '../support/settings.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const shape = ({ level, name, value }: ReturnType<typeof timeToLive>) => [level, name, hex(value)];

const router = routerSettings({ routerId: 1 });

describe('options', () => {
  it.each([
    ['IP_TOS', networkControl(4), [0, 1, 'c0000000']],
    ['IPV6_TCLASS', networkControl(6), [41, 67, 'c0000000']],
    ['IP_TTL', timeToLive(4, 255), [0, 2, 'ff000000']],
    ['IP_TTL of the system', timeToLive(4, undefined), [0, 2, 'ffffffff']],
    ['IPV6_UNICAST_HOPS', timeToLive(6, 1), [41, 16, '01000000']],
    ['IP_MINTTL', leastTimeToLive(4, leastTtlAfter(1)), [0, 21, 'ff000000']],
    ['IPV6_MINHOPCOUNT', leastTimeToLive(6, leastTtlAfter(254)), [41, 73, '02000000']],
    ['TCP_SAVE_SYN', keepSyn(), [6, 27, '01000000']],
    ['SO_BINDTODEVICE', bindToDevice('vrf-a'), [1, 25, '7672662d6100']],
  ])('%s', (_title, option, expected) => {
    expect(shape(option)).toEqual(expected);
  });

  it.each([
    ['IPv4', `45c0003c1a2b4000fe06${'00'.repeat(10)}`, 254],
    ['IPv6', `6c00000000280640${'00'.repeat(32)}`, 64],
    ['none', '', undefined],
    ['something else', '0011223344556677', undefined],
  ])('the TTL of a kept SYN: %s', (_title, packet, ttl) => {
    expect(packetTtl(Buffer.from(packet, 'hex'))).toBe(ttl);
  });

  it('addresses', () => {
    expect(hex(socketAddress(address('192.0.2.1'), 179))).toBe(`020000b3c0000201${'00'.repeat(8)}`);
    expect(hex(socketAddress(address('2001:db8::1'), 179))).toBe(
      `0a0000b300000000${'20010db8000000000000000000000001'}00000000`,
    );
  });

  it('a key for a prefix, IPv4', () => {
    const { level, name, value, words } = md5Key(prefix('10.9.0.0/16'), Buffer.from('abc'));
    expect([level, name, value.length]).toEqual([6, 32, 216]);
    expect(hex(value.subarray(0, 16))).toBe(`020000000a090000${'00'.repeat(8)}`);
    expect(hex(value.subarray(128, 140))).toBe('011003000000000061626300');
    expect(words).toBe('TCP_MD5SIG_EXT for 10.9.0.0/16');
  });

  it('no key for an address, IPv6: the length of the key is zero', () => {
    const { value } = md5Key(prefix('2001:db8::1/128'), undefined);
    expect(hex(value.subarray(0, 28))).toBe(`0a00000000000000${'20010db8000000000000000000000001'}00000000`);
    expect(hex(value.subarray(128, 140))).toBe('018000000000000000000000');
  });
});

describe('access', () => {
  const transport = (md5KeyFile: string) => ({ md5KeyFile, ttlSecurityHops: undefined, ttl: undefined });
  const template = (keyFile: string) => peerSettings('10.0.0.1', { transport: transport(keyFile) });
  const peers = [peerSettings('10.9.1.1', { transport: transport('/peer') }), peerSettings('2001:db8::1')];
  const settings = instanceSettings(router, peers, {
    dynamicPeers: [
      { range: prefix('10.0.0.0/8'), limit: 1, template: template('/wide') },
      { range: prefix('10.9.1.0/24'), limit: 1, template: template('/narrow') },
    ],
  });

  it('a peer goes before a range, a longer range before a shorter one', () => {
    const table = new AccessTable(accessOf(settings));
    const keyFile = (from: string) => table.find(address(from))?.transport.md5KeyFile;
    expect(['10.9.1.1', '10.9.1.2', '10.9.2.1', '11.0.0.1', '2001:db8::1'].map(keyFile)).toEqual([
      '/peer',
      '/narrow',
      '/wide',
      undefined,
      undefined,
    ]);
    expect(table.find(address('2001:db8::2'))).toBeUndefined();
  });

  it('TCP gives up after the speaker would have, and never where it would not', () => {
    const [long] = accessOf(settings);
    expect(long.userTimeoutMilliseconds).toBe(490_000);
    const timers = { ...peerSettings('10.0.0.2').timers, sendHoldSeconds: 0 };
    const [never] = accessOf(instanceSettings(router, [peerSettings('10.0.0.2', { timers })]));
    expect(never.userTimeoutMilliseconds).toBe(0);
  });
});

describe('without koffi', () => {
  const missing = load(() => {
    throw new Error("Cannot find module 'koffi'\nRequire stack: ...");
  }, 'linux');
  const problem = missing.ok ? '' : missing.problem;
  const native = { ok: false, problem } as const;

  it('says what is missing and what helps', () => {
    expect(problem).toBe(
      'needs the package koffi, which cannot be loaded (Cannot find module \'koffi\'): install it with "npm install koffi", and do not leave out optional dependencies',
    );
    expect(load(() => ({}), 'darwin')).toEqual({ ok: false, problem: 'needs Linux, and this is darwin' });
  });

  it('only what needs it is refused', () => {
    const sockets = new Transport({ type: 'host' }, native);
    sockets.use(accessOf(instanceSettings(router, [peerSettings('10.0.0.1')])));
    const transport = { md5KeyFile: undefined, ttlSecurityHops: 1, ttl: undefined };
    const wanting = instanceSettings(router, [peerSettings('10.0.0.1', { transport })]);
    expect(() => sockets.use(accessOf(wanting))).toThrow(
      `md5, ttlSecurity or ttl of 10.0.0.1/32: ${problem}`,
    );
    expect(machineFacts(native).socketProblem()).toBe(problem);
    expect(localInterfaces({ type: 'netns', name: 'x' }, native)).toEqual([]);
    expect(placeProblem({ type: 'netns', name: 'x' }, native)).toBe(`network namespace x ${problem}`);
    expect(placeProblem({ type: 'host' }, native)).toBeUndefined();
  });
});

describe('with koffi', () => {
  it('an unknown namespace, an unknown device and a bad key file are told', () => {
    const facts = machineFacts();
    expect(facts.socketProblem()).toBeUndefined();
    expect(facts.placeProblem({ type: 'netns', name: 'hg-none' })).toBe(
      'network namespace hg-none does not exist',
    );
    expect(facts.keyFileProblem('/nowhere/key')).toBe('md5 key file /nowhere/key does not exist');
    expect(placeProblem({ type: 'device', name: 'hg-none' })).toBe('device hg-none does not exist');
    expect(placeProblem({ type: 'device', name: 'lo' })).toBeUndefined();
  });

  it('a failed call carries the code that Node would give', () => {
    expect(new SystemCallError('bind', 98)).toMatchObject({
      code: 'EADDRINUSE',
      message: 'bind: EADDRINUSE',
    });
  });
});
