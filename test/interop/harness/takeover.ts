/**
 * One failover, looked at from outside: when the controller knew, when the standby was told, when each site was in
 * service again, and what the paths between sites lost meanwhile. All times count from the blow, by one clock.
 */
import type { Connection, FailoverEvent, Slot } from '../../../src/controller/resources.ts';
import type { Cloud, CloudGateway } from './cloud.ts';
import { connectionName } from './cloud-plan.ts';
import { eventually, insist } from './eventually.ts';
import { lastAnswer, type PathRecord, pathRecord } from './probe.ts';
import type { Site } from './site.ts';

export interface Failover {
  readonly gateway: string;
  readonly successor: string;
  readonly times: {
    readonly detectedMs: number;
    readonly boundMs: number;
    readonly sites: readonly { readonly site: string; readonly inServiceMs: number }[];
    /** The last site was in service, every kernel has every route, and every path answers. */
    readonly convergedMs: number;
  };
  readonly paths: readonly {
    readonly name: string;
    /** It leads over the gateway that was lost. */
    readonly touched: boolean;
    readonly record: PathRecord;
  }[];
}

/** Longer than the slowest takeover: a failure says what was missing. */
const patience = 30_000;

/** An answer so young says that the path works. */
const freshMs = 100;

/** Where `gateway` has a reflector, the sessions of its tenant's sites end and come again; otherwise they stay. */
export async function failover(
  cloud: Cloud,
  gateway: CloudGateway,
  blow: () => Promise<void>,
  progress: (words: string) => void = () => {},
): Promise<Failover> {
  const lost = await whatEndsAt(cloud, gateway);
  const touchedSites = cloud.sites.filter(({ plan }) => lost.tenants.has(plan.tenant));
  const before = await Promise.all(touchedSites.map((site) => site.neighbour()));
  const eventsBefore = (await cloud.events()).length;
  const probes = pairs(cloud.sites).map(([from, to]) => ({
    name: `${from.plan.tenant} ${from.plan.name} -> ${to.plan.name}`,
    touched: [from, to].some(({ plan }) => lost.connections.has(connectionName(plan))),
    ping: from.probe(to),
  }));
  await Promise.all(
    probes.map(({ name, ping }) => ping.ready(`${name} answers`, async () => /bytes from/.test(ping.log()))),
  );
  progress('requests run between all sites, every 10 ms');
  const startedAt = Date.now();
  const since = () => Date.now() - startedAt;
  await blow();
  progress(`${gateway.name} is gone`);
  const inService = touchedSites.map((site, at) =>
    eventually(
      `${site.name} has End-of-RIB from its neighbour again`,
      async () => {
        const state = await site.neighbour();
        insist(state.isEstablished, `${site.name} has no session`);
        return state.endsOfRib > (before[at]?.endsOfRib ?? 0);
      },
      { within: patience, every: 50 },
    ).then(() => ({ site: site.name, inServiceMs: since() })),
  );
  const sites = await Promise.all(inService);
  await cloud.routed(patience);
  const routedMs = since();
  const event = await eventually('the controller calls it done', async () => {
    const events = (await cloud.events()).slice(eventsBefore);
    return events.find(({ from, outcome }) => from === gateway.name && outcome !== 'InProgress');
  });
  for (const { name, ping } of probes) {
    const answers = () => Date.now() - lastAnswer(ping.log()) < freshMs;
    await eventually(`${name} answers`, answers, { within: patience, every: 20 });
  }
  progress('every site has every route, and every path answers');
  const paths = await Promise.all(
    probes.map(async ({ name, touched, ping }) => ({ name, touched, record: await pathRecord(ping) })),
  );
  const resumed = paths
    .filter(({ touched, record }) => touched && record.lost > 0)
    .map(({ record }) => Math.round(record.resumedAt - startedAt));
  return {
    gateway: gateway.name,
    successor: event.to ?? 'nobody',
    times: {
      detectedMs: endOf(event, 'Fence') - startedAt,
      boundMs: endOf(event, 'Bind') - startedAt,
      sites,
      convergedMs: Math.max(routedMs, ...resumed),
    },
    paths,
  };
}

/** Connections on the gateway, and tenants whose reflector it has. */
async function whatEndsAt(cloud: Cloud, { name }: CloudGateway) {
  const slots = (await cloud.get<Slot>('slots')).filter(({ status }) => status.gateway === name);
  const held = new Set(slots.map((slot) => slot.name));
  const connections = (await cloud.get<Connection>('connections')).filter(
    ({ status }) => status.slot !== null && held.has(status.slot),
  );
  const tenants = await Promise.all(
    [...new Set(cloud.sites.map(({ plan }) => plan.tenant))].map(async (tenant) => ({
      tenant,
      reflector: (await cloud.reflectorOf(tenant)).name,
    })),
  );
  return {
    connections: new Set(connections.map((connection) => connection.name)),
    tenants: new Set(tenants.filter(({ reflector }) => reflector === name).map(({ tenant }) => tenant)),
  };
}

function pairs(sites: readonly Site[]): readonly (readonly [Site, Site])[] {
  return sites.flatMap((from, at) =>
    sites.slice(at + 1).flatMap((to) => (to.plan.tenant === from.plan.tenant ? [[from, to] as const] : [])),
  );
}

/** By the controller's clock, which is this machine's. */
function endOf(
  { steps, startedAt, name }: FailoverEvent,
  step: FailoverEvent['steps'][number]['name'],
): number {
  const found = steps.find((known) => known.name === step);
  if (!found) throw new Error(`${name} has no step ${step} (begun at ${startedAt})`);
  return found.endedAt;
}
