/**
 * The safety statements about the store as functions: each returns what it found wrong, in words. `violations` looks at
 * one snapshot, `transitionViolations` at a step from one to the next. Tests run both after every operation, a live
 * system on demand. Written without the planner's own reasoning wherever that is possible.
 */

import { countedKbps } from './capacity.ts';
import { hasVlans, isLeaving, modelOf, slotsOn, vlansOf } from './occupancy.ts';
import { admitsType } from './placement.ts';
import type { Gateway, GatewayPool } from './resources.ts';
import type { Snapshot, Tables } from './snapshot.ts';

export type InvariantId =
  | 'I-EPO'
  | 'I-POOL'
  | 'I-CAP'
  | 'I-LIM'
  | 'I-RES-N'
  | 'I-TYPE'
  | 'I-RR1'
  | 'I-RR3'
  | 'I-RR4'
  | 'I-LB1'
  | 'I-LB2'
  | 'I-VIP'
  | 'I-NH'
  | 'I-NHRR'
  | 'I-RESI'
  | 'I-AUD';
export interface Violation {
  readonly id: InvariantId;
  readonly detail: string;
}
type Check = (tables: Tables) => readonly string[];

const checks: readonly (readonly [InvariantId, Check])[] = [
  ['I-POOL', wrongPool],
  ['I-CAP', overloaded],
  ['I-LIM', overLimit],
  ['I-TYPE', wrongType],
  ['I-RR1', reflectorCount],
  ['I-RR4', sharedIdentity],
  ['I-LB1', rulesAstray],
  ['I-LB2', rulesBesideIpsec],
  ['I-VIP', sharedVips],
  ['I-NH', overlayAstray],
  ['I-NHRR', overlayAtReflector],
  ['I-RESI', residue],
];

export function violations(snapshot: Tables): readonly Violation[] {
  return checks.flatMap(([id, check]) => check(snapshot).map((detail) => ({ id, detail })));
}

export function transitionViolations(before: Snapshot, after: Snapshot): readonly Violation[] {
  const found = (id: InvariantId, details: readonly string[]) => details.map((detail) => ({ id, detail }));
  return [
    ...found('I-EPO', epochsBack(before, after)),
    ...found('I-RR3', changedReflectors(before, after)),
    ...found('I-AUD', unrecorded(before, after)),
    ...found('I-RES-N', reserveEaten(before, after)),
    ...found('I-CAP', gainedLoad(before, after)),
  ];
}

function where<T>(
  rows: Iterable<T>,
  isWrong: (row: T) => boolean,
  say: (row: T) => string,
): readonly string[] {
  return [...rows].filter(isWrong).map(say);
}

function wrongPool(tables: Tables): readonly string[] {
  return where(
    tables.slots.values(),
    ({ spec, status }) =>
      status.gateway !== null && tables.gateways.get(status.gateway)?.spec.pool !== spec.pool,
    (slot) => `${slot.name} of ${slot.spec.pool} is bound to ${slot.status.gateway}`,
  );
}

function loadOf(tables: Tables, gateway: Gateway): number {
  return slotsOn(tables, gateway.name).reduce((sum, slot) => sum + slotLoad(tables, slot.name), 0);
}

function slotLoad(tables: Tables, name: string): number {
  const pool = tables.pools.get(tables.slots.get(name)?.spec.pool ?? '') as GatewayPool;
  let units = 0;
  for (const { spec, status } of tables.connections.values())
    if (status.slot === name)
      units += modelOf(pool).weight[spec.type] * countedKbps(pool.spec, status.granted ?? spec);
  return units;
}

function overloaded(tables: Tables): readonly string[] {
  return where(
    tables.gateways.values(),
    (gateway) =>
      loadOf(tables, gateway) > modelOf(tables.pools.get(gateway.spec.pool) as GatewayPool).units &&
      !gateway.status.conditions.some(({ type }) => type === 'OverProvisioned'),
    (gateway) => `${gateway.name} carries ${loadOf(tables, gateway)} units`,
  );
}

/** A gateway over its capacity gains nothing, except that a slot which alone is too large may find an empty spare. */
function gainedLoad(before: Snapshot, after: Snapshot): readonly string[] {
  return where(
    after.gateways.values(),
    (gateway) => {
      const pool = after.pools.get(gateway.spec.pool) as GatewayPool;
      const old = before.gateways.get(gateway.name);
      const load = loadOf(after, gateway);
      const alone = slotsOn(after, gateway.name).length === 1 && slotsOn(before, gateway.name).length === 0;
      return load > modelOf(pool).units && !alone && (old === undefined || load > loadOf(before, old));
    },
    (gateway) => `${gateway.name} is over its capacity and was given more`,
  );
}

