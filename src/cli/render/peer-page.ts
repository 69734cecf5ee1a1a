/**
 * Everything about one peer on a page: session, timers, capabilities of both sides next to each other, counters per
 * family, messages, and what it lately sent that was malformed, with the bytes. Pure.
 */
import type { MessageCounts, PeerView } from '../views.ts';
import { reasonOf } from './peers.ts';
import { renderTable, type TableStyle } from './table.ts';
import { formatAge, printable } from './text.ts';

/** `now` in host milliseconds, the clock of the view. */
export function renderPeerPage(peer: PeerView, now: number, style: TableStyle): string {
  return [
    heading(peer, now, style),
    session(peer, now, style),
    families(peer, style),
    capabilities(peer, style),
    messages(peer, style),
    faults(peer, now, style),
  ]
    .filter((section) => section !== '')
    .join('\n');
}

function heading(peer: PeerView, now: number, { colours }: TableStyle): string {
  const up = peer.state === 'established';
  const state = up ? colours.green(peer.state) : colours.red(peer.state);
  const description = peer.description ? `  ${printable(peer.description)}` : '';
  const reason = reasonOf(peer);
  const line = `${colours.bold(peer.address)}${description}\n${state} for ${formatAge(now - peer.since)}`;
  return `${line}${reason ? `: ${colours.yellow(printable(reason))}` : ''}\n`;
}

function session(peer: PeerView, now: number, { colours }: TableStyle): string {
  const traits = [...(peer.dynamic ? ['dynamic'] : []), ...(peer.passive ? ['passive'] : [])];
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Role', [peer.role, ...traits].join(', ')],
    ['Group', peer.group],
    ['AS', `remote ${peer.remoteAs}, local ${peer.localAs}`],
    ['Router id', peer.routerId],
    ['Local address', peer.localAddress],
    ['Policies', `import ${peer.importPolicy || 'none'}, export ${peer.exportPolicy || 'none'}`],
    ['Established', `${peer.establishedCount} ${peer.establishedCount === 1 ? 'time' : 'times'}`],
    ['Last down', peer.lastDown && `${formatAge(now - peer.lastDown.at)} ago: ${peer.lastDown.text}`],
    ['Hold time', peer.holdTimeSeconds === undefined ? undefined : holdTime(peer)],
    ['Timers', timers(peer, now)],
    ['Send queue', peer.sendQueue],
  ];
  return lines
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${colours.bold(name.padEnd(15))}${printable(value ?? '')}\n`)
    .join('');
}

function holdTime({ holdTimeSeconds, keepaliveSeconds }: PeerView): string {
  if (holdTimeSeconds === 0) return 'none, no keepalives';
  return `${holdTimeSeconds} s${keepaliveSeconds === undefined ? '' : `, keepalive every ${keepaliveSeconds} s`}`;
}

function timers(peer: PeerView, now: number): string {
  return Object.entries(peer.timers)
    .sort(([, a], [, b]) => a - b)
    .map(([name, at]) => `${name} in ${formatAge(at - now)}`)
    .join(', ');
}

function families(peer: PeerView, style: TableStyle): string {
  if (peer.families.length === 0) return '';
  return renderTable(
    [
      { title: 'Family', text: (row) => row.family },
      { title: 'Received', text: (row) => row.received, align: 'right' },
      { title: 'Accepted', text: (row) => row.accepted, align: 'right' },
      { title: 'Best', text: (row) => row.best, align: 'right' },
      { title: 'Sent', text: (row) => row.sent, align: 'right' },
      { title: 'Stale', text: (row) => row.stale, align: 'right' },
      { title: 'Limit', text: (row) => row.maxPrefixes ?? '-', align: 'right' },
      { title: 'End-of-RIB', text: (row) => endOfRib(row.endOfRibReceived, row.endOfRibSent) },
    ],
    peer.families,
    style,
  );
}

function endOfRib(received: boolean, sent: boolean): string {
  if (received && sent) return 'received, sent';
  if (received) return 'received';
  return sent ? 'sent' : '-';
}

/** Local and remote capabilities, one pair per line: equal ones first, then those of one kind, then the rest. */
export function pairCapabilities(
  local: readonly string[],
  remote: readonly string[],
): readonly { readonly local: string; readonly remote: string }[] {
  const left = [...remote];
  const take = (matches: (text: string) => boolean): string | undefined => {
    const at = left.findIndex(matches);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  const equal = local.map((text) => take((other) => other === text));
  const pairs = local.map((text, i) => ({
    local: text,
    remote: equal[i] ?? take((other) => kindOf(other) === kindOf(text) && !local.includes(other)) ?? '-',
  }));
  return [...pairs, ...left.map((text) => ({ local: '-', remote: text }))];
}

/** The first word names the capability; a multiprotocol one is its family too. */
function kindOf(capability: string): string {
  return capability.startsWith('multiprotocol') ? capability : capability.split(/[\s:(]/, 1)[0];
}

function capabilities(peer: PeerView, style: TableStyle): string {
  if (!peer.capabilities) return '';
  return renderTable(
    [
      { title: 'Capabilities sent', text: (row) => row.local },
      { title: 'received', text: (row) => row.remote },
    ],
    pairCapabilities(peer.capabilities.local, peer.capabilities.remote),
    style,
  );
}

const messageNames: readonly (readonly [string, keyof MessageCounts])[] = [
  ['OPEN', 'open'],
  ['UPDATE', 'update'],
  ['NOTIFICATION', 'notification'],
  ['KEEPALIVE', 'keepalive'],
  ['ROUTE-REFRESH', 'routeRefresh'],
];

function messages({ messages: { received, sent } }: PeerView, style: TableStyle): string {
  return renderTable(
    [
      { title: 'Messages', text: ([name]) => name },
      { title: 'Received', text: ([, key]) => received[key], align: 'right' },
      { title: 'Sent', text: ([, key]) => sent[key], align: 'right' },
    ],
    messageNames,
    style,
  );
}

const bytesPerLine = 32;

function faults(peer: PeerView, now: number, { colours }: TableStyle): string {
  if (peer.faults.length === 0) return '';
  const entries = peer.faults.map((fault) => {
    const line = `  ${formatAge(now - fault.at)} ago  ${colours.yellow(fault.action)}: ${printable(fault.detail)}\n`;
    return (
      line +
      hexLines(fault.bytes)
        .map((hex) => `      ${colours.dim(hex)}\n`)
        .join('')
    );
  });
  return `${colours.bold('Malformed messages, newest last')}\n${entries.join('')}`;
}

/** Hexadecimal text in pairs, 32 octets a line; text that is not plain hexadecimal stays as it is. */
export function hexLines(text: string): string[] {
  const digits = text.replace(/[\s:]/g, '');
  if (!/^[0-9a-f]+$/i.test(digits)) return text === '' ? [] : [printable(text)];
  const octets = digits.match(/../g) ?? [];
  const lines: string[] = [];
  for (let i = 0; i < octets.length; i += bytesPerLine) {
    lines.push(octets.slice(i, i + bytesPerLine).join(' '));
  }
  return lines;
}
