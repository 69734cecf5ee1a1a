/** Settings, services and a host model for session tests: everything virtual, everything repeatable. */
import { ipv4Unicast, ipv6Unicast } from '../../src/net/family.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import type {
  RestartState,
  SessionAction,
  SessionServices,
  SessionSettings,
} from '../../src/session/contract.ts';
import { buildOpen } from '../../src/session/open.ts';
import { toHex } from '../../src/wire/bytes.ts';
import type { OpenMessage } from '../../src/wire/messages.ts';

export const localAddress = IpAddress.fromUint32(0x0a000001);

export const baseSettings: SessionSettings = {
  localAs: 65000,
  remoteAs: 65001,
  routerId: 0x0a000001,
  peerAddress: IpAddress.fromUint32(0x0a000002),
  passive: false,
  adminDown: undefined,
  holdTimeSeconds: 90,
  keepaliveSeconds: 30,
  connectRetrySeconds: 10,
  delayOpenSeconds: 0,
  idleHoldSeconds: 5,
  idleHoldMaxSeconds: 120,
  sendHoldSeconds: 480,
  families: [ipv4Unicast, ipv6Unicast],
  addPath: [],
  extendedNextHop: [],
  extendedMessage: true,
  enhancedRouteRefresh: true,
  fourOctetAs: true,
  gracefulRestart: undefined,
  hostName: 'local',
};

export function settingsWith(changes: Partial<SessionSettings> = {}): SessionSettings {
  return { ...baseSettings, ...changes };
}

/** The settings of the peer at the other end of `settings`. */
export function mirrored(settings: SessionSettings, changes: Partial<SessionSettings> = {}): SessionSettings {
  return {
    ...settings,
    localAs: settings.remoteAs,
    remoteAs: settings.localAs,
    routerId: 0x0a000002,
    peerAddress: localAddress,
    hostName: 'remote',
    ...changes,
  };
}

export const notRestarting: RestartState = { restarting: false, forwardingPreserved: false };

/** The OPEN of a well-behaved peer of `settings`. */
export function peerOpen(settings: SessionSettings, changes: Partial<SessionSettings> = {}): OpenMessage {
  return buildOpen(mirrored(settings, changes), notRestarting);
}

export interface TestServices extends SessionServices {
  lag: number;
  restart: RestartState;
  nextId: number;
  randomValue: number;
}

/** Fixed random (1/2 unless changed), ids from 1, a host that reads at once. */
export function testServices(): TestServices {
  const services: TestServices = {
    lag: 0,
    restart: notRestarting,
    nextId: 1,
    randomValue: 0.5,
    random: () => services.randomValue,
    nextConnectionId: () => services.nextId++,
    restartState: () => services.restart,
    hostReadLag: () => services.lag,
  };
  return services;
}

const messageNames = ['?', 'OPEN', 'UPDATE', 'NOTIFICATION', 'KEEPALIVE', 'ROUTE-REFRESH'];

/** Whole messages in words; a NOTIFICATION as `NOTIFICATION 6/2 0568656c6c6f`. */
export function describeBytes(bytes: Uint8Array): string {
  const name = messageNames[bytes[18]];
  if (bytes[18] !== 3) return name;
  return `${name} ${bytes[19]}/${bytes[20]} ${toHex(bytes, 21)}`.trimEnd();
}

/** One short text per action, for tables. */
export function describeAction(action: SessionAction): string {
  switch (action.type) {
    case 'connect':
      return `connect ${action.connection}`;
    case 'send':
      return `send ${action.connection} ${describeBytes(action.bytes)}`;
    case 'close':
      return `close ${action.connection} ${action.how}`;
    case 'codec':
      return `codec ${action.connection}`;
    case 'established':
      return `established ${action.connection}`;
    case 'down':
      return `down ${action.reason.type} keep ${action.keepRoutes.length}`;
    case 'route-refresh':
      return `route-refresh ${action.family}/${action.subtype}`;
    case 'state':
      return `${action.from} > ${action.to}`;
  }
}

export function describeActions(actions: readonly SessionAction[]): readonly string[] {
  return actions.map(describeAction);
}
