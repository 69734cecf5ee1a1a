/** The tester's BMP decoder: vectors by hand, the speaker's own messages, and what it says of broken ones. */
import { describe, expect, it } from 'vitest';
import * as bmp from '../../conformance/wire/bmp.ts';
import { concat, hex, toHex, u32 } from '../../conformance/wire/bytes.ts';
import {
  encodeInitiation,
  encodePeerDown,
  encodePeerUp,
  encodeRouteMonitoring,
  encodeStatisticsReport,
  encodeTermination,
} from '../../src/bmp/encode.ts';
import { PeerFlag, PeerType, type PerPeerHeader, StatisticType } from '../../src/bmp/messages.ts';
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { encodeNotification } from '../../src/wire/notification.ts';
import { encodeOpen } from '../../src/wire/open.ts';
import { encodeUpdate } from '../../src/wire/update-encode.ts';

const at = 1_700_000_000_250 as Parameters<typeof encodePeerUp>[2];
const address = (text: string) => IpAddress.parse(text) as IpAddress;
const peer: PerPeerHeader = {
  type: PeerType.global,
  flags: PeerFlag.postPolicy,
  distinguisher: new Uint8Array(8),
  address: address('192.0.2.1'),
  asn: 70000,
  bgpIdentifier: 0x0a000001,
};
const peer6: PerPeerHeader = { ...peer, flags: 0, address: address('2001:db8::1') };
const open = encodeOpen({
  type: 'open',
  version: 4,
  myAs: 23456,
  holdTimeSeconds: 90,
  bgpIdentifier: 0x0a000001,
  capabilities: [{ type: 'four-octet-as', asn: 70000 }],
});

/** The one message of these octets, without any problem. */
function only(bytes: Uint8Array): bmp.MonitoringMessage {
  const { messages, rest } = bmp.takeMonitoring(bytes);
  expect(messages).toHaveLength(1);
  expect(rest).toHaveLength(0);
  expect(messages[0]?.problems).toEqual([]);
  return messages[0] as bmp.MonitoringMessage;
}

describe('octets by hand', () => {
  it('Initiation', () => {
    const message = only(hex('03 00000010 04 0002 0002 7231 0001 0000'));
    expect(message).toMatchObject({ version: 3, length: 16, type: bmp.INITIATION, peer: undefined });
    expect(bmp.tlvs(message.body).list.map(({ type, value }) => [type, toHex(value)])).toEqual([
      [2, '7231'],
      [1, ''],
    ]);
  });

  it('Peer Down, with the header of an IPv4 peer', () => {
    const header =
      '00 20 0000000000000001 000000000000000000000000 7f010001 0000fde9 0a010001 65000000 00000007';
    const message = only(hex(`03 00000033 02 ${header} 02 0012`));
    expect(message.peer).toEqual({
      type: 0,
      flags: 0x20,
      distinguisher: '0000000000000001',
      address: '127.1.0.1',
      asn: 65001,
      id: '10.1.0.1',
      seconds: 0x65000000,
      microseconds: 7,
    });
    expect(bmp.peerDown(message)).toEqual({ reason: 2, data: hex('0012') });
  });
});

