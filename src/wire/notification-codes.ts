/**
 * NOTIFICATION codes and subcodes as a table: RFC 4271 §4.5, RFC 4486, RFC 5492, RFC 6608, RFC 7313,
 * RFC 8538, RFC 9234, RFC 9384, RFC 9687. Names as IANA lists them.
 */

export const NotificationCode = {
  messageHeader: 1,
  open: 2,
  update: 3,
  holdTimerExpired: 4,
  fsm: 5,
  cease: 6,
  routeRefresh: 7,
  sendHoldTimerExpired: 8,
} as const;

/** RFC 4486 §3, RFC 8538 §3.1, RFC 9384. */
export const CeaseSubcode = {
  maximumPrefixes: 1,
  administrativeShutdown: 2,
  peerDeconfigured: 3,
  administrativeReset: 4,
  connectionRejected: 5,
  otherConfigurationChange: 6,
  connectionCollision: 7,
  outOfResources: 8,
  hardReset: 9,
  bfdDown: 10,
} as const;

/** RFC 4271 §6.3. */
export const UpdateSubcode = {
  malformedAttributeList: 1,
  unrecognizedWellKnown: 2,
  missingWellKnown: 3,
  attributeFlags: 4,
  attributeLength: 5,
  invalidOrigin: 6,
  invalidNextHop: 8,
  optionalAttribute: 9,
  invalidNetworkField: 10,
  malformedAsPath: 11,
} as const;

interface NotificationRow {
  readonly code: number;
  readonly name: string;
  readonly subcodes: Readonly<Record<number, string>>;
}

const rows: readonly NotificationRow[] = [
  {
    code: 1,
    name: 'Message Header Error',
    subcodes: { 1: 'Connection Not Synchronized', 2: 'Bad Message Length', 3: 'Bad Message Type' },
  },
  {
    code: 2,
    name: 'OPEN Message Error',
    subcodes: {
      0: 'Unspecific',
      1: 'Unsupported Version Number',
      2: 'Bad Peer AS',
      3: 'Bad BGP Identifier',
      4: 'Unsupported Optional Parameter',
      5: 'Authentication Failure',
      6: 'Unacceptable Hold Time',
      7: 'Unsupported Capability',
      11: 'Role Mismatch',
    },
  },
  {
    code: 3,
    name: 'UPDATE Message Error',
    subcodes: {
      1: 'Malformed Attribute List',
      2: 'Unrecognized Well-known Attribute',
      3: 'Missing Well-known Attribute',
      4: 'Attribute Flags Error',
      5: 'Attribute Length Error',
      6: 'Invalid ORIGIN Attribute',
      7: 'AS Routing Loop',
      8: 'Invalid NEXT_HOP Attribute',
      9: 'Optional Attribute Error',
      10: 'Invalid Network Field',
      11: 'Malformed AS_PATH',
    },
  },
  { code: 4, name: 'Hold Timer Expired', subcodes: {} },
  {
    code: 5,
    name: 'Finite State Machine Error',
    subcodes: {
      0: 'Unspecified Error',
      1: 'Receive Unexpected Message in OpenSent State',
      2: 'Receive Unexpected Message in OpenConfirm State',
      3: 'Receive Unexpected Message in Established State',
    },
  },
  {
    code: 6,
    name: 'Cease',
    subcodes: {
      1: 'Maximum Number of Prefixes Reached',
      2: 'Administrative Shutdown',
      3: 'Peer De-configured',
      4: 'Administrative Reset',
      5: 'Connection Rejected',
      6: 'Other Configuration Change',
      7: 'Connection Collision Resolution',
      8: 'Out of Resources',
      9: 'Hard Reset',
      10: 'BFD Down',
    },
  },
  { code: 7, name: 'ROUTE-REFRESH Message Error', subcodes: { 1: 'Invalid Message Length' } },
  { code: 8, name: 'Send Hold Timer Expired', subcodes: {} },
];

const rowByCode = new Map(rows.map((row) => [row.code, row]));

/** `Cease/Administrative Shutdown`, `Hold Timer Expired`, `code 42/subcode 7`. */
export function notificationName(code: number, subcode: number): string {
  const row = rowByCode.get(code);
  if (row === undefined) return `code ${code}/subcode ${subcode}`;
  const name = row.subcodes[subcode];
  if (name !== undefined) return `${row.name}/${name}`;
  return subcode === 0 ? row.name : `${row.name}/subcode ${subcode}`;
}
