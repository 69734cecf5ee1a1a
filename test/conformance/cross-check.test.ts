/** Two other decoders read the tester's octets: the speaker's own, and tshark where it is installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { announcement } from '../../conformance/engine/routes.ts';
import { Transcript } from '../../conformance/engine/transcript.ts';
import { pcapng } from '../../conformance/report/pcapng.ts';
import { hex } from '../../conformance/wire/bytes.ts';
import * as m from '../../conformance/wire/messages.ts';
import { decodeControlMessage } from '../../src/wire/control-message.ts';

const capabilities = [m.multiprotocol(1), m.multiprotocol(2), m.refreshCapability, m.fourOctetAs(70000)];
const open = (packing: m.Packing) =>
  m.open({ asn: 70000, id: '10.1.0.1', holdSeconds: 30, capabilities, packing });
const sender = { asn: 65001, internal: false, width: 4 } as const;

describe('the speaker reads what the tester writes', () => {
  it.each(['one', 'each', 'extended'] as const)('OPEN, capabilities packed as %s', (packing) => {
    const bytes = open(packing);
    const message = decodeControlMessage(bytes, 0, bytes.length, 1);
    expect(message).toMatchObject({ type: 'open', version: 4, myAs: 23456, holdTimeSeconds: 30 });
    expect(message).toHaveProperty('capabilities.length', capabilities.length);
  });

  it('NOTIFICATION', () => {
    const bytes = m.notification(6, 2, hex('0141'));
    expect(decodeControlMessage(bytes, 0, bytes.length, 3)).toMatchObject({
      code: 6,
      subcode: 2,
      data: hex('0141'),
    });
  });
});

const tshark = spawnSync('tshark', ['--version']).status === 0;

describe.skipIf(!tshark)('tshark reads what the tester writes', () => {
  it('each message, from the capture file the tester makes', () => {
    const transcript = new Transcript();
    transcript.endpoint('e1', {
      local: '127.1.0.1',
      localPort: 50000,
      remote: '127.0.0.1',
      remotePort: 33333,
    });
    const route = { path: [65001, 70000], med: 7, communities: [0xfde90001] };
    const sent = [
      open('one'),
      m.keepalive(),
      announcement(sender, ['10.2.3.0/24'], route),
      announcement(sender, ['2001:db8:1::/48'], route),
      m.routeRefresh(1, 1),
      m.notification(6, 2),
    ];
    for (const bytes of sent) transcript.bytes('sent', 'e1', bytes);
    const directory = mkdtempSync(join(tmpdir(), 'helio-cross-'));
    const file = join(directory, 'session.pcapng');
    writeFileSync(file, pcapng(transcript, 'cross-check'));
    const fields = [
      'bgp.type',
      'bgp.nlri_prefix',
      'bgp.mp_reach_nlri_ipv6_prefix',
      'bgp.update.path_attribute.as_path_segment.as4',
    ];
    const args = ['-r', file, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
    const text = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const malformed = execFileSync('tshark', ['-r', file, '-Y', '_ws.malformed'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    rmSync(directory, { recursive: true });
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows.map(([type]) => type)).toEqual(['1', '4', '2', '2', '5', '3']);
    expect(rows[2]?.[1]).toBe('10.2.3.0');
    expect(rows[3]?.[2]).toBe('2001:db8:1::');
    expect(rows[2]?.[3]).toBe('65001,70000');
    expect(malformed).toBe('');
  });
});