describe('what the speaker writes', () => {
  it('Initiation and Termination', () => {
    const message = only(encodeInitiation([{ type: 1, text: 'a speaker' }]));
    expect(bmp.tlvs(message.body).list[0]).toMatchObject({ type: 1 });
    expect(only(encodeTermination(0)).type).toBe(bmp.TERMINATION);
  });

  it.each([
    ['IPv4', peer, '192.0.2.1', '192.0.2.9'],
    ['IPv6', peer6, '2001:db8::1', '2001:db8::9'],
  ])('Peer Up of an %s peer', (_, of, remote, local) => {
    const fields = {
      localAddress: address(local),
      localPort: 179,
      remotePort: 40000,
      sentOpen: open,
      receivedOpen: open,
      information: [{ type: 3, text: 'global' }],
    };
    const message = only(encodePeerUp(of, fields, at));
    expect(message.peer).toMatchObject({
      address: remote,
      asn: 70000,
      id: '10.0.0.1',
      seconds: 1_700_000_000,
    });
    const up = bmp.peerUp(message);
    expect(up).toMatchObject({ localAddress: local, localPort: 179, remotePort: 40000 });
    expect([toHex(up.sentOpen), toHex(up.receivedOpen)]).toEqual([toHex(open), toHex(open)]);
    expect(up.information.map(({ value }) => new TextDecoder().decode(value))).toEqual(['global']);
  });

  it('Peer Down, each reason', () => {
    const notification = encodeNotification(6, 2, new Uint8Array(0));
    const down = (reason: Parameters<typeof encodePeerDown>[1]) => {
      const { reason: code, data } = bmp.peerDown(only(encodePeerDown(peer, reason, at)));
      return [code, toHex(data)];
    };
    expect(down({ type: 'local-notification', notification })).toEqual([1, toHex(notification)]);
    expect(down({ type: 'local-close', fsmEvent: 18 })).toEqual([2, '0012']);
    expect(down({ type: 'remote-notification', notification })).toEqual([3, toHex(notification)]);
    expect(down({ type: 'remote-close' })).toEqual([4, '']);
    expect(down({ type: 'deconfigured' })).toEqual([5, '']);
  });

  it('Route Monitoring', () => {
    const update = encodeUpdate({
      announced: ['198.51.100.0/24'],
      nextHop: address('192.0.2.1'),
      attributes: { origin: 'igp', asPath: [{ type: 'sequence', asns: [65001] }] },
    });
    const seen = bmp.monitoredUpdate(only(encodeRouteMonitoring(peer, update, at)));
    expect(seen.nlri.map(({ prefix }) => prefix)).toEqual(['198.51.100.0/24']);
    expect(seen.problems).toEqual([]);
  });

  it('Statistics Report, with counters per family', () => {
    const statistics = [
      { type: StatisticType.adjRibIn, value: 2 ** 40 },
      { type: StatisticType.adjRibInOfFamily, value: 3, family: ipv4Unicast },
      { type: StatisticType.adjRibInOfFamily, value: 4, family: ipv6Unicast },
    ];
    const report = bmp.statistics(only(encodeStatisticsReport(peer, statistics, at)));
    expect([...report]).toEqual([
      ['7', 2n ** 40n],
      ['9:1/1', 3n],
      ['9:2/1', 4n],
    ]);
  });
});

describe('what is broken', () => {
  const initiation = hex('03 0000000a 04 0002 0000');

  it('a message that is not whole waits for the rest', () => {
    const { messages, rest } = bmp.takeMonitoring(concat(initiation, initiation.subarray(0, 7)));
    expect(messages).toHaveLength(1);
    expect(rest).toHaveLength(7);
  });

  it.each([
    ['another version', '04 0000000a 04 0002 0000', 'version 4'],
    ['an unknown type', '03 0000000a 09 0002 0000', 'message type 9'],
    ['a TLV that is too long', '03 0000000a 04 0002 0001', 'a TLV reaches beyond its message'],
    ['a length below the header', '03 00000005 04 0002 0000', 'length 5 of 10 octets'],
    ['a peer header that is cut off', '03 0000000a 02 0002 0000', 'the per-peer header is cut off'],
  ])('%s is told', (_, octets, problem) => {
    const { messages } = bmp.takeMonitoring(hex(octets));
    expect(messages[0]?.problems).toContain(problem);
  });

  it('Route Monitoring without an UPDATE, counters that are not there', () => {
    const header = new Uint8Array(42);
    const route = concat(hex('03 00000030 00'), header);
    expect(bmp.takeMonitoring(route).messages[0]?.problems).toEqual(['not one whole UPDATE']);
    const report = concat(hex('03 00000034 01'), header, u32(1));
    expect(bmp.takeMonitoring(report).messages[0]?.problems).toEqual(['the count differs from the counters']);
  });
});
