/**
 * Rules that look across one instance: names that must exist, things given twice, addresses that collide. Works on
 * whatever could be read, so that one bad value does not hide the rest.
 */
import { type CheckContext, checkPeer, checkPeerKeys, checkRange } from './check-peers.ts';
import { checkKeyedRanges, type Sender } from './check-transport.ts';
import type { MachineFacts } from './configuration.ts';
import { routerDefaults } from './defaults.ts';
import type { Findings, Path } from './findings.ts';
import { type Layer, Layers, type LoosePeer } from './layers.ts';
import { indexed, reportTwice } from './lists.ts';
import { formatListen } from './scalars.ts';
import { type InstanceScope, sameListener } from './scope.ts';
import { didYouMean } from './suggest.ts';

export const builtInPolicies: readonly string[] = ['accept-all', 'reject-all'];

export function checkInstance(scope: InstanceScope, findings: Findings, facts: MachineFacts): void {
  const ownAs = findings.isBroken([...scope.routerPath, 'asn']) ? undefined : scope.router?.asn;
  const context: CheckContext = { scope, findings, ownAs, facts };
  checkRouter(scope, findings);
  checkTwice(scope, findings);
  checkEntries(context);
  checkLimits(scope, findings);
  checkNetworks(scope, findings);
  checkPolicies(scope, findings);
  checkStations(scope, findings);
}

function checkTwice({ lists, path }: InstanceScope, findings: Findings): void {
  const named = (item: { readonly name?: string | undefined }) => ({ text: item.name, at: 'name' });
  const below = (key: string): Path => [...path, key];
  reportTwice(lists.peerGroups, below('peerGroups'), named, findings);
  reportTwice(lists.policies, below('policies'), named, findings);
  reportTwice(
    lists.peers,
    below('peers'),
    (peer) => ({ text: peer.address?.toString(), at: 'address' }),
    findings,
  );
  reportTwice(
    lists.dynamicPeers,
    below('dynamicPeers'),
    (entry) => ({ text: entry.range?.toString(), at: 'range' }),
    findings,
  );
  reportTwice(
    lists.networks,
    below('networks'),
    (network) => ({ text: network.prefix?.toString(), at: 'prefix' }),
    findings,
  );
  for (const [i, policy] of indexed(lists.policies)) {
    reportTwice(policy.terms, [...below('policies'), i, 'terms'], named, findings);
  }
}

function checkRouter({ router, routerPath }: InstanceScope, findings: Findings): void {
  const path = [...routerPath, 'nextHops'];
  const resolution = [...routerPath, 'nextHopResolution'];
  reportTwice(router?.nextHops, path, (hop) => ({ text: hop.prefix?.toString(), at: 'prefix' }), findings);
  if (!findings.isBroken(resolution)) {
    const how = router?.nextHopResolution ?? routerDefaults.nextHopResolution;
    if (router?.nextHops?.length && how !== 'static') {
      findings.warn(path, `this table is not used: nextHopResolution is ${how}`);
    }
    if (how === 'static' && !router?.nextHops?.length) {
      findings.warn(resolution, 'nextHops is empty: no route can be used');
    }
  }
  for (const [i, entry] of indexed(router?.listen)) {
    for (const [j, other] of indexed(router?.listen)) {
      if (j >= i || !sameListener(entry, other)) continue;
      const at = [...routerPath, 'listen'];
      findings.problem([...at, i], `${[...at, j].join('.')} takes this address and port already`);
    }
  }
}

/** Dynamic peers are counted when they come. */
function checkLimits({ router, routerPath, lists }: InstanceScope, findings: Findings): void {
  const most = router?.limits?.peers;
  const configured = lists.peers?.length ?? 0;
  if (most !== undefined && configured > most) {
    findings.problem([...routerPath, 'limits', 'peers'], `there are ${configured} peers already`);
  }
}

function checkEntries(context: CheckContext): void {
  const { scope, findings } = context;
  const { lists, path } = scope;
  for (const [i, keys] of indexed(lists.peerGroups)) {
    const layers = new Layers({ keys, path: [...path, 'peerGroups', i] }, undefined, findings);
    checkPeerKeys(layers, context);
    checkPolicyNames(layers, context);
  }
  const senders: Sender[] = [];
  for (const [i, keys] of indexed(lists.peers)) {
    const layers = layersOf({ keys, path: [...path, 'peers', i] }, keys.group, context);
    checkPeerKeys(layers, context);
    checkPolicyNames(layers, context);
    checkPeer(layers, keys.address, context);
    if (keys.address) senders.push({ layers, from: keys.address });
  }
  for (const [i, keys] of indexed(lists.dynamicPeers)) {
    const layers = layersOf({ keys, path: [...path, 'dynamicPeers', i] }, keys.group, context);
    checkPeerKeys(layers, context);
    checkPolicyNames(layers, context);
    checkRange(layers, keys.range?.version, context);
    if (keys.range) senders.push({ layers, from: keys.range });
  }
  checkKeyedRanges(senders, findings);
}

