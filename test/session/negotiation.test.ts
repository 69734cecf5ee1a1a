/** What two OPENs make of each other, and exactly how a bad one is refused. */
import { describe, expect, test } from 'vitest';
import { type FamilyKey, familyKey, ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import type { SessionSettings } from '../../src/session/contract.ts';
import { keepaliveInterval, negotiate } from '../../src/session/negotiation.ts';
import { buildOpen } from '../../src/session/open.ts';
import { toHex } from '../../src/wire/bytes.ts';
import { NotificationError } from '../../src/wire/errors.ts';
import type { AddPathFamily, Capability, OpenMessage } from '../../src/wire/messages.ts';
import { decodeOpen, encodeOpen } from '../../src/wire/open.ts';
import { notRestarting, peerOpen, settingsWith } from './session-fixture.ts';

const evpn = familyKey(25, 70);

function agree(settings: SessionSettings, remote: OpenMessage) {
  return negotiate(settings, buildOpen(settings, notRestarting), remote);
}

/** `code/subcode data` of the refusal, or `accepted`. */
function verdict(settings: SessionSettings, remote: OpenMessage): string {
  try {
    agree(settings, remote);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof NotificationError)) throw error;
    return `${error.code}/${error.subcode} ${toHex(error.data)}`;
  }
}

function withCapabilities(open: OpenMessage, change: (all: readonly Capability[]) => readonly Capability[]) {
  return { ...open, capabilities: change(open.capabilities) };
}

function without(open: OpenMessage, type: Capability['type']): OpenMessage {
  return withCapabilities(open, (all) => all.filter((capability) => capability.type !== type));
}

const settings = settingsWith();
const good = peerOpen(settings);
const internal = settingsWith({ remoteAs: 65000 });
const large = settingsWith({ remoteAs: 70000 });
const anyAs = settingsWith({ remoteAs: 0 });
const largeOpen = peerOpen(large);

describe('an OPEN is refused with exactly this', () => {
  const cases: readonly (readonly [string, SessionSettings, OpenMessage, string])[] = [
    ['a good one', settings, good, 'accepted'],
    ['another AS', settings, peerOpen(settings, { localAs: 65099 }), '2/2 fe4b'],
    [
      'another AS without capability 65',
      settings,
      { ...without(good, 'four-octet-as'), myAs: 1 },
      '2/2 0001',
    ],
    ['AS 0 in the field', settings, { ...without(good, 'four-octet-as'), myAs: 0 }, '2/2 0000'],
    ['AS 0 in capability 65', settings, peerOpen(settings, { localAs: 0 }), '2/2 0000'],
    ['AS 0 from any AS', anyAs, peerOpen(settings, { localAs: 0 }), '2/2 0000'],
    ['AS_TRANS for a 4-octet AS', large, largeOpen, 'accepted'],
    ['AS_TRANS without capability 65', large, without(largeOpen, 'four-octet-as'), '2/2 5ba0'],
    ['AS_TRANS as a number, any AS', anyAs, without(largeOpen, 'four-octet-as'), '2/2 5ba0'],
    ['another field than capability 65', settings, { ...good, myAs: 64999 }, 'accepted'],
    ['any AS', anyAs, good, 'accepted'],
    ['identifier 0', settings, { ...good, bgpIdentifier: 0 }, '2/3 00000000'],
    [
      'our identifier in our AS',
      internal,
      { ...peerOpen(internal), bgpIdentifier: 0x0a000001 },
      '2/3 0a000001',
    ],
    [
      'our identifier, our AS, any AS',
      anyAs,
      { ...peerOpen(internal), bgpIdentifier: 0x0a000001 },
      '2/3 0a000001',
    ],
    ['our identifier in another AS', settings, { ...good, bgpIdentifier: 0x0a000001 }, 'accepted'],
    ['a multicast identifier', settings, { ...good, bgpIdentifier: 0xe0000001 }, 'accepted'],
    ['hold time 1', settings, { ...good, holdTimeSeconds: 1 }, '2/6 0001'],
    ['hold time 2', settings, { ...good, holdTimeSeconds: 2 }, '2/6 0002'],
    ['hold time 0', settings, { ...good, holdTimeSeconds: 0 }, 'accepted'],
    ['hold time 3', settings, { ...good, holdTimeSeconds: 3 }, 'accepted'],
    ['hold time 65535', settings, { ...good, holdTimeSeconds: 65535 }, 'accepted'],
    [
      'no family in common',
      settings,
      peerOpen(settings, { families: [evpn] }),
      '2/7 010400010001010400020001',
    ],
    ['no capabilities', settings, { ...good, capabilities: [] }, 'accepted'],
    [
      'no capabilities, and we carry IPv6 only',
      settingsWith({ families: [ipv6Unicast] }),
      { ...good, capabilities: [] },
      '2/7 010400020001',
    ],
    ['the AS before the hold time', settings, { ...good, holdTimeSeconds: 1, ...asField(64999) }, '2/2 fde7'],
  ];
  test.each(cases)('%s', (_, own, remote, expected) => {
    expect(verdict(own, remote)).toBe(expected);
  });

  function asField(asn: number): Pick<OpenMessage, 'myAs' | 'capabilities'> {
    return { myAs: asn, capabilities: [{ type: 'four-octet-as', asn }] };
  }
});

