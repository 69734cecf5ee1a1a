/**
 * What a reload would do to one instance, session by session, before it is done. The effects themselves are decided by
 * `speaker/settings-diff.ts`, which the speaker acts on; here they are put in words.
 */
import type { PolicyDefinition } from '../policy/definition.ts';
import type {
  DynamicPeersSettings,
  InstanceSettings,
  PeerSettings,
  PeerTemplate,
} from '../speaker/settings.ts';
import {
  describeChange,
  peerChanges,
  routerChanges,
  type SettingChange,
  sameSettings,
  softResetDirections,
} from '../speaker/settings-diff.ts';

/** The shape of `ConfigDiff` in api/ports.ts. */
export interface ConfigDiff {
  readonly lines: readonly DiffLine[];
}

export interface DiffLine {
  readonly change: 'add' | 'remove' | 'change';
  readonly subject: string;
  readonly effect: string;
  readonly details: readonly string[];
}

export const untouched = 'no session is touched';

export function diffSettings(old: InstanceSettings, next: InstanceSettings): ConfigDiff {
  const router = routerChanges(old.router, next.router);
  const policies = changedPolicies(old.policies, next.policies);
  const shared: SharedChanges = { router: router.filter(({ effect }) => touchesSessions(effect)), policies };
  return {
    lines: [
      ...routerLines(router),
      ...limitLines(old, next),
      ...fibLines(old, next),
      ...vpnLines(old, next),
      ...policyLines(old, next, policies),
      ...peerLines(old.peers, next.peers, shared),
      ...rangeLines(old.dynamicPeers, next.dynamicPeers, shared),
      ...networkLines(old, next),
      ...stationLines(old, next),
    ],
  };
}

/** What changes for a peer though its own settings are the same. */
interface SharedChanges {
  readonly router: readonly SettingChange[];
  readonly policies: ReadonlySet<string>;
}

function touchesSessions(effect: SettingChange['effect']): boolean {
  return effect !== 'later' && effect !== 'decide';
}

/** Both sides of a keyed list, with `undefined` where one has no such entry. */
export function paired<T>(
  old: readonly T[],
  next: readonly T[],
  keyOf: (item: T) => string,
): [string, T | undefined, T | undefined][] {
  const before = new Map(old.map((item) => [keyOf(item), item]));
  const after = new Map(next.map((item) => [keyOf(item), item]));
  return [...new Set([...before.keys(), ...after.keys()])].map((key) => [
    key,
    before.get(key),
    after.get(key),
  ]);
}

function changedPolicies(old: readonly PolicyDefinition[], next: readonly PolicyDefinition[]): Set<string> {
  const changed = paired(old, next, ({ name }) => name).filter(([, a, b]) => !sameSettings(a, b));
  return new Set(changed.map(([name]) => name));
}

function routerLines(changes: readonly SettingChange[]): DiffLine[] {
  if (changes.length === 0) return [];
  const soft = softWords(softResetDirections(changes));
  const effect = changes.some((change) => change.effect === 'reset')
    ? 'all sessions reset'
    : soft
      ? `${soft} of all sessions`
      : changes.some((change) => change.effect === 'decide')
        ? `${untouched}, best paths are chosen again`
        : untouched;
  return [{ change: 'change', subject: 'router', effect, details: changes.map(describeChange) }];
}

function limitLines(old: InstanceSettings, next: InstanceSettings): DiffLine[] {
  if (sameSettings(old.limits, next.limits)) return [];
  const keys = ['routes', 'peers', 'updatesPerSecond'] as const;
  const details = keys
    .filter((key) => old.limits[key] !== next.limits[key])
    .map((key) => `${key} ${old.limits[key] ?? 'none'} -> ${next.limits[key] ?? 'none'}`);
  return [{ change: 'change', subject: 'limits', effect: untouched, details }];
}

function fibLines(old: InstanceSettings, next: InstanceSettings): DiffLine[] {
  if (sameSettings(old.fib, next.fib)) return [];
  const effect = next.fib ? 'best routes are installed' : 'installed routes are removed';
  const details = next.fib ? [`table ${next.fib.table}, metric ${next.fib.metric}`] : [];
  return [
    { change: changeOf(old.fib, next.fib), subject: 'fib', effect: `${effect}, ${untouched}`, details },
  ];
}

function stationLines(old: InstanceSettings, next: InstanceSettings): DiffLine[] {
  return paired(old.stations ?? [], next.stations ?? [], ({ name }) => name)
    .filter(([, before, after]) => !sameSettings(before, after))
    .map(([name, before, after]) => {
      const what = !after ? 'told no more' : before ? 'connected to anew' : 'connected to';
      const details = after ? [`monitor ${[...after.monitor].join(', ')}`] : [];
      return {
        change: changeOf(before, after),
        subject: `station ${name}`,
        effect: `${what}, ${untouched}`,
        details,
      };
    });
}

function vpnLines(old: InstanceSettings, next: InstanceSettings): DiffLine[] {
  if (sameSettings(old.vpn, next.vpn)) return [];
  const details = next.vpn
    ? [
        `rd ${next.vpn.rd}`,
        `import ${next.vpn.importTargets.join(', ') || 'nothing'}`,
        `export ${next.vpn.exportTargets.join(', ') || 'nothing'}`,
      ]
    : [];
  const effect = `routes are exchanged anew, ${untouched}`;
  return [{ change: changeOf(old.vpn, next.vpn), subject: 'vpn', effect, details }];
}

