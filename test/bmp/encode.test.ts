/** BMP bytes: vectors by hand, a round trip through a decoder of our own, and tshark as the second opinion. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeInitiation,
  encodePeerDown,
  encodePeerUp,
  encodeRouteMonitoring,
  encodeStatisticsReport,
  encodeTermination,
} from '../../src/bmp/encode.ts';
import {
  type PeerDownReason,
  PeerFlag,
  PeerType,
  type PerPeerHeader,
  StatisticType,
  TerminationReason,
} from '../../src/bmp/messages.ts';
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { encodeNotification } from '../../src/wire/notification.ts';
import { encodeOpen } from '../../src/wire/open.ts';
import { encodeUpdate } from '../../src/wire/update-encode.ts';
import { installed, reason as noTshark } from '../wire/support/dissect.ts';
import { pcapOf } from '../wire/support/pcap.ts';
import { decodeStream } from './support/decode.ts';

const address = (text: string) => IpAddress.parse(text) as IpAddress;
const peer: PerPeerHeader = {
  type: PeerType.global,
  flags: 0,
  distinguisher: new Uint8Array(8),
  address: address('192.0.2.1'),
  asn: 65001,
  bgpIdentifier: 0x0a000001,
};
const peer6: PerPeerHeader = { ...peer, address: address('2001:db8::1'), flags: PeerFlag.postPolicy };
const locRib: PerPeerHeader = { ...peer, type: PeerType.locRib, address: undefined };
const open = encodeOpen({
  type: 'open',
  version: 4,
  myAs: 65001,
  holdTimeSeconds: 90,
  bgpIdentifier: 0x0a000001,
  capabilities: [{ type: 'four-octet-as', asn: 65001 }],
});
const update = encodeUpdate({
  announced: ['198.51.100.0/24'],
  nextHop: address('192.0.2.1'),
  attributes: { origin: 'igp', asPath: [{ type: 'sequence', asns: [65001] }] },
});
const notification = encodeNotification(6, 2, new Uint8Array(0));
const peerUp = {
  localAddress: address('192.0.2.2'),
  localPort: 179,
  remotePort: 40000,
  sentOpen: open,
  receivedOpen: open,
  information: [],
};
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('BMP vectors', () => {
  // RFC 7854 §4.3, §4.4.
  it('writes an Initiation', () => {
    const bytes = encodeInitiation([
      { type: 1, text: 'hg' },
      { type: 2, text: 'r1' },
    ]);
    expect(hex(bytes)).toBe('0300000012' + '04' + '0001' + '0002' + '6867' + '0002' + '0002' + '7231');
  });

  // RFC 7854 §4.5.
  it('writes a Termination with its reason', () => {
    expect(hex(encodeTermination(TerminationReason.administrativelyClosed))).toBe(
      `030000000c05${'0001'}${'0002'}${'0000'}`,
    );
  });

  // RFC 7854 §4.2: an IPv4 address in the last four octets; microseconds.
  it('writes the per-peer header', () => {
    const bytes = encodePeerDown(peer, { type: 'remote-close' }, 1_700_000_000_250);
    expect(hex(bytes)).toBe(
      `0300000031${'02'}${'0000'}${'00'.repeat(8)}${'00'.repeat(12)}c0000201` +
        `0000fde90a000001${'6553f100'}${'0003d090'}04`,
    );
  });

  it('flags IPv6 peers and post-policy views', () => {
    const [message] = decodeStream(encodeRouteMonitoring(peer6, update, 0));
    expect(message.peer?.flags).toBe(0xc0);
    expect(message.peer?.address).toBe('20010db8000000000000000000000001');
  });

  const reasons: readonly (readonly [PeerDownReason, number, string])[] = [
    [{ type: 'local-notification', notification }, 1, hex(notification)],
    [{ type: 'local-close', fsmEvent: 10 }, 2, '000a'],
    [{ type: 'remote-notification', notification }, 3, hex(notification)],
    [{ type: 'remote-close' }, 4, ''],
    [{ type: 'deconfigured' }, 5, ''],
    [{ type: 'table-closed', tableName: 'global' }, 6, '00030006676c6f62616c'],
  ];
  it.each(reasons)('RFC 7854 §4.9: Peer Down, %o', (reason, code, data) => {
    const [message] = decodeStream(encodePeerDown(peer, reason, 0));
    expect(message.body[0]).toBe(code);
    expect(message.body.toString('hex', 1)).toBe(data);
  });

  it('RFC 7854 §4.8: a gauge beyond 32 bits, and one of a family', () => {
    const statistics = [
      { type: StatisticType.adjRibIn, value: 2 ** 33 + 5 },
      { type: StatisticType.adjRibInOfFamily, family: ipv6Unicast, value: 7 },
    ];
    const [message] = decodeStream(encodeStatisticsReport(peer, statistics, 0));
    expect(message.tlvs.map(({ type, value }) => [type, value.toString('hex')])).toEqual([
      [7, '0000000200000005'],
      [9, `0002010000000000000007`],
    ]);
  });
});

describe('BMP round trip', () => {
  it('gives back what went in', () => {
    const headers = fc.record({
      type: fc.constantFrom(...Object.values(PeerType)),
      flags: fc.constantFrom(0, PeerFlag.postPolicy),
      distinguisher: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      address: fc.oneof(
        fc.constant(undefined),
        fc.uint8Array({ minLength: 4, maxLength: 4 }).map((b) => IpAddress.fromBytes(b)),
        fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => IpAddress.fromBytes(b)),
      ),
      asn: fc.nat(0xffffffff),
      bgpIdentifier: fc.nat(0xffffffff),
    });
    const ports = fc.nat(65535);
    const wall = fc.nat(2 ** 41);
    const texts = fc.string({ maxLength: 40 });
    fc.assert(
      fc.property(headers, ports, ports, wall, texts, (header, localPort, remotePort, at, text) => {
        const fields = { ...peerUp, localPort, remotePort, information: [{ type: 3, text }] };
        const stream = Buffer.concat([
          encodeInitiation([{ type: 0, text }]),
          encodePeerUp(header, fields, at),
          encodeRouteMonitoring(header, update, at),
        ]);
        const [initiation, up, monitoring] = decodeStream(stream);
        expect(initiation.tlvs[0].value.toString()).toBe(text);
        expect(up.tlvs.map(({ value }) => value.toString())).toEqual([text]);
        expect([up.body.readUInt16BE(16), up.body.readUInt16BE(18)]).toEqual([localPort, remotePort]);
        expect(up.bgp.map(hex)).toEqual([hex(open), hex(open)]);
        expect(monitoring.bgp.map(hex)).toEqual([hex(update)]);
        expect(up.peer).toEqual({
          type: header.type,
          flags: header.flags | (header.address?.version === 6 ? 0x80 : 0),
          distinguisher: hex(header.distinguisher),
          address: hex(header.address?.bytes ?? new Uint8Array(0)).padStart(32, '0'),
          asn: header.asn,
          bgpIdentifier: header.bgpIdentifier,
          seconds: Math.floor(at / 1000),
          microseconds: (at % 1000) * 1000,
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe.skipIf(!installed)(`tshark reads BMP${installed ? '' : ` (${noTshark})`}`, () => {
  it('agrees on every message', () => {
    const messages = [
      encodeInitiation([{ type: 2, text: 'r1' }]),
      encodePeerUp(peer, peerUp, 1_700_000_000_000),
      // Without Information TLVs: this dissector takes what follows the second OPEN for a third BGP message.
      encodePeerUp(locRib, peerUp, 0),
      encodeRouteMonitoring(peer6, update, 0),
      encodeStatisticsReport(
        peer,
        [{ type: StatisticType.locRibOfFamily, family: ipv4Unicast, value: 9 }],
        0,
      ),
      encodePeerDown(peer, { type: 'local-notification', notification }, 0),
      encodeTermination(TerminationReason.outOfResources, 'bye'),
    ];
    const rows = tsharkRows(messages, [
      'bmp.type',
      'bmp.length',
      'bmp.peer.type',
      'bmp.peer.asn',
      'bgp.type',
    ]);
    expect(rows).toEqual([
      ['4', `${messages[0].length}`, '', '', ''],
      ['3', `${messages[1].length}`, '0', '65001', '1,1'],
      ['3', `${messages[2].length}`, '3', '65001', '1,1'],
      ['0', `${messages[3].length}`, '0', '65001', '2'],
      ['1', `${messages[4].length}`, '0', '65001', ''],
      ['2', `${messages[5].length}`, '0', '65001', '3'],
      ['5', `${messages[6].length}`, '', '', ''],
    ]);
    expect(tsharkRows(messages, ['_ws.malformed'])).toEqual(messages.map(() => ['']));
  });
});

/** One row of fields per message. */
function tsharkRows(messages: readonly Uint8Array[], fields: readonly string[]): string[][] {
  const directory = mkdtempSync(join(tmpdir(), 'bmp-'));
  try {
    const file = join(directory, 'bmp.pcap');
    writeFileSync(file, pcapOf(messages));
    const options = ['-r', file, '-d', 'tcp.port==179,bmp', '-T', 'fields', '-E', 'separator=|'];
    const run = spawnSync('tshark', [...options, ...fields.flatMap((field) => ['-e', field])], {
      encoding: 'utf8',
    });
    expect(run.status, run.stderr).toBe(0);
    return run.stdout
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.split('|'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
