/**
 * Rules that look across the file: names that must exist, things given twice, addresses that collide. Works on
 * whatever could be read, so that one bad value does not hide the rest.
 */
import { type CheckContext, checkPeer, checkPeerKeys, checkRange } from './check-peers.ts';
import { checkKeyedRanges, type Sender } from './check-transport.ts';
import type { MachineFacts } from './configuration.ts';
import type { Findings, Path } from './findings.ts';
import { type Layer, Layers, type LoosePeer } from './layers.ts';
import type { ConfigFile } from './schema.ts';
import { didYouMean } from './suggest.ts';
import type { Loose } from './walk.ts';

type LooseFile = Loose<ConfigFile>;

export const builtInPolicies: readonly string[] = ['accept-all', 'reject-all'];

export function checkFile(file: LooseFile, findings: Findings, facts: MachineFacts): void {
  const context: CheckContext = {
    file,
    findings,
    ownAs: findings.isBroken(['router', 'asn']) ? undefined : file.router?.asn,
    facts,
  };
  checkRouter(file, findings);
  checkApi(file, findings);
  checkTwice(file, findings);
  checkEntries(context);
  checkNetworks(file, findings);
  checkPolicies(file, findings);
}

function* indexed<T>(list: readonly (T | undefined)[] | undefined): Generator<[number, T]> {
  for (const [i, item] of (list ?? []).entries()) if (item !== undefined) yield [i, item];
}

/** Reports each element whose key an earlier one has. */
function reportTwice<T>(
  list: readonly (T | undefined)[] | undefined,
  path: Path,
  keyOf: (item: T) => { readonly text: string | undefined; readonly at?: string },
  findings: Findings,
): void {
  const first = new Map<string, number>();
  for (const [i, item] of indexed(list)) {
    const { text, at } = keyOf(item);
    if (text === undefined) continue;
    const earlier = first.get(text);
    if (earlier === undefined) first.set(text, i);
    else {
      const here = at === undefined ? [...path, i] : [...path, i, at];
      findings.problem(here, `${text} was given before, in ${[...path, earlier].join('.')}`);
    }
  }
}

function checkTwice(file: LooseFile, findings: Findings): void {
  const named = (item: { readonly name?: string | undefined }) => ({ text: item.name, at: 'name' });
  reportTwice(file.peerGroups, ['peerGroups'], named, findings);
  reportTwice(file.policies, ['policies'], named, findings);
  reportTwice(file.peers, ['peers'], (peer) => ({ text: peer.address?.toString(), at: 'address' }), findings);
  reportTwice(
    file.dynamicPeers,
    ['dynamicPeers'],
    (entry) => ({ text: entry.range?.toString(), at: 'range' }),
    findings,
  );
  reportTwice(
    file.networks,
    ['networks'],
    (network) => ({ text: network.prefix?.toString(), at: 'prefix' }),
    findings,
  );
  for (const [i, policy] of indexed(file.policies)) {
    reportTwice(policy.terms, ['policies', i, 'terms'], named, findings);
  }
}

function checkRouter({ router }: LooseFile, findings: Findings): void {
  const path = ['router', 'nextHops'];
  reportTwice(router?.nextHops, path, (hop) => ({ text: hop.prefix?.toString(), at: 'prefix' }), findings);
  if (!findings.isBroken(['router', 'nextHopResolution'])) {
    if (router?.nextHops?.length && router.nextHopResolution !== 'static') {
      findings.warn(path, 'this table is not used: nextHopResolution is none');
    }
    if (router?.nextHopResolution === 'static' && !router.nextHops?.length) {
      findings.warn(['router', 'nextHopResolution'], 'nextHops is empty: no route can be used');
    }
  }
  for (const [i, entry] of indexed(router?.listen)) {
    for (const [j, other] of indexed(router?.listen)) {
      if (j >= i || other.port !== entry.port) continue;
      const same = !other.address || !entry.address || other.address.equals(entry.address);
      if (same)
        findings.problem(['router', 'listen', i], `router.listen.${j} takes this address and port already`);
    }
  }
}