function overLimit(tables: Tables): readonly string[] {
  return [...tables.gateways.values()].flatMap((gateway) => {
    const limits = tables.pools.get(gateway.spec.pool)?.spec.limits;
    const slots = new Set(slotsOn(tables, gateway.name).map(({ name }) => name));
    const tenants = [...tables.tenants.values()].filter(({ status }) =>
      status.instances.some(({ slot }) => slots.has(slot)),
    );
    const connections = [...tables.connections.values()].filter(({ status }) => slots.has(status.slot ?? ''));
    return [
      ...(tenants.length > (limits?.tenants ?? 100) ? [`${gateway.name} has ${tenants.length} tenants`] : []),
      ...(connections.length > (limits?.connections ?? 200)
        ? [`${gateway.name} has ${connections.length} connections`]
        : []),
    ];
  });
}

function wrongType(tables: Tables): readonly string[] {
  const mixed = where(
    tables.tenants.values(),
    ({ spec }) =>
      spec.pools.length > 1 && spec.pools.some((name) => tables.pools.get(name)?.spec.type === 'All'),
    (tenant) => `${tenant.name} has an All pool and others`,
  );
  const astray = where(
    tables.connections.values(),
    ({ spec, status }) => {
      const pool = tables.pools.get(tables.slots.get(status.slot ?? '')?.spec.pool ?? '');
      return status.slot !== null && !(pool && admitsType(pool, spec.type));
    },
    (connection) => `${connection.name} (${connection.spec.type}) is on ${connection.status.slot}`,
  );
  const unwired = where(
    tables.slots.values(),
    ({ name, status }) => {
      const gateway = tables.gateways.get(status.gateway ?? '');
      return gateway !== undefined && !hasVlans(gateway, vlansOf(tables, name));
    },
    (slot) => `${slot.name} needs VLANs that ${slot.status.gateway} lacks`,
  );
  return [...mixed, ...astray, ...unwired];
}

function reflectorCount(tables: Tables): readonly string[] {
  const placed = new Set<string>();
  for (const { spec, status } of tables.connections.values())
    if (status.slot !== null) placed.add(spec.tenant);
  return where(
    tables.tenants.values(),
    ({ name, status }) =>
      placed.has(name) !== (status.rrSlot !== null) ||
      (status.rrSlot !== null &&
        !(tables.slots.has(status.rrSlot) && status.instances.some(({ slot }) => slot === status.rrSlot))),
    ({ name, status }) => `${name} has ${placed.has(name)} connections, reflector on ${status.rrSlot}`,
  );
}

/** I-RR4 and I-RR5: every instance of a tenant, and its reflector, has an address and a router id of its own. */
function sharedIdentity(tables: Tables): readonly string[] {
  return where(
    tables.tenants.values(),
    ({ name, spec, status }) => {
      const { instances } = status;
      const used = [...tables.connections.values()].flatMap((connection) =>
        connection.spec.tenant === name && connection.status.slot !== null ? [connection.status.slot] : [],
      );
      return (
        hasTwins([spec.rr.address, ...instances.map(({ address }) => address)]) ||
        hasTwins([spec.rr.routerId ?? spec.rr.address, ...instances.map(({ routerId }) => routerId)]) ||
        hasTwins(instances.map(({ slot }) => slot)) ||
        used.some((slot) => !instances.some((instance) => instance.slot === slot))
      );
    },
    (tenant) => `${tenant.name} has instances ${JSON.stringify(tenant.status.instances)}`,
  );
}

function hasTwins(values: readonly string[]): boolean {
  return new Set(values).size !== values.length;
}

function rulesAstray(tables: Tables): readonly string[] {
  const rows = [...tables.lbRules.values()];
  const twins = hasTwins(rows.map(({ vip, remoteAddress }) => `${vip} ${remoteAddress}`));
  return [
    ...(twins ? ['two rows for one remote address and VIP'] : []),
    ...where(
      rows,
      (row) => {
        const slot = tables.slots.get(row.slot);
        const gateway = tables.gateways.get(slot?.status.gateway ?? '');
        const current = slot?.status.phase !== 'Unbound' && slot?.status.epoch === row.epoch;
        return !current || gateway?.spec.underlayAddress !== row.dip;
      },
      (row) => `row ${row.name} leads to ${row.dip}, ${row.slot} at epoch ${row.epoch}`,
    ),
  ];
}

function rulesBesideIpsec(tables: Tables): readonly string[] {
  const remotes = new Set<string>();
  for (const { spec, status } of tables.connections.values())
    if (spec.type === 'IPSEC') remotes.add(`${spec.remoteAddress} ${status.slot}`);
  return where(
    tables.lbRules.values(),
    (row) => !remotes.has(`${row.remoteAddress} ${row.slot}`) || row.protocols.length !== 3,
    (row) => `row ${row.name} belongs to no IPsec connection of ${row.slot}`,
  );
}

