/** Small complete resources for tests; every test changes what it is about. */
import { newConnectionStatus } from '../../src/controller/connections.ts';
import { newGatewayStatus } from '../../src/controller/gateways.ts';
import type {
  BgpPeer,
  Connection,
  ConnectionSpec,
  Gateway,
  GatewayPool,
  GatewayPoolSpec,
  GatewaySpec,
  System,
  Tenant,
  TenantSpec,
} from '../../src/controller/resources.ts';
import { newTenantStatus } from '../../src/controller/roles.ts';
import { applyChanges, type Change, emptySnapshot, type Snapshot } from '../../src/controller/snapshot.ts';
import { newPoolStatus } from '../../src/controller/writes.ts';

export const system: System = {
  name: 'system',
  generation: 1,
  spec: { onControllerLoss: 'fence' },
  status: { nextSlot: 1, nextEvent: 1 },
};

export function pool(name: string, spec: Partial<GatewayPoolSpec> = {}): GatewayPool {
  return {
    name,
    generation: 1,
    spec: {
      type: 'All',
      redundantGatewayCount: 1,
      gatewayCapacityKbps: 25_000_000,
      publicVips: ['203.0.113.1'],
      greVipSubnets: ['198.51.100.0/27'],
      ...spec,
    },
    status: newPoolStatus(),
  };
}

export function gateway(
  name: string,
  poolName: string,
  number: number,
  spec: Partial<GatewaySpec> = {},
): Gateway {
  const underlayAddress = `10.255.${number >> 8}.${number & 255}`;
  return {
    name,
    generation: 1,
    spec: {
      pool: poolName,
      adminState: 'InService',
      underlayAddress,
      controlAddress: underlayAddress,
      ...spec,
    },
    status: newGatewayStatus(0),
  };
}

export function tenant(name: string, pools: readonly string[], spec: Partial<TenantSpec> = {}): Tenant {
  return {
    name,
    generation: 1,
    spec: {
      routingDomain: name,
      pools,
      asn: 64512,
      rr: { address: '10.1.255.1' },
      gatewaySubnets: ['10.1.254.0/28'],
      routing: 'Dynamic',
      ...spec,
    },
    status: newTenantStatus(),
  };
}

export function connection(
  name: string,
  tenantName: string,
  kbps: number,
  spec: Partial<ConnectionSpec> = {},
): Connection {
  return {
    name,
    generation: 1,
    spec: {
      tenant: tenantName,
      type: 'IPSEC',
      inKbps: kbps,
      outKbps: 0,
      remoteAddress: '192.0.2.1',
      routes: [],
      ...spec,
    },
    status: newConnectionStatus(),
  };
}

export function peer(name: string, tenantName: string, address: string, over: string): BgpPeer {
  return {
    name,
    generation: 1,
    spec: { tenant: tenantName, address, asn: 65001, connection: over },
    status: { conditions: [] },
  };
}

type Put = Extract<Change, { type: 'put' }>;
export const put = <K extends Put['kind']>(
  kind: K,
  ...values: readonly Extract<Put, { kind: K }>['value'][]
): readonly Change[] => values.map((value) => ({ type: 'put', kind, value }) as Change);

export function snapshotOf(...changes: readonly (readonly Change[])[]): Snapshot {
  return applyChanges(emptySnapshot(system), changes.flat());
}
