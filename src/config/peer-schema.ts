/**
 * The keys of a peer, which are the keys of a peer group and of a dynamic range too. Every key is optional here:
 * what must be there in the end is decided after peer and group are merged (`check-peers.ts`).
 */
import { z } from 'zod';
import { formatFamily, parseFamily, supportedFamilies } from '../net/family.ts';
import { dynamicDefaults, peerDefaults, timerDefaults } from './defaults.ts';
import {
  asn,
  duration,
  filePath,
  flag,
  formatDuration,
  integer,
  name,
  oneOf,
  prefix,
  remoteAs,
  shown,
  text,
  textValue,
  unicastAddress,
} from './scalars.ts';
import { didYouMean } from './suggest.ts';

const familyNames = supportedFamilies.map(formatFamily);

export function family() {
  return textValue(
    'a family',
    (value, refuse) =>
      parseFamily(value) ??
      refuse(
        `${shown(value)} is no family${didYouMean(value, familyNames) || `; there are ${familyNames.join(', ')}`}`,
      ),
  ).meta({ enum: familyNames });
}

/** RFC 9003 §2: the message of a shutdown communication. */
const maximumShutdownOctets = 255;

const timers = z.strictObject({
  hold: duration({ minimumSeconds: 3, maximumSeconds: 65535, zero: true, source: 'RFC 4271 §4.2' })
    .optional()
    .meta({
      description:
        'Hold time offered in OPEN; the lower of both sides holds. 0s: no keepalives, no hold timer.',
      default: formatDuration(timerDefaults.holdSeconds),
    }),
  keepalive: duration({ minimumSeconds: 1, maximumSeconds: 21845 })
    .optional()
    .meta({ description: 'Time between keepalives, a third of hold at most. Default: a third of hold.' }),
  connectRetry: duration({ minimumSeconds: 1, maximumSeconds: 3600, fractions: true })
    .optional()
    .meta({
      description: 'Wait before another try to connect (RFC 4271 ConnectRetryTime), with jitter.',
      default: formatDuration(timerDefaults.connectRetrySeconds),
    }),
  delayOpen: duration({ minimumSeconds: 0, maximumSeconds: 240, fractions: true })
    .optional()
    .meta({
      description:
        'Wait for the OPEN of the peer before our own is sent (RFC 4271 DelayOpenTime). 0s: do not wait.',
      default: formatDuration(timerDefaults.delayOpenSeconds),
    }),
  idleHold: duration({ minimumSeconds: 0, maximumSeconds: 3600, fractions: true })
    .optional()
    .meta({
      description: 'Wait in Idle after a session ended with an error; doubles each time up to idleHoldMax.',
      default: formatDuration(timerDefaults.idleHoldSeconds),
    }),
  idleHoldMax: duration({ minimumSeconds: 0, maximumSeconds: 3600, fractions: true })
    .optional()
    .meta({
      description: 'The longest idleHold grows to.',
      default: formatDuration(timerDefaults.idleHoldMaxSeconds),
    }),
  sendHold: duration({ minimumSeconds: 1, maximumSeconds: 131070, zero: true }).optional().meta({
    description:
      'End the session when the peer takes no bytes for so long (RFC 9687); more than hold. 0s: never. Default: twice hold, 8 minutes at least.',
  }),
  advertisementInterval: duration({ minimumSeconds: 0, maximumSeconds: 600, fractions: true })
    .optional()
    .meta({
      description: 'Least time between two announcements of one route (RFC 4271 §9.2.1.1). 0s: none.',
      default: formatDuration(timerDefaults.advertisementIntervalSeconds),
    }),
});

const maxPrefixesKeys = {
  limit: integer('a number of prefixes', 1, 4294967295)
    .optional()
    .meta({ description: 'The most prefixes taken from the peer, per family.' }),
  action: oneOf(['warn', 'drop', 'idle']).optional().meta({
    description: 'Above the limit: only log, drop the surplus, or end the session with Cease/1 (RFC 4486).',
    default: peerDefaults.maxPrefixes.action,
  }),
  warnPercent: integer('a percentage', 1, 100).optional().meta({
    description: 'Log a warning at this part of the limit.',
    default: peerDefaults.maxPrefixes.warnPercent,
  }),
  restart: duration({ minimumSeconds: 1, maximumSeconds: 604800 })
    .optional()
    .meta({ description: 'After action idle, start again after so long. Default: wait for the operator.' }),
};

