/** md5, ttlSecurity and ttl: from keys to settings and back, what is refused and where, what the machine is asked. */
import { describe, expect, it } from 'vitest';
import type { MachineFacts } from '../../src/config/configuration.ts';
import { diffConfigurations } from '../../src/config/diff.ts';
import { loadConfig } from '../../src/config/load.ts';
import { renderConfig } from '../../src/config/render.ts';
import { load } from './example.ts';

const head = 'version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1 }\n';
const peer = (keys: string) => `${head}peers:\n  - { address: 10.0.0.2, remoteAs: 65000, ${keys} }\n`;

function problems(text: string, facts: Partial<MachineFacts> = {}): string[] {
  const result = loadConfig(text, 'h.yaml', { hostName: 'test', ...facts });
  return result.ok ? [] : result.problems.map((problem) => problem.text);
}

function transport(text: string) {
  return load(text).instances[0].peers.at(-1)?.transport;
}

describe('settings', () => {
  it.each([
    ['nothing', 'passive: false', {}],
    ['md5', 'md5: { keyFile: /k }', { md5KeyFile: '/k' }],
    ['ttlSecurity', 'ttlSecurity: true', { ttlSecurityHops: 1 }],
    ['ttlSecurity of more hops', 'ttlSecurity: { hops: 254 }', { ttlSecurityHops: 254 }],
    ['ttl', 'ttl: 255', { ttl: 255 }],
    ['md5 with ttl', 'md5: { keyFile: /k }, ttl: 1', { md5KeyFile: '/k', ttl: 1 }],
    ['switched off', 'md5: false, ttlSecurity: false', {}],
  ])('%s', (_title, keys, expected) => {
    const none = { md5KeyFile: undefined, ttlSecurityHops: undefined, ttl: undefined };
    const first = load(peer(keys));
    expect(first.instances[0].peers[0].transport).toEqual({ ...none, ...expected });
    expect(load(renderConfig(first)).instances[0]).toEqual(first.instances[0]);
  });

  it('a peer takes its group’s, replaces it, or switches it off', () => {
    const group = `${head}peerGroups: [ { name: g, remoteAs: 65000, md5: { keyFile: /k }, ttlSecurity: { hops: 2 } } ]\n`;
    const of = (keys: string) => transport(`${group}peers: [ { address: 10.0.0.2, group: g ${keys} } ]\n`);
    expect(of('')).toMatchObject({ md5KeyFile: '/k', ttlSecurityHops: 2 });
    expect(of(', md5: { keyFile: /l }')).toMatchObject({ md5KeyFile: '/l', ttlSecurityHops: 2 });
    expect(of(', md5: false, ttlSecurity: false, ttl: 3')).toMatchObject({
      md5KeyFile: undefined,
      ttlSecurityHops: undefined,
      ttl: 3,
    });
  });
});

describe('a mistake', () => {
  it.each([
    ['md5: secret', '4:48: peers.0.md5: expected false or { keyFile: path }, not "secret"'],
    ['md5: { keyFile: key }', '4:59: peers.0.md5.keyFile: expected an absolute path, not "key"'],
    ['md5: {}', '4:48: peers.0.md5.keyFile: this key is missing'],
    ['ttlSecurity: 2', '4:56: peers.0.ttlSecurity: expected true, false or { hops: N }, not 2'],
    [
      'ttlSecurity: { hops: 255 }',
      '4:64: peers.0.ttlSecurity.hops: expected a number of hops from 1 to 254, not 255',
    ],
    ['ttl: 0', '4:48: peers.0.ttl: expected a TTL from 1 to 255, not 0'],
    [
      'ttlSecurity: true, ttl: 1',
      '4:67: peers.0.ttl: ttl and ttlSecurity exclude each other: with ttlSecurity we send with TTL 255',
    ],
  ])('%s', (keys, expected) => {
    expect(problems(peer(keys))).toEqual([`h.yaml:${expected}`]);
  });

  it('a group and its peer contradict each other where the peer says so', () => {
    const text = `${head}peerGroups: [ { name: g, remoteAs: 65000, ttlSecurity: true } ]\npeers: [ { address: 10.0.0.2, group: g, ttl: 1 } ]\n`;
    expect(problems(text)).toEqual([expect.stringMatching(/^h\.yaml:4:46: peers\.0\.ttl: ttl and /)]);
  });

  it('a peer without a key lies in a range that has one', () => {
    const text = `${head}peers:\n  - { address: 10.9.0.1, remoteAs: 65000 }\n  - { address: 10.9.0.2, remoteAs: 65000, md5: { keyFile: /k } }\n  - { address: 10.8.0.1, remoteAs: 65000 }\ndynamicPeers:\n  - { range: 10.9.0.0/16, remoteAs: 65000, md5: { keyFile: /k } }\n  - { range: 10.9.1.0/24, remoteAs: 65000 }\n`;
    const words = 'has no md5, and lies in 10.9.0.0/16 (dynamicPeers.0), which has: give it a key too';
    expect(problems(text)).toEqual([
      `h.yaml:4:5: peers.0: this peer ${words}`,
      `h.yaml:9:5: dynamicPeers.1: this range ${words}`,
    ]);
  });
});

describe('the machine', () => {
  const two = `${head}peerGroups: [ { name: g, remoteAs: 65000, md5: { keyFile: /k } } ]\npeers: [ { address: 10.0.0.2, group: g }, { address: 10.0.0.3, group: g } ]\n`;

  it('is asked about a key file, and what it says is told once, where the file is named', () => {
    const keyFileProblem = (path: string) => `md5 key file ${path} does not exist`;
    expect(problems(two, { keyFileProblem })).toEqual([
      'h.yaml:3:59: peerGroups.0.md5.keyFile: md5 key file /k does not exist',
    ]);
    expect(problems(two, { keyFileProblem: () => undefined })).toEqual([]);
  });

  it.each(['md5: { keyFile: /k }', 'ttlSecurity: true', 'ttl: 3'])('refuses %s without koffi', (keys) => {
    const socketProblem = () => 'needs the package koffi';
    const key = keys.split(':')[0];
    expect(problems(peer(keys), { socketProblem })).toEqual([
      expect.stringMatching(new RegExp(`peers\\.0\\.${key}: ${key} needs the package koffi$`)),
    ]);
    expect(problems(peer('passive: true'), { socketProblem })).toEqual([]);
  });
});

describe('a reload', () => {
  it.each([
    ['another key file', 'md5: { keyFile: /k }', 'md5: { keyFile: /l }', 'no session is touched'],
    ['a first key', 'passive: false', 'md5: { keyFile: /l }', 'no session is touched'],
    ['GTSM', 'passive: false', 'ttlSecurity: true', 'session resets'],
    ['TTL', 'ttl: 1', 'ttl: 2', 'session resets'],
  ])('says what %s does', (_title, before, after, effect) => {
    const { lines } = diffConfigurations(load(peer(before)), load(peer(after)));
    expect(lines.map((line) => line.effect)).toEqual([effect]);
  });
});