function sharedVips(tables: Tables): readonly string[] {
  const vips = [...tables.slots.values()].flatMap(({ status }) => status.greVip ?? []);
  return hasTwins(vips) ? ['two slots have one GRE VIP'] : [];
}

function overlayAstray(tables: Tables): readonly string[] {
  return where(
    tables.overlayRoutes.values(),
    (row) => {
      const slot = tables.slots.get(row.slot);
      const gateway = tables.gateways.get(slot?.status.gateway ?? '');
      const alive = gateway !== undefined && gateway.status.phase !== 'Failed';
      return !alive || slot?.status.epoch !== row.epoch || gateway.spec.underlayAddress !== row.nextHopPa;
    },
    (row) => `${row.name} leads to ${row.nextHopPa}, ${row.slot} at epoch ${row.epoch}`,
  );
}

function overlayAtReflector(tables: Tables): readonly string[] {
  return where(
    tables.overlayRoutes.values(),
    (row) => {
      const route = tables.routes.get(row.name);
      const connection = tables.connections.get(route?.connection ?? '');
      return connection !== undefined && connection.status.slot !== row.slot;
    },
    (row) => `${row.name} does not lead to where its connection ends`,
  );
}

function residue(tables: Tables): readonly string[] {
  const mentions = [
    ...[...tables.connections.values(), ...tables.peers.values(), ...tables.policies.values()].map(
      ({ name, spec }) => [name, spec.tenant],
    ),
    ...[...tables.routes.values(), ...tables.overlayRoutes.values()].map(({ name, tenant }) => [
      name,
      tenant,
    ]),
  ];
  return [
    ...where(
      mentions,
      ([, tenant]) => !tables.tenants.has(tenant),
      ([name]) => `${name} is of no tenant`,
    ),
    ...where(
      tables.connections.values(),
      ({ status }) => status.slot !== null && !tables.slots.has(status.slot),
      ({ name }) => `${name} is on no slot`,
    ),
    ...where(
      tables.slots.values(),
      ({ status }) => status.gateway !== null && !tables.gateways.has(status.gateway),
      ({ name }) => `${name} is bound to no gateway`,
    ),
  ];
}

function epochsBack(before: Snapshot, after: Snapshot): readonly string[] {
  return where(
    after.slots.values(),
    ({ name, status }) => {
      const old = before.slots.get(name)?.status;
      if (!old) return false;
      const moved = status.gateway !== null && status.gateway !== old.gateway;
      return status.epoch < old.epoch || (moved && status.epoch === old.epoch);
    },
    ({ name }) => `${name} changed its gateway without a higher epoch, or its epoch fell`,
  );
}

function changedReflectors(before: Snapshot, after: Snapshot): readonly string[] {
  return where(
    after.tenants.values(),
    ({ name, spec }) => {
      const old = before.tenants.get(name)?.spec;
      return (
        old !== undefined && (JSON.stringify(old.rr) !== JSON.stringify(spec.rr) || old.asn !== spec.asn)
      );
    },
    ({ name }) => `${name} has another reflector identity`,
  );
}

/** Every change of a slot's gateway has exactly one new event with its epochs; a slot's birth and end have none. */
function unrecorded(before: Snapshot, after: Snapshot): readonly string[] {
  const fresh = [...after.events.values()].filter(({ name }) => !before.events.has(name));
  return where(
    after.slots.values(),
    ({ name, status }) => {
      const old = before.slots.get(name)?.status;
      const own = fresh.filter(({ slot }) => slot === name);
      if (!old || (old.gateway === status.gateway && old.epoch === status.epoch)) return own.length > 0;
      const [event] = own;
      return (
        own.length !== 1 ||
        event.from !== old.gateway ||
        event.to !== status.gateway ||
        event.fromEpoch !== old.epoch ||
        event.toEpoch !== status.epoch
      );
    },
    ({ name }) => `${name} changed its gateway without exactly one fitting event`,
  );
}

/** A new slot leaves N spares. Spares that are taken by failovers in the same step are not held against it. */
function reserveEaten(before: Snapshot, after: Snapshot): readonly string[] {
  return [...after.pools.values()].flatMap((pool) => {
    const born = [...after.slots.values()].filter(
      ({ name, spec }) => spec.pool === pool.name && !before.slots.has(name),
    );
    const spares = [...after.gateways.values()].filter(
      (gateway) =>
        gateway.spec.pool === pool.name &&
        ['Spare', 'Active'].includes(gateway.status.phase) &&
        !isLeaving(gateway) &&
        slotsOn(after, gateway.name).length === 0,
    );
    const short = spares.length < pool.spec.redundantGatewayCount;
    return born.length > 0 && short ? [`${pool.name}: a new slot left ${spares.length} spares`] : [];
  });
}
