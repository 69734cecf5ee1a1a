/** A router that somebody else configures: what is printed for its operator, and the addresses that are used then. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { manualOptions, manualWords } from '../../conformance/cli/router.ts';
import { parse } from '../../conformance/cli/settings.ts';
import { profiles, roleOf } from '../../conformance/engine/profile.ts';
import { awaitRouter, instructions, manual } from '../../conformance/targets/manual.ts';

const optionsOf = (words: string) =>
  manualOptions(parse(['--target', 'manual', ...words.split(' ').filter(Boolean)]));

describe('a manual target', () => {
  it('tells a router elsewhere which neighbours to expect, and uses those addresses', () => {
    const options = optionsOf('--address 192.0.2.1 --network 10.77.0.0/16');
    const text = instructions(options);
    expect(text).toContain('Listen on 192.0.2.1 port 179');
    expect(text).toContain('ip route add local 10.77.0.0/16 dev lo');
    expect(text).toContain('{ role: e1, from: "10.77.1.0/24", remoteAs: 65001, kind: ebgp }');
    expect(text).toContain(
      'from: "10.77.11.0/24", remoteAs: 65000, kind: client, routeReflectorClient: true',
    );
    const { single } = manual(options);
    const taken = Array.from({ length: 251 }, () => single?.takeAddress(roleOf('e1')));
    expect(new Set(taken).size).toBe(250);
    expect(taken.slice(0, 2)).toEqual(['10.77.1.1', '10.77.1.2']);
    expect(single?.takeAddress(roleOf('client'))).toBe('10.77.11.1');
  });

  it('stays in 127/8 on one machine, and among the neighbours of a static profile', () => {
    const options = optionsOf('--profile Pst');
    expect(instructions(options)).toContain('from: "127.1.0.1 to 127.1.0.60"');
    const { single } = manual(options);
    const taken = Array.from({ length: 61 }, () => single?.takeAddress(roleOf('e1')));
    expect([taken[0], taken[59], taken[60]]).toEqual(['127.1.0.1', '127.1.0.60', '127.1.0.1']);
  });

  it('has the features that its operator names, and says the same command again', () => {
    const options = optionsOf('--profile Pap --has add-path,aigp --has md5 --network 10.77.0.0/16');
    expect([...manual(options).features]).toEqual([
      'extended-optional-parameters',
      'add-path',
      'aigp',
      'md5',
    ]);
    expect(manualWords(options)).toBe(
      ' --address 127.0.0.1 --port 179 --profile Pap --network 10.77.0.0/16 --has add-path,aigp,md5',
    );
  });

  it.each([
    ['--profile P99', 'no profile P99; profiles: P0, '],
    ['--has wings', 'no feature wings; features: graceful-restart, '],
    ['--network 10.0.0.0/8', '--network wants an IPv4 network of 16 bits, such as 10.77.0.0/16'],
    ['--network 300.1.0.0/16', '--network wants an IPv4 network of 16 bits'],
    ['--profile Pact', 'profile Pact wants addresses that only a target on this machine can have'],
  ])('refuses %s, and says what would do', (words, message) => {
    expect(() => manual(optionsOf(words))).toThrow(message);
  });

  it.each(Object.keys(profiles))('says what profile %s wants as YAML too', (name) => {
    const text = instructions(optionsOf(`--profile ${name}`));
    const [prose = '', yaml = ''] = text.split('\n---\n');
    expect(prose).toContain(`Profile ${name}: `);
    const read = parseYaml(yaml.replace('\n...\n', '')) as { target: { asn: number }; neighbours: unknown[] };
    expect(read.target.asn).toBe(profiles[name as keyof typeof profiles].asn);
    expect(read.neighbours).toHaveLength(7);
  });
});

describe('waiting for a router', () => {
  const optionsAt = (port: number) => optionsOf(`--port ${port}`);
  const said: string[] = [];
  const wait = (port: number, ms: number) => awaitRouter(optionsAt(port), ms, (text) => said.push(text));

  /** A server on a free port of 127.0.0.1 that does this with each connection. */
  async function serve(behaviour: 'speaks' | 'closes') {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (behaviour === 'speaks') socket.write(new Uint8Array(19));
      else socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = server.address();
    return { port: typeof at === 'object' && at !== null ? at.port : 0, close: () => server.close() };
  }

  it('ends when it says something', async () => {
    const { port, close } = await serve('speaks');
    await expect(wait(port, 2000)).resolves.toBeUndefined();
    close();
  });

  it('says what is wrong when it does not know us, or is not there', async () => {
    const { port, close } = await serve('closes');
    await expect(wait(port, 0)).rejects.toThrow(
      'it closes the connection: is this address one of its neighb',
    );
    close();
    await expect(wait(port, 0)).rejects.toThrow(
      /^no BGP at 127\.0\.0\.1 port \d+, asked from 127\.19\.\S+: refused$/,
    );
    await expect(wait(port, 1)).rejects.toThrow('refused');
    expect(said.join('')).toContain('Waiting for the router at 127.0.0.1');
  });
});