const familyLimit = (familyName: string) =>
  z
    .strictObject(maxPrefixesKeys)
    .optional()
    .meta({ description: `For ${familyName} alone.` });

/** One set of keys for all families; a key below the name of a family goes before it. */
const maxPrefixes = z.strictObject({
  ...maxPrefixesKeys,
  'ipv4-unicast': familyLimit('ipv4-unicast'),
  'ipv6-unicast': familyLimit('ipv6-unicast'),
  'vpnv4-unicast': familyLimit('vpnv4-unicast'),
  'vpnv6-unicast': familyLimit('vpnv6-unicast'),
  'route-target': familyLimit('route-target'),
});

const addPath = z.strictObject({
  receive: flag()
    .optional()
    .meta({ description: 'Take several paths per prefix (RFC 7911).', default: peerDefaults.addPathReceive }),
  send: z
    .union(
      [
        z.literal('all'),
        z.strictObject({
          best: integer('a number of paths', 1, 255).meta({ description: 'The N best paths per prefix.' }),
        }),
      ],
      { error: ({ input }) => `expected all or { best: N }, not ${shown(input)}` },
    )
    .optional()
    .meta({
      description: 'Send all paths, or the best N. Default: the best path, without path identifiers.',
    }),
});

const gracefulRestart = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        helper: flag().optional().meta({
          description: 'Keep the routes of the peer while it restarts (RFC 4724).',
          default: peerDefaults.gracefulRestart.helper,
        }),
        notification: flag().optional().meta({
          description: 'Also when the session ends with a NOTIFICATION or the hold timer (RFC 8538).',
          default: peerDefaults.gracefulRestart.notification,
        }),
        maxStale: duration({ minimumSeconds: 1, maximumSeconds: 86400 })
          .optional()
          .meta({
            description: 'Drop stale routes after so long, whatever the peer asked for.',
            default: formatDuration(peerDefaults.gracefulRestart.maxStaleSeconds),
          }),
      }),
    ],
    { error: ({ input }) => `expected false or a map (helper, notification, maxStale), not ${shown(input)}` },
  )
  .optional()
  .meta({ description: 'Graceful restart of the peer. false: the capability is not sent.' });

const shutdown = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        message: text(maximumShutdownOctets).meta({ description: 'Sent to the peer (RFC 9003).' }),
      }),
    ],
    { error: ({ input }) => `expected true, false or { message: text }, not ${shown(input)}` },
  )
  .optional()
  .meta({ description: 'Administratively down, with a message for the peer if wanted.', default: false });

const md5 = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        keyFile: filePath().meta({
          description: 'File that holds the key, one line of 80 octets at most, closed to other users.',
        }),
      }),
    ],
    { error: ({ input }) => `expected false or { keyFile: path }, not ${shown(input)}` },
  )
  .optional()
  .meta({ description: 'TCP MD5 signature (RFC 2385). The peer must have the same key.', default: false });

const ttlSecurity = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        hops: integer('a number of hops', 1, 254).meta({
          description: 'How far away the peer may be, 1 for a neighbour.',
        }),
      }),
    ],
    { error: ({ input }) => `expected true, false or { hops: N }, not ${shown(input)}` },
  )
  .optional()
  .meta({
    description:
      'GTSM (RFC 5082): send with TTL 255, take nothing from farther away than 1 hop, or so many. The peer must do the same.',
    default: false,
  });

const onOff = (description: string, byDefault: boolean) =>
  flag().optional().meta({ description, default: byDefault });