function layersOf(own: Layer, group: string | undefined, { scope, findings }: CheckContext): Layers {
  const { peerGroups } = scope.lists;
  const at = [...own.path, 'group'];
  if (group === undefined) return new Layers(own, findings.isBroken(at) ? 'unknown' : undefined, findings);
  const found = peerGroups?.findIndex((entry) => entry?.name === group) ?? -1;
  const keys: LoosePeer | undefined = peerGroups?.[found];
  if (keys) return new Layers(own, { keys, path: [...scope.path, 'peerGroups', found] }, findings);
  if (namesAreKnown([...scope.path, 'peerGroups'], peerGroups, findings)) {
    const names = [...indexed(peerGroups)].map(([, entry]) => entry.name ?? '');
    findings.problem(at, `there is no peer group ${quoted(group)}${didYouMean(group, names)}`, 'reference');
  }
  return new Layers(own, 'unknown', findings);
}

const quoted = (text: string) => JSON.stringify(text);

/** Where a name could not be read, a reference to it cannot be called wrong. */
function namesAreKnown(
  section: Path,
  entries: readonly ({ readonly name?: string | undefined } | undefined)[] | undefined,
  findings: Findings,
): boolean {
  if (!entries) return !findings.isBroken(section);
  return entries.every((entry) => entry?.name !== undefined);
}

function checkPolicyNames(layers: Layers, { scope, findings }: CheckContext): void {
  const { policies } = scope.lists;
  if (!namesAreKnown([...scope.path, 'policies'], policies, findings)) return;
  const names = [...builtInPolicies, ...[...indexed(policies)].map(([, policy]) => policy.name ?? '')];
  for (const key of ['importPolicy', 'exportPolicy'] as const) {
    const name = layers.merged[key];
    if (name === undefined || names.includes(name) || layers.isBroken(key)) continue;
    findings.problem(
      layers.origin(key),
      `there is no policy ${quoted(name)}${didYouMean(name, names)}`,
      'reference',
    );
  }
}

function checkStations({ lists, path }: InstanceScope, findings: Findings): void {
  reportTwice(
    lists.bmp,
    [...path, 'bmp'],
    ({ name, station }) => ({
      text: name ?? (station && formatListen(station)),
      at: name ? 'name' : 'station',
    }),
    findings,
  );
  for (const [i, { station, localAddress, monitor }] of indexed(lists.bmp)) {
    const at = [...path, 'bmp', i];
    if (monitor?.length === 0)
      findings.problem([...at, 'monitor'], 'an empty list monitors nothing: leave the station out');
    if (station === undefined) continue;
    if (station.address === undefined)
      findings.problem([...at, 'station'], 'a station has an address: "*" is none to connect to');
    else if (localAddress && localAddress.version !== station.address.version)
      findings.problem(
        [...at, 'localAddress'],
        `${localAddress} is IPv${localAddress.version}, the station ${station.address} is not`,
      );
  }
}

function checkNetworks({ lists, path }: InstanceScope, findings: Findings): void {
  for (const [i, { prefix, nextHop }] of indexed(lists.networks)) {
    if (prefix?.version === 6 && nextHop?.version === 4) {
      findings.problem(
        [...path, 'networks', i, 'nextHop'],
        `${nextHop} is IPv4, the prefix ${prefix} is IPv6`,
      );
    }
  }
}

function checkPolicies({ lists, path: above }: InstanceScope, findings: Findings): void {
  for (const [i, policy] of indexed(lists.policies)) {
    if (policy.name !== undefined && builtInPolicies.includes(policy.name)) {
      findings.problem(
        [...above, 'policies', i, 'name'],
        `${quoted(policy.name)} is built in: choose another name`,
      );
    }
    for (const [j, term] of indexed(policy.terms)) {
      const path = [...above, 'policies', i, 'terms', j];
      for (const [key, list] of Object.entries(term.match ?? {})) {
        if (Array.isArray(list) && list.length === 0) {
          findings.problem(
            [...path, 'match', key],
            'an empty list matches nothing: leave the key out for every route',
          );
        }
      }
      if (Object.keys(term.set ?? {}).length > 0 && term.then === 'reject')
        findings.warn([...path, 'set'], 'this does nothing: the term rejects');
    }
  }
}