function softWords({ in: inbound, out: outbound }: { readonly in: boolean; readonly out: boolean }): string {
  if (inbound && outbound) return 'soft reset in and out';
  return inbound ? 'soft reset in' : outbound ? 'soft reset out' : '';
}

function policyLines(
  old: InstanceSettings,
  next: InstanceSettings,
  changed: ReadonlySet<string>,
): DiffLine[] {
  const lines: DiffLine[] = [];
  for (const [name, before, after] of paired(old.policies, next.policies, (policy) => policy.name)) {
    if (!changed.has(name)) continue;
    const users = next.peers.filter((peer) => peer.importPolicy === name || peer.exportPolicy === name);
    const details = users.map((peer) => `used by peer ${peer.address}`);
    const effect =
      before && after && users.length > 0
        ? `soft reset of the peers that use it (${users.length})`
        : untouched;
    lines.push({ change: changeOf(before, after), subject: `policy ${name}`, effect, details });
  }
  return lines;
}

function changeOf(before: unknown, after: unknown): DiffLine['change'] {
  return before === undefined ? 'add' : after === undefined ? 'remove' : 'change';
}

function peerLines(
  old: readonly PeerSettings[],
  next: readonly PeerSettings[],
  shared: SharedChanges,
): DiffLine[] {
  const lines: DiffLine[] = [];
  for (const [address, before, after] of paired(old, next, (peer) => peer.address.toString())) {
    const subject = `peer ${address}`;
    if (before && after) {
      const line = templateLine(subject, before, after, shared, 'session');
      if (line) lines.push(line);
    } else if (after) {
      const effect = after.shutdown ? 'stays shut down' : 'session starts';
      lines.push({ change: 'add', subject, effect, details: [`remoteAs ${after.remoteAs}`] });
    } else {
      lines.push({ change: 'remove', subject, effect: 'session ends', details: [] });
    }
  }
  return lines;
}

function rangeLines(
  old: readonly DynamicPeersSettings[],
  next: readonly DynamicPeersSettings[],
  shared: SharedChanges,
): DiffLine[] {
  const lines: DiffLine[] = [];
  for (const [range, before, after] of paired(old, next, (entry) => entry.range.toString())) {
    const subject = `dynamic peers ${range}`;
    if (before && after) {
      const limit = before.limit === after.limit ? [] : [`limit ${before.limit} -> ${after.limit}`];
      const line = templateLine(
        subject,
        before.template,
        after.template,
        shared,
        'sessions from this range',
        limit,
      );
      if (line) lines.push(line);
    } else if (after) {
      lines.push({ change: 'add', subject, effect: untouched, details: [`limit ${after.limit}`] });
    } else {
      lines.push({ change: 'remove', subject, effect: 'sessions from this range end', details: [] });
    }
  }
  return lines;
}

function templateLine(
  subject: string,
  before: PeerTemplate,
  after: PeerTemplate,
  shared: SharedChanges,
  session: 'session' | 'sessions from this range',
  more: readonly string[] = [],
): DiffLine | undefined {
  const changes = [...shared.router, ...peerChanges(before, after)];
  const contents = policyContents(before, after, shared.policies);
  const details = [
    ...shared.router.map((change) => `router.${describeChange(change)}`),
    ...peerChanges(before, after).map(describeChange),
    ...contents.map((name) => `policy ${name} changes`),
    ...more,
  ];
  if (details.length === 0) return undefined;
  const soft = softResetDirections(changes);
  const effect = templateEffect(before, after, changes, session, {
    in: soft.in || contents.includes(after.importPolicy ?? ''),
    out: soft.out || contents.includes(after.exportPolicy ?? ''),
  });
  return { change: 'change', subject, effect, details };
}

/** Policies that keep their name for this peer but not their terms. */
function policyContents(before: PeerTemplate, after: PeerTemplate, changed: ReadonlySet<string>): string[] {
  const kept: (string | undefined)[] = [];
  if (before.importPolicy === after.importPolicy) kept.push(after.importPolicy);
  if (before.exportPolicy === after.exportPolicy) kept.push(after.exportPolicy);
  return [...new Set(kept)].filter((name): name is string => name !== undefined && changed.has(name));
}

function templateEffect(
  before: PeerTemplate,
  after: PeerTemplate,
  changes: readonly SettingChange[],
  session: string,
  soft: { readonly in: boolean; readonly out: boolean },
): string {
  const ends = session === 'session' ? 's' : '';
  if (before.shutdown && after.shutdown) return 'stays shut down';
  if (after.shutdown) return session === 'session' ? 'session is shut down' : `${session} are shut down`;
  if (before.shutdown) return session === 'session' ? 'session starts' : untouched;
  if (changes.some(({ effect }) => effect === 'reset')) return `${session} reset${ends}`;
  return softWords(soft) || untouched;
}

function networkLines(old: InstanceSettings, next: InstanceSettings): DiffLine[] {
  return paired(old.networks, next.networks, (network) => network.prefix.toString())
    .filter(([, before, after]) => !sameSettings(before, after))
    .map(([prefix, before, after]) => {
      const what = !after ? 'withdrawn' : before ? 'announced anew' : 'announced';
      const change = changeOf(before, after);
      return { change, subject: `network ${prefix}`, effect: `${what}, ${untouched}`, details: [] };
    });
}