/** What peers, groups and dynamic ranges share. */
export const peerKeys = {
  remoteAs: remoteAs()
    .optional()
    .meta({ description: 'AS number of the peer. "any" (dynamic ranges): taken from its OPEN.' }),
  description: text(255).optional().meta({ description: 'For people.', default: peerDefaults.description }),
  port: integer('a port', 1, 65535)
    .optional()
    .meta({ description: 'TCP port we connect to.', default: peerDefaults.port }),
  localAddress: unicastAddress()
    .optional()
    .meta({ description: 'Address we connect from. Default: the system chooses.' }),
  localAs: asn()
    .optional()
    .meta({ description: 'Shown to an external peer instead of router.asn. Default: router.asn.' }),
  passive: onOff('Wait for the peer to connect.', peerDefaults.passive),
  shutdown,
  md5,
  ttlSecurity,
  ttl: integer('a TTL', 1, 255).optional().meta({
    description: 'TTL of what we send: how far away an external peer can be. Default: that of the system.',
  }),
  routeReflectorClient: onOff(
    'The peer is a client of this reflector (RFC 4456). Internal peers only.',
    peerDefaults.routeReflectorClient,
  ),
  families: z.array(family()).optional().meta({
    description: 'Families to exchange. Default: unicast of the version of the address of the peer.',
  }),
  timers: timers.optional().meta({ description: 'Timers of the session.' }),
  importPolicy: name('policy').optional().meta({
    description:
      'Policy for routes from the peer. Default: accept-all for internal peers, nothing is taken from external ones (RFC 8212).',
  }),
  exportPolicy: name('policy').optional().meta({
    description:
      'Policy for routes to the peer. Default: accept-all for internal peers, nothing is sent to external ones (RFC 8212).',
  }),
  maxPrefixes: maxPrefixes
    .optional()
    .meta({ description: 'Limits, for all families or below the name of one. Default: none.' }),
  nextHopSelf: onOff('Announce ourselves as next hop.', peerDefaults.nextHopSelf),
  allowOwnAs: integer('a count', 0, 255).optional().meta({
    description: 'How often our own AS may stand in the AS_PATH of a route from the peer.',
    default: peerDefaults.allowOwnAs,
  }),
  removePrivateAs: onOff(
    'Take private AS numbers out of the AS_PATH sent to an external peer.',
    peerDefaults.removePrivateAs,
  ),
  asOverride: onOff(
    'Replace the AS of an external peer by ours in the AS_PATH sent to it.',
    peerDefaults.asOverride,
  ),
  enforceFirstAs: onOff(
    'The AS_PATH from an external peer must begin with its AS (RFC 4271 §6.3).',
    peerDefaults.enforceFirstAs,
  ),
  sendCommunities: onOff('Send communities of all kinds.', peerDefaults.sendCommunities),
  addPath: addPath.optional().meta({ description: 'Several paths per prefix (RFC 7911).' }),
  extendedNextHop: onOff('Offer IPv6 next hops for IPv4 routes (RFC 8950).', peerDefaults.extendedNextHop),
  extendedMessage: onOff('Offer messages up to 65535 octets (RFC 8654).', peerDefaults.extendedMessage),
  enhancedRouteRefresh: onOff(
    'Offer route refresh with begin and end marks (RFC 7313).',
    peerDefaults.enhancedRouteRefresh,
  ),
  fourOctetAs: onOff('Offer 4-octet AS numbers (RFC 6793).', peerDefaults.fourOctetAs),
  gracefulRestart,
  gracefulShutdown: onOff(
    'Routes from the peer with GRACEFUL_SHUTDOWN get LOCAL_PREF 0 (RFC 8326).',
    peerDefaults.gracefulShutdown,
  ),
};

const group = name('peer group')
  .optional()
  .meta({ description: 'Peer group whose keys count where this entry has none.' });

export const groupSchema = z.strictObject({
  name: name('peer group').meta({ description: 'What peers and dynamicPeers call it.' }),
  ...peerKeys,
});

export const peerSchema = z.strictObject({
  address: unicastAddress().meta({ description: 'Address of the peer.' }),
  group,
  ...peerKeys,
});

export const dynamicPeersSchema = z.strictObject({
  range: prefix().meta({ description: 'Peers may connect from here; the longest range that fits counts.' }),
  limit: integer('a number of peers', 1, 1_000_000)
    .optional()
    .meta({ description: 'The most peers from this range at one time.', default: dynamicDefaults.limit }),
  group,
  ...peerKeys,
});

const keysOnly = z.strictObject(peerKeys);
/** Peer, group or merged: the shared keys alone. */
export type PeerKeys = z.output<typeof keysOnly>;
export type MaxPrefixesKeys = NonNullable<PeerKeys['maxPrefixes']>;