function checkApi({ api }: LooseFile, findings: Findings): void {
  const listen = api?.tcp?.listen;
  if (!listen) return;
  const loopback = listen.address?.bytes[0] === 127 || listen.address?.toString() === '::1';
  if (!loopback)
    findings.warn(['api', 'tcp', 'listen'], 'the API can be reached from other machines, unencrypted');
}

function checkEntries(context: CheckContext): void {
  const { file, findings } = context;
  for (const [i, keys] of indexed(file.peerGroups)) {
    const layers = new Layers({ keys, path: ['peerGroups', i] }, undefined, findings);
    checkPeerKeys(layers, context);
    checkPolicyNames(layers, context);
  }
  const senders: Sender[] = [];
  for (const [i, keys] of indexed(file.peers)) {
    const layers = layersOf({ keys, path: ['peers', i] }, keys.group, context);
    checkPeerKeys(layers, context);
    checkPolicyNames(layers, context);
    checkPeer(layers, keys.address, context);
    if (keys.address) senders.push({ layers, from: keys.address });
  }
  for (const [i, keys] of indexed(file.dynamicPeers)) {
    const layers = layersOf({ keys, path: ['dynamicPeers', i] }, keys.group, context);
    checkPeerKeys(layers, context);
    checkPolicyNames(layers, context);
    checkRange(layers, keys.range?.version, context);
    if (keys.range) senders.push({ layers, from: keys.range });
  }
  checkKeyedRanges(senders, findings);
}

function layersOf(own: Layer, group: string | undefined, { file, findings }: CheckContext): Layers {
  const at = [...own.path, 'group'];
  if (group === undefined) return new Layers(own, findings.isBroken(at) ? 'unknown' : undefined, findings);
  const found = file.peerGroups?.findIndex((entry) => entry?.name === group) ?? -1;
  const keys: LoosePeer | undefined = file.peerGroups?.[found];
  if (keys) return new Layers(own, { keys, path: ['peerGroups', found] }, findings);
  if (namesAreKnown('peerGroups', file.peerGroups, findings)) {
    const names = [...indexed(file.peerGroups)].map(([, entry]) => entry.name ?? '');
    findings.problem(at, `there is no peer group ${quoted(group)}${didYouMean(group, names)}`, 'reference');
  }
  return new Layers(own, 'unknown', findings);
}

const quoted = (text: string) => JSON.stringify(text);

/** Where a name could not be read, a reference to it cannot be called wrong. */
function namesAreKnown(
  section: string,
  entries: readonly ({ readonly name?: string | undefined } | undefined)[] | undefined,
  findings: Findings,
): boolean {
  if (!entries) return !findings.isBroken([section]);
  return entries.every((entry) => entry?.name !== undefined);
}

function checkPolicyNames(layers: Layers, { file, findings }: CheckContext): void {
  if (!namesAreKnown('policies', file.policies, findings)) return;
  const names = [...builtInPolicies, ...[...indexed(file.policies)].map(([, policy]) => policy.name ?? '')];
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

function checkNetworks(file: LooseFile, findings: Findings): void {
  for (const [i, { prefix, nextHop }] of indexed(file.networks)) {
    if (prefix?.version === 6 && nextHop?.version === 4) {
      findings.problem(['networks', i, 'nextHop'], `${nextHop} is IPv4, the prefix ${prefix} is IPv6`);
    }
  }
}

function checkPolicies(file: LooseFile, findings: Findings): void {
  for (const [i, policy] of indexed(file.policies)) {
    if (policy.name !== undefined && builtInPolicies.includes(policy.name)) {
      findings.problem(['policies', i, 'name'], `${quoted(policy.name)} is built in: choose another name`);
    }
    for (const [j, term] of indexed(policy.terms)) {
      const path = ['policies', i, 'terms', j];
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