describe('families', () => {
  const cases: readonly (readonly [
    readonly FamilyKey[],
    readonly FamilyKey[] | 'none',
    readonly FamilyKey[],
  ])[] = [
    [
      [ipv4Unicast, ipv6Unicast],
      [ipv6Unicast, ipv4Unicast],
      [ipv4Unicast, ipv6Unicast],
    ],
    [[ipv4Unicast, ipv6Unicast], [ipv6Unicast, evpn], [ipv6Unicast]],
    [[ipv4Unicast, ipv6Unicast], 'none', [ipv4Unicast]],
  ];
  test.each(cases)('ours %j, theirs %j: %j', (ours, theirs, common) => {
    const remote = peerOpen(settings, { families: theirs === 'none' ? [] : theirs });
    expect([...agree(settingsWith({ families: ours }), remote).codec.families]).toEqual(common);
  });
});

describe('ADD-PATH', () => {
  const modes = ['receive', 'send', 'both'] as const;
  const pairs = modes.flatMap((ours) => modes.map((theirs) => ({ ours, theirs })));
  test.each(pairs)('ours $ours, theirs $theirs', ({ ours, theirs }) => {
    const entry = (mode: AddPathFamily['mode']) => ({ addPath: [{ family: ipv4Unicast, mode }] });
    const { codec } = agree(settingsWith(entry(ours)), peerOpen(settings, entry(theirs)));
    expect(codec.addPathReceive.has(ipv4Unicast)).toBe(ours !== 'send' && theirs !== 'receive');
    expect(codec.addPathSend.has(ipv4Unicast)).toBe(ours !== 'receive' && theirs !== 'send');
    expect(codec.addPathReceive.has(ipv6Unicast)).toBe(false);
  });

  test('only for families both carry, from all capabilities of the OPEN', () => {
    const addPath = [ipv4Unicast, ipv6Unicast].map((family) => ({ family, mode: 'both' as const }));
    const remote = withCapabilities(peerOpen(settings, { families: [ipv6Unicast] }), (all) => [
      ...all,
      ...addPath.map((entry) => ({ type: 'add-path' as const, families: [entry] })),
    ]);
    const { codec } = agree(settingsWith({ addPath }), remote);
    expect([...codec.addPathReceive]).toEqual([ipv6Unicast]);
    expect([...codec.addPathSend]).toEqual([ipv6Unicast]);
  });
});

