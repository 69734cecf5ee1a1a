/**
 * Rules that look at several keys of one peer, group or range, after the group is merged in. Every rule holds its
 * tongue where a value it needs is unusable already. Rules about one key alone are in the schema.
 */
import { formatFamily, supportedFamilies } from '../net/family.ts';
import { checkTransport } from './check-transport.ts';
import type { MachineFacts } from './configuration.ts';
import { defaultPort, timerDefaults } from './defaults.ts';
import type { Findings } from './findings.ts';
import type { Layers } from './layers.ts';
import { formatDuration } from './scalars.ts';
import type { InstanceScope } from './scope.ts';

type MaxPrefixesKey = 'limit' | 'action' | 'warnPercent' | 'restart';

export interface CheckContext {
  readonly scope: InstanceScope;
  readonly findings: Findings;
  /** `undefined`: not known, the file is wrong there. */
  readonly ownAs: number | undefined;
  readonly facts: MachineFacts;
}

/** Rules for all three kinds of entry. */
export function checkPeerKeys(layers: Layers, context: CheckContext): void {
  checkRole(layers, context);
  checkTimers(layers, context.findings);
  checkFamilies(layers, context.findings);
  checkMaxPrefixes(layers, context.findings);
  checkTransport(layers, context);
}

/** The AS of the entry; `undefined` when it is not known, 0 for `any`. */
function remoteAsOf(layers: Layers): number | undefined {
  return layers.isBroken('remoteAs') ? undefined : layers.merged.remoteAs;
}

function checkRole(layers: Layers, { findings, ownAs }: CheckContext): void {
  const remoteAs = remoteAsOf(layers);
  const { routeReflectorClient, localAs } = layers.merged;
  if (remoteAs === undefined || ownAs === undefined) return;
  const internal = remoteAs === ownAs;
  if (routeReflectorClient && !internal) {
    const who =
      remoteAs === 0 ? 'a peer of any AS' : `an external peer (its AS is ${remoteAs}, ours ${ownAs})`;
    const at = layers.culprit(['routeReflectorClient'], ['remoteAs']);
    findings.problem(at, `${who} cannot be a route reflector client (RFC 4456)`);
  }
  if (localAs === undefined) return;
  const at = layers.culprit(['localAs'], ['remoteAs']);
  if (internal && localAs !== ownAs) {
    findings.problem(at, `localAs ${localAs} is for external peers, and AS ${ownAs} is our own`);
  } else if (!internal && localAs === remoteAs) {
    findings.problem(
      at,
      `localAs ${localAs} is the AS of the peer: set router.asn to it for an internal session`,
    );
  }
}

function checkTimers(layers: Layers, findings: Findings): void {
  const {
    keepalive,
    idleHold,
    idleHoldMax,
    sendHold,
    hold = timerDefaults.holdSeconds,
  } = layers.merged.timers ?? {};
  const holdKnown = !layers.isBroken('timers', 'hold');
  if (holdKnown && keepalive !== undefined && hold > 0 && keepalive * 3 > hold) {
    const advice = `write ${formatDuration(Math.floor(hold / 3))} or less, or leave keepalive out`;
    findings.problem(
      layers.culprit(['timers', 'keepalive'], ['timers', 'hold']),
      `keepalive ${formatDuration(keepalive)} is more than a third of hold ${formatDuration(hold)}: ${advice}`,
    );
  }
  if (holdKnown && sendHold !== undefined && sendHold > 0 && sendHold <= hold) {
    findings.problem(
      layers.culprit(['timers', 'sendHold'], ['timers', 'hold']),
      `sendHold ${formatDuration(sendHold)} must be more than hold ${formatDuration(hold)}, or 0s (RFC 9687)`,
    );
  }
  const first = idleHold ?? timerDefaults.idleHoldSeconds;
  const last = idleHoldMax ?? timerDefaults.idleHoldMaxSeconds;
  const known = !layers.isBroken('timers', 'idleHold') && !layers.isBroken('timers', 'idleHoldMax');
  if (known && first > last) {
    findings.problem(
      layers.culprit(['timers', 'idleHold'], ['timers', 'idleHoldMax']),
      `idleHold ${formatDuration(first)} is more than idleHoldMax ${formatDuration(last)}`,
    );
  }
}

function checkFamilies(layers: Layers, findings: Findings): void {
  const { families } = layers.merged;
  if (!families || layers.isBroken('families')) return;
  const path = layers.origin('families');
  if (families.length === 0) findings.problem(path, 'a session needs one family at least');
  for (const [i, family] of families.entries()) {
    if (family !== undefined && families.indexOf(family) < i) {
      findings.problem([...path, i], `${formatFamily(family)} is listed twice`);
    }
  }
}

function checkMaxPrefixes(layers: Layers, findings: Findings): void {
  const limits = layers.merged.maxPrefixes;
  if (!limits || layers.isBroken('maxPrefixes')) return;
  const names = supportedFamilies.map(formatFamily).filter((name) => hasKey(limits, name));
  const common = limits.limit !== undefined || names.length === 0 ? [undefined] : [];
  for (const name of [...common, ...names]) {
    const at = (key: MaxPrefixesKey) => {
      const below = name === undefined || isCommon(limits, name, key) ? [] : [name];
      return layers.origin('maxPrefixes', ...below, key);
    };
    const value = (key: MaxPrefixesKey) => familyLimit(limits, name, key);
    if (value('limit') === undefined)
      findings.problem(at('limit'), 'this key is missing: a limit is needed', 'missing');
    if (value('restart') !== undefined && (value('action') ?? 'idle') !== 'idle') {
      findings.problem(at('restart'), `restart is for action idle, and the action is ${value('action')}`);
    }
  }
}

