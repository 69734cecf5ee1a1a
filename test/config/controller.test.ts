/** The `controller` block: from keys to settings and back, what is refused and where, what a reload does with it. */
import { describe, expect, it } from 'vitest';
import { diffConfigurations } from '../../src/config/diff.ts';
import { loadConfig } from '../../src/config/load.ts';
import { renderConfig } from '../../src/config/render.ts';
import { load } from './example.ts';

const block = (keys: string) => `version: 1\ncontroller: { ${keys} }\n`;
const whole = 'gateway: gw1, endpoints: ["https://c.example:8180"], tokenFile: /etc/t';

function said(text: string) {
  const result = loadConfig(text, 'h.yaml', { hostName: 'test' });
  return (result.ok ? result.warnings : result.problems).map((problem) => problem.text);
}

describe('settings', () => {
  it('have their defaults, without a router block', () => {
    const { controller, instances } = load(block(whole));
    expect(instances).toEqual([]);
    expect(controller).toEqual({
      gateway: 'gw1',
      endpoints: ['https://c.example:8180'],
      tokenFile: '/etc/t',
      secretsDirectory: '/etc/heliod/secrets',
      interfaces: [],
    });
  });

  it.each([
    '',
    ', secretsDirectory: /keys',
    ', interfaces: [{ vlan: 101, interface: eth1.101 }, { vlan: 7, interface: bond0 }]',
  ])('are the same when they are written out and read again%s', (keys) => {
    const first = load(block(whole + keys));
    expect(load(renderConfig(first)).controller).toEqual(first.controller);
  });

  it('are none without the block', () => {
    const text = 'version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1 }\n';
    expect(load(text).controller).toBeUndefined();
  });
});

describe('a mistake', () => {
  it.each([
    ['', 'controller.gateway: this key is missing'],
    [`${whole.replace('gw1', 'GW_1')}`, 'controller.gateway: "GW_1" is no name of a gateway'],
    [`${whole.replace('gw1', '../x')}`, 'controller.gateway: "../x" is no name of a gateway'],
    [
      `${whole.replace('"https://c.example:8180"', '')}`,
      'controller.endpoints: at least one endpoint is needed',
    ],
    [`${whole.replace('https', 'ftp')}`, 'controller.endpoints.0: expected a URL such as'],
    [`${whole.replace(':8180', ':8180/v1')}`, 'controller.endpoints.0: expected a URL such as'],
    [
      `${whole.replace('c.example', 'me:secret@c.example')}`,
      'controller.endpoints.0: expected a URL such as',
    ],
    [`${whole.replace('/etc/t', 't')}`, 'controller.tokenFile: expected an absolute path'],
    [`${whole}, secretsDirectory: keys`, 'controller.secretsDirectory: expected an absolute path'],
    [`${whole}, interface: []`, 'controller.interface: unknown key (did you mean "interfaces"?)'],
    [
      `${whole}, interfaces: [{ vlan: 0, interface: a }]`,
      'controller.interfaces.0.vlan: expected a VLAN from 1',
    ],
    [
      `${whole}, interfaces: [{ vlan: 1, interface: a }, { vlan: 1, interface: b }]`,
      'controller.interfaces.1.vlan: 1 was given before',
    ],
    [
      `${whole}, interfaces: [{ vlan: 1, interface: "much-too-long-a-name" }]`,
      'controller.interfaces.0.interface: ',
    ],
  ])('in { %s } is told with its place', (keys, words) => {
    const lines = said(block(keys));
    expect(
      lines.some((line) => /^h\.yaml:2:\d+: /.test(line) && line.includes(words)),
      lines.join('\n'),
    ).toBe(true);
  });

  it('a way that is not encrypted is a warning', () => {
    const text = block(whole.replace('https', 'http'));
    expect(said(text)).toEqual([expect.stringContaining('token and state go there unencrypted')]);
  });
});

it('a reload tells that the block counts at the next start', () => {
  const before = load(block(whole));
  const after = load(block(whole.replace('gw1', 'gw2')));
  expect(diffConfigurations(before, before).lines).toEqual([]);
  expect(diffConfigurations(before, after).lines).toMatchObject([
    { change: 'change', subject: 'controller' },
  ]);
});