describe('what each capability decides', () => {
  const both = { ours: true, theirs: true };
  const onlyOurs = { ours: true, theirs: false };
  const onlyTheirs = { ours: false, theirs: true };

  test.each([
    [both, 65535, 65535],
    [onlyOurs, 65535, 4096],
    [onlyTheirs, 4096, 65535],
  ])('extended messages %j: receive %i, send %i', ({ ours, theirs }, receive, send) => {
    const { codec } = agree(
      settingsWith({ extendedMessage: ours }),
      peerOpen(settings, { extendedMessage: theirs }),
    );
    expect([codec.maxMessageReceive, codec.maxMessageSend]).toEqual([receive, send]);
  });

  test.each([
    [both, true],
    [onlyOurs, false],
    [onlyTheirs, false],
  ])('needs both %j: %s', ({ ours, theirs }, expected) => {
    const choose = (on: boolean) => ({
      fourOctetAs: on,
      enhancedRouteRefresh: on,
      extendedNextHop: on ? [ipv4Unicast] : [],
      gracefulRestart: on ? { restartTimeSeconds: 120, notification: true, families: [] } : undefined,
    });
    const negotiated = agree(settingsWith(choose(ours)), peerOpen(settings, choose(theirs)));
    expect(negotiated.codec.fourOctetAs).toBe(expected);
    expect(negotiated.enhancedRouteRefresh).toBe(expected);
    expect(negotiated.codec.extendedNextHop.has(ipv4Unicast)).toBe(expected);
    expect(negotiated.gracefulRestart !== undefined).toBe(expected);
    expect(negotiated.gracefulNotification).toBe(expected);
  });

  test('an IPv6 next hop is meant, no other', () => {
    const remote = withCapabilities(good, (all) => [
      ...all,
      { type: 'extended-next-hop', entries: [{ family: ipv4Unicast, nextHopAfi: 1 }] },
    ]);
    const { codec } = agree(settingsWith({ extendedNextHop: [ipv4Unicast] }), remote);
    expect(codec.extendedNextHop.size).toBe(0);
  });

  test.each(['route-refresh', 'route-refresh-cisco'] as const)('%s is route refresh', (type) => {
    const silent = without(good, 'route-refresh');
    expect(agree(settings, silent).routeRefresh).toBe(false);
    expect(
      agree(
        settings,
        withCapabilities(silent, (all) => [...all, { type }]),
      ).routeRefresh,
    ).toBe(true);
  });

  test('of several graceful restart capabilities the last counts (RFC 4724 §3)', () => {
    const restart = (restartTimeSeconds: number): Capability => ({
      type: 'graceful-restart',
      restarting: false,
      notification: false,
      restartTimeSeconds,
      families: [],
    });
    const remote = withCapabilities(good, (all) => [...all, restart(10), restart(20)]);
    const own = settingsWith({
      gracefulRestart: { restartTimeSeconds: 1, notification: true, families: [] },
    });
    const negotiated = agree(own, remote);
    expect(negotiated.gracefulRestart?.restartTimeSeconds).toBe(20);
    expect(negotiated.gracefulNotification).toBe(false);
  });
});

describe('times', () => {
  test.each([
    // own hold, peer hold, keepalive configured: negotiated hold, keepalive
    [90, 180, 30, 90, 30],
    [90, 30, 30, 30, 10],
    [90, 30, 5, 30, 5],
    [90, 3, 30, 3, 1],
    [90, 4, 30, 4, 1],
    [90, 0, 30, 0, 0],
    [0, 90, 30, 0, 0],
    [90, 90, 0, 90, 30],
  ])(
    'own hold %i, theirs %i, keepalive %i: hold %i, keepalive %i',
    (own, theirs, keepalive, hold, interval) => {
      const negotiated = agree(settingsWith({ holdTimeSeconds: own, keepaliveSeconds: keepalive }), {
        ...good,
        holdTimeSeconds: theirs,
      });
      expect([negotiated.holdTimeSeconds, negotiated.keepaliveSeconds]).toEqual([hold, interval]);
      expect(keepaliveInterval(keepalive, hold)).toBe(interval);
    },
  );
});

describe('our own OPEN', () => {
  const everything = settingsWith({
    localAs: 70000,
    addPath: [{ family: ipv4Unicast, mode: 'both' }],
    extendedNextHop: [ipv4Unicast],
    gracefulRestart: { restartTimeSeconds: 5000, notification: true, families: [ipv4Unicast] },
  });

  test('carries every capability that is switched on, and survives the wire', () => {
    const open = buildOpen(everything, { restarting: true, forwardingPreserved: true });
    expect(open.myAs).toBe(23456);
    expect(open.capabilities.map(({ type }) => type)).toEqual([
      'multiprotocol',
      'multiprotocol',
      'route-refresh',
      'extended-next-hop',
      'extended-message',
      'graceful-restart',
      'four-octet-as',
      'add-path',
      'enhanced-route-refresh',
      'fqdn',
    ]);
    expect(open.capabilities).toContainEqual({
      type: 'graceful-restart',
      restarting: true,
      notification: true,
      restartTimeSeconds: 4095,
      families: [{ family: ipv4Unicast, forwarding: true }],
    });
    const bytes = encodeOpen(open);
    expect(decodeOpen(bytes, 0, bytes.length)).toEqual(open);
  });

  test('says nothing that is switched off', () => {
    const open = buildOpen(
      settingsWith({ extendedMessage: false, enhancedRouteRefresh: false, fourOctetAs: false, hostName: '' }),
      notRestarting,
    );
    expect(open.capabilities.map(({ type }) => type)).toEqual([
      'multiprotocol',
      'multiprotocol',
      'route-refresh',
    ]);
  });
});
