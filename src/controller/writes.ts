/**
 * What clients ask for, as changes to the store: objects put, merged and deleted, all of a request or nothing of it.
 * Owns generations, the status of new objects and the order in which a request's objects are looked at; the rules about
 * each are admission's. The shape of a spec is checked by whoever read it from outside.
 */
import { admit, admitDelete, type ClientWrite, type Refusal, timerConditions } from './admission.ts';
import { newConnectionStatus } from './connections.ts';
import { newGatewayStatus } from './gateways.ts';
import type { BgpPeerSpec, Condition, GatewayPoolStatus, GatewaySpec } from './resources.ts';
import { newTenantStatus } from './roles.ts';
import { type Change, changesBetween, type Draft, draftOf, type Snapshot, sameValue } from './snapshot.ts';

/** In the order in which they refer to each other. */
export const clientKinds = ['pools', 'gateways', 'tenants', 'policies', 'connections', 'peers'] as const;
export type ClientKind = (typeof clientKinds)[number];

export type Operation = {
  readonly kind: ClientKind;
  readonly name: string;
  /** The generation the client has seen; without it, whatever is there is replaced. 0: there is to be none yet. */
  readonly generation?: number;
} & ({ readonly type: 'put'; readonly spec: object } | { readonly type: 'delete' });

export interface WriteRefusal {
  readonly kind: ClientKind;
  readonly name: string;
  readonly status: Refusal['status'] | 404 | 412;
  readonly reason: Refusal['reason'] | 'NotFound' | 'StaleVersion';
  readonly message: string;
}
export interface WriteResult {
  readonly kind: ClientKind;
  readonly name: string;
  readonly outcome: 'created' | 'changed' | 'unchanged' | 'deleted';
}
export interface Writes {
  readonly refusals: readonly WriteRefusal[];
  readonly results: readonly WriteResult[];
  /** Empty when anything was refused. */
  readonly changes: readonly Change[];
}

/** Later operations see the earlier ones. Every refusal is told, not only the first. */
export function planWrites(snapshot: Snapshot, operations: readonly Operation[], now: number): Writes {
  const draft = draftOf(snapshot);
  const refusals: WriteRefusal[] = [];
  const results: WriteResult[] = [];
  for (const operation of inOrder(operations)) {
    const { kind, name } = operation;
    const refused = isStale(draft, operation) ?? refusalsOf(draft, operation, now);
    refusals.push(...refused.map((refusal) => ({ kind, name, ...refusal })));
    if (refused.length === 0) results.push({ kind, name, outcome: apply(draft, operation, now) });
  }
  return { refusals, results, changes: refusals.length > 0 ? [] : changesBetween(snapshot, draft) };
}

/** What is referred to comes first, and goes last. */
function inOrder(operations: readonly Operation[]): readonly Operation[] {
  const rank = ({ type, kind }: Operation) =>
    type === 'put' ? clientKinds.indexOf(kind) : 2 * clientKinds.length - clientKinds.indexOf(kind);
  return [...operations].sort((a, b) => rank(a) - rank(b));
}

type Bare = Omit<WriteRefusal, 'kind' | 'name'>;

function isStale(draft: Draft, { kind, name, generation, type }: Operation): readonly Bare[] | undefined {
  const old = draft[kind].get(name);
  if (type === 'delete' && !old)
    return [{ status: 404, reason: 'NotFound', message: `there is no ${name} among ${kind}` }];
  const actual = old?.generation ?? 0;
  if (generation === undefined || generation === actual) return undefined;
  const message = actual === 0 ? `there is no ${name}` : `${name} is at generation ${actual}`;
  return [{ status: 412, reason: 'StaleVersion', message }];
}

function refusalsOf(draft: Draft, operation: Operation, now: number): readonly Bare[] {
  const { kind, name } = operation;
  if (operation.type === 'delete') return admitDelete(draft, kind, name);
  return admit(draft, { kind, value: objectOf(draft, kind, name, operation.spec, now) } as ClientWrite);
}

function apply(draft: Draft, operation: Operation, now: number): WriteResult['outcome'] {
  const { kind, name } = operation;
  const table: Map<string, unknown> = draft[kind];
  const old = draft[kind].get(name);
  if (operation.type === 'put') {
    const value = objectOf(draft, kind, name, operation.spec, now);
    if (old && sameValue(old.spec, value.spec)) return 'unchanged';
    table.set(name, value);
    return old ? 'changed' : 'created';
  }
  // Pools and policies are nothing that lives on a gateway; the others leave in good order.
  if (kind === 'pools' || kind === 'policies') table.delete(name);
  else table.set(name, { ...old, deleting: true });
  return 'deleted';
}

function objectOf(draft: Draft, kind: ClientKind, name: string, spec: object, now: number) {
  const old = draft[kind].get(name);
  const status = kind === 'peers' ? peerStatus(spec as BgpPeerSpec) : (old?.status ?? newStatus(kind, now));
  return { ...old, name, generation: (old?.generation ?? 0) + 1, spec, status };
}

function peerStatus({ timers }: BgpPeerSpec): { readonly conditions: readonly Condition[] } {
  return { conditions: timerConditions(timers) };
}

function newStatus(kind: ClientKind, now: number): object {
  switch (kind) {
    case 'pools':
      return newPoolStatus();
    case 'gateways':
      return newGatewayStatus(now);
    case 'tenants':
      return newTenantStatus();
    case 'connections':
      return newConnectionStatus();
    default:
      return {};
  }
}

/** The planner fills it in. */
export function newPoolStatus(): GatewayPoolStatus {
  return {
    gateways: 0,
    healthy: 0,
    active: 0,
    spare: 0,
    reserveSatisfied: false,
    loadPermille: 0,
    largestFreeKbps: { IPSEC: 0, GRE: 0, L3: 0 },
    conditions: [],
  };
}

export const gatewayActions = ['drain', 'undrain', 'fail', 'confirm-dead'] as const;
export type GatewayAction = (typeof gatewayActions)[number];

/** `undrain` takes back whatever an operator said of the gateway. */
export function actionOn(spec: GatewaySpec, action: GatewayAction): GatewaySpec {
  const { verdict: _, ...rest } = spec;
  switch (action) {
    case 'drain':
      return { ...spec, adminState: 'Draining' };
    case 'undrain':
      return { ...rest, adminState: 'InService' };
    case 'fail':
      return { ...spec, verdict: 'fail' };
    case 'confirm-dead':
      return { ...spec, verdict: 'dead' };
  }
}

/** A file that is applied again does not undo what an operator said of a gateway, unless it says otherwise itself. */
export function keepingWord(snapshot: Snapshot, operation: Operation): Operation {
  if (operation.type !== 'put' || operation.kind !== 'gateways') return operation;
  const { adminState = 'InService', verdict } = snapshot.gateways.get(operation.name)?.spec ?? {};
  const word = verdict === undefined ? { adminState } : { adminState, verdict };
  return { ...operation, spec: { ...word, ...operation.spec } };
}