type LooseLimits = NonNullable<Layers['merged']['maxPrefixes']>;
type LimitedFamily = Exclude<keyof LooseLimits, MaxPrefixesKey>;

function hasKey(limits: LooseLimits, name: string): name is LimitedFamily {
  return name in limits;
}

/** The family has no such key of its own, but all families together have. */
function isCommon(limits: LooseLimits, name: string, key: MaxPrefixesKey): boolean {
  return limits[key] !== undefined && !(hasKey(limits, name) && limits[name]?.[key] !== undefined);
}

/** The key below the family, else the common one. */
export function familyLimit<K extends MaxPrefixesKey>(limits: LooseLimits, name: string | undefined, key: K) {
  const own = name !== undefined && hasKey(limits, name) ? limits[name]?.[key] : undefined;
  return own ?? limits[key];
}

/** A peer with an address of its own. */
export function checkPeer(layers: Layers, address: LooseAddress, context: CheckContext): void {
  const { findings } = context;
  requireRemoteAs(layers, findings);
  if (remoteAsOf(layers) === 0) {
    findings.problem(
      layers.origin('remoteAs'),
      '"any" is for dynamicPeers: a peer with an address has one AS',
    );
  }
  if (address) checkAddresses(layers, address, context);
  warnAboutPeer(layers, context);
}

type LooseAddress = NonNullable<NonNullable<InstanceScope['lists']['peers']>[number]>['address'];

function listenKey({ routerPath }: InstanceScope): string {
  return [...routerPath, 'listen'].join('.');
}

function checkAddresses(
  layers: Layers,
  address: NonNullable<LooseAddress>,
  { scope, findings }: CheckContext,
): void {
  const { localAddress, port = defaultPort } = layers.merged;
  const path = [...layers.path, 'address'];
  const ours = scope.router?.listen?.some((entry) => entry?.address?.equals(address) && entry.port === port);
  if (ours && !layers.isBroken('port')) {
    findings.problem(path, `${address} port ${port} is our own ${listenKey(scope)} address`);
  }
  if (localAddress?.equals(address)) {
    findings.problem(
      layers.culprit(['localAddress'], ['address']),
      `${localAddress} is the address of the peer itself`,
    );
  } else if (localAddress && localAddress.version !== address.version) {
    const at = layers.culprit(['localAddress'], ['address']);
    findings.problem(
      at,
      `${localAddress} is IPv${localAddress.version}, the peer ${address} is IPv${address.version}`,
    );
  }
}

/** A range of addresses. */
export function checkRange(layers: Layers, version: 4 | 6 | undefined, context: CheckContext): void {
  const { findings } = context;
  requireRemoteAs(layers, findings);
  const { localAddress, passive } = layers.merged;
  if (passive === false) {
    findings.problem(layers.origin('passive'), 'peers of a range are always passive: leave the key out');
  }
  if (version !== undefined && localAddress && localAddress.version !== version) {
    const at = layers.origin('localAddress');
    findings.problem(at, `${localAddress} is IPv${localAddress.version}, the range is IPv${version}`);
  }
  if (context.scope.router?.listen?.length === 0) {
    findings.warn(layers.path, `nobody can connect from here: ${listenKey(context.scope)} is empty`);
  }
  warnAboutPeer(layers, context);
}

function requireRemoteAs(layers: Layers, findings: Findings): void {
  if (layers.merged.remoteAs !== undefined || layers.isBroken('remoteAs')) return;
  const where = layers.isBroken('group') ? '' : ': it stands neither here nor in a group';
  findings.problem([...layers.path, 'remoteAs'], `this key is missing${where}`, 'missing');
}

function warnAboutPeer(layers: Layers, context: CheckContext): void {
  const { findings, ownAs } = context;
  const remoteAs = remoteAsOf(layers);
  if (remoteAs === undefined || ownAs === undefined) return;
  if (remoteAs !== ownAs) warnWithoutPolicy(layers, findings);
  if (remoteAs === ownAs) {
    for (const key of ['removePrivateAs', 'asOverride'] as const) {
      if (layers.merged[key]) findings.warn(layers.origin(key), `${key} does nothing on an internal peer`);
    }
  }
  const { passive, families, maxPrefixes } = layers.merged;
  if (passive && context.scope.router?.listen?.length === 0) {
    findings.warn(
      layers.origin('passive'),
      `a passive peer cannot connect: ${listenKey(context.scope)} is empty`,
    );
  }
  for (const name of supportedFamilies.map(formatFamily)) {
    const used =
      !families || families.some((family) => family !== undefined && formatFamily(family) === name);
    if (maxPrefixes && hasKey(maxPrefixes, name) && !used) {
      findings.warn(layers.origin('maxPrefixes', name), `${name} is not among the families of the peer`);
    }
  }
}

/** RFC 8212 §2: legal, but seldom meant. */
function warnWithoutPolicy(layers: Layers, findings: Findings): void {
  const { importPolicy, exportPolicy } = layers.merged;
  const noImport = importPolicy === undefined && !layers.isBroken('importPolicy');
  const noExport = exportPolicy === undefined && !layers.isBroken('exportPolicy');
  if (!noImport && !noExport) return;
  const who = layers.merged.remoteAs === 0 ? 'external peers from here have' : 'this external peer has';
  const [what, effect] =
    noImport && noExport
      ? ['neither importPolicy nor exportPolicy', 'nothing is exchanged']
      : noImport
        ? ['no importPolicy', 'no route is taken']
        : ['no exportPolicy', 'no route is sent'];
  findings.warn(layers.path, `${who} ${what}: ${effect} (RFC 8212)`);
}
