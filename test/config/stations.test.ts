/** `bmp`: stations as the file names them, every mistake with its place, and back to a file again. */
import { describe, expect, it } from 'vitest';
import { diffConfigurations } from '../../src/config/diff.ts';
import { loadConfig } from '../../src/config/load.ts';
import { renderConfig } from '../../src/config/render.ts';
import { load } from './example.ts';

const router = 'version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1 }\n';
const stationsOf = (text: string) => load(router + text).instances[0].stations;

describe('bmp', () => {
  it('fills in what is not said', () => {
    const [station] = stationsOf('bmp: [{ station: "192.0.2.9:11019" }]') ?? [];
    expect(station).toMatchObject({
      name: '192.0.2.9:11019',
      port: 11019,
      monitor: new Set(['pre-policy']),
      statisticsSeconds: 60,
      localAddress: undefined,
    });
    expect(String(station.address)).toBe('192.0.2.9');
  });

  it('takes everything that can be said, 0s for no statistics', () => {
    const keys = 'name: main, monitor: [post-policy, loc-rib], statistics: 0s, localAddress: "2001:db8::1"';
    const [station] = stationsOf(`bmp: [{ station: "[2001:db8::9]:5000", ${keys} }]`) ?? [];
    expect(station).toMatchObject({ name: 'main', port: 5000, statisticsSeconds: undefined });
    expect([...station.monitor]).toEqual(['post-policy', 'loc-rib']);
    expect(String(station.localAddress)).toBe('2001:db8::1');
  });

  it.each([
    ['{ station: "*:5000" }', 'bmp.0.station', '"*" is none to connect to'],
    ['{ station: 192.0.2.9 }', 'bmp.0.station', 'needs a port'],
    ['{ name: a }', 'bmp.0.station', ''],
    ['{ station: "192.0.2.9:1", monitor: [] }', 'bmp.0.monitor', 'an empty list monitors nothing'],
    ['{ station: "192.0.2.9:1", monitor: [adj-rib-out] }', 'bmp.0.monitor.0', 'pre-policy'],
    ['{ station: "192.0.2.9:1", statistics: 60 }', 'bmp.0.statistics', 'write 60s'],
    ['{ station: "192.0.2.9:1", localAddress: "2001:db8::1" }', 'bmp.0.localAddress', 'is IPv6'],
    ['{ station: "192.0.2.9:1" }, { station: "192.0.2.9:1" }', 'bmp.1.station', 'was given before'],
    [
      '{ station: "192.0.2.9:1", name: a }, { station: "192.0.2.9:2", name: a }',
      'bmp.1.name',
      'was given before',
    ],
  ])('refuses %s', (text, path, words) => {
    const result = loadConfig(`${router}bmp: [${text}]`, 'bad.yaml');
    const problems = result.ok ? [] : result.problems;
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0].message).toContain(words);
  });

  it('comes back from the text it is shown as, for the default instance and for a tenant', () => {
    const bmp =
      'bmp: [{ station: "192.0.2.9:1", name: a, monitor: [loc-rib] }, { station: "[2001:db8::9]:2" }]';
    const tenant = `tenants: [{ name: contoso, asn: 65001, routerId: 10.0.0.2, listen: [], ${bmp} }]`;
    const first = load(`${router}${bmp}\n${tenant}`);
    const again = load(renderConfig(first));
    expect(again.instances.map(({ stations }) => stations)).toEqual(
      first.instances.map(({ stations }) => stations),
    );
    expect(first.instances[1].stations).toHaveLength(2);
  });

  it('touches no session when it changes', () => {
    const before = load(
      `${router}bmp: [{ station: "192.0.2.9:1", name: a }, { station: "192.0.2.9:2", name: b }]`,
    );
    const after = load(
      `${router}bmp: [{ station: "192.0.2.9:1", name: a, statistics: 5s }, { station: "192.0.2.9:3", name: c }]`,
    );
    const { lines } = diffConfigurations(before, after);
    expect(lines.map(({ change, subject }) => `${change} ${subject}`)).toEqual([
      'change station a',
      'remove station b',
      'add station c',
    ]);
    for (const { effect } of lines) expect(effect).toContain('no session is touched');
  });
});
