/** The controller's API over a real port: roles, concurrency, refusals, watching, what agents are answered. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readTokens } from '../../src/api/token.ts';
import { Reconciler } from '../../src/controller/reconciler/reconciler.ts';
import { emptySnapshot } from '../../src/controller/snapshot.ts';
import { MemoryStorage } from '../../src/controller/store/memory-store.ts';
import type { ControllerGrant } from '../../src/controllerd/grants.ts';
import { History } from '../../src/controllerd/history.ts';
import { type ControllerServer, startServer } from '../../src/controllerd/server.ts';
import { system } from '../controller/builders.ts';

const clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (ms: number, task: () => void) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
const world = `
kind: BgpPeer
name: contoso-peer
spec: { tenant: contoso, address: 172.16.0.1, asn: 65001, connection: contoso-site }
---
kind: GatewayPool
name: pool
spec:
  { type: All, redundantGatewayCount: 1, gatewayCapacityKbps: 25000000,
    publicVips: [203.0.113.1], greVipSubnets: [198.51.100.0/27] }
---
kind: Gateway
name: a1
spec: { pool: pool, underlayAddress: 10.255.0.1, controlAddress: 10.255.0.1 }
---
kind: Tenant
name: contoso
spec:
  { routingDomain: contoso, pools: [pool], asn: 64512, rr: { address: 10.1.255.1 }, gatewaySubnets: [10.1.254.0/28] }
---
kind: Tenant
metadata: { name: woodgrove }
spec:
  { routingDomain: woodgrove, pools: [pool], asn: 64513, rr: { address: 10.1.255.1 }, gatewaySubnets: [10.1.254.0/28] }
---
kind: Connection
name: contoso-site
spec: { tenant: contoso, type: IPSEC, inKbps: 500000, outKbps: 0, remoteAddress: 192.0.2.1 }
`;
const peerSpec = { tenant: 'contoso', address: '172.16.0.1', asn: 65001, connection: 'contoso-site' };

let directory: string;
let server: ControllerServer;
let reconciler: Reconciler;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'heliograph-controller-'));
  const grants: ControllerGrant[] = [
    { file: '', role: 'admin' },
    { file: '', role: 'operator' },
    { file: '', role: 'viewer' },
    { file: '', role: 'tenant', tenant: 'contoso' },
    { file: '', role: 'agent', gateway: 'a1' },
  ].map((grant) => {
    const file = join(directory, grant.role);
    writeFileSync(file, tokenOf(grant.role), { mode: 0o600 });
    return { ...grant, file } as ControllerGrant;
  });
  const store = new MemoryStorage(emptySnapshot(system)).open();
  const fail = (problem: unknown) => expect.fail(String(problem));
  reconciler = new Reconciler({ store, clock, onViolation: fail, onError: fail });
  reconciler.start();
  const history = new History(store);
  const common = { version: '1', store, reconciler, history, now: clock.now, check: readTokens(grants) };
  server = await startServer({ ...common, address: '127.0.0.1', port: 0, onInternalError: fail });
});

afterEach(async () => {
  await reconciler.stop();
  await server.close();
  rmSync(directory, { recursive: true });
});

function tokenOf(role: string): string {
  return `${role}-0123456789abcdef`;
}

interface Asked {
  readonly as?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(what: string, { as = 'admin', body, headers = {} }: Asked = {}) {
  const [method, path] = what.split(' ');
  const type = typeof body === 'string' ? 'text/yaml' : 'application/json';
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${tokenOf(as)}`,
      ...(body === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const value = text.startsWith('{') ? JSON.parse(text) : text;
  return { status: response.status, etag: response.headers.get('etag'), value };
}

describe('writes', () => {
  it('apply a whole file at once, whatever its order, and again without a change', async () => {
    const first = await ask('POST /v1/apply', { body: world });
    expect([first.status, first.value.results.length]).toEqual([201, 6]);
    const second = await ask('POST /v1/apply', { body: world });
    const outcomes = second.value.results.map(({ outcome }: { outcome: string }) => outcome);
    expect([second.status, ...new Set(outcomes)]).toEqual([200, 'unchanged']);
  });

  it('leave what an operator said of a gateway, unless they say otherwise', async () => {
    const gatewaySpec = async () => (await ask('GET /v1/gateways/a1')).value.spec;
    await ask('POST /v1/apply', { body: world });
    await ask('POST /v1/gateways/a1:drain');
    await ask('POST /v1/gateways/a1:confirm-dead');
    await ask('POST /v1/apply', { body: world });
    expect(await gatewaySpec()).toMatchObject({ adminState: 'Draining', verdict: 'dead' });
    const named = world.replace('pool: pool,', 'pool: pool, adminState: InService,');
    await ask('POST /v1/apply', { body: named });
    expect(await gatewaySpec()).toMatchObject({ adminState: 'InService', verdict: 'dead' });
    await ask('POST /v1/gateways/a1:undrain');
    expect(await gatewaySpec()).toEqual({
      pool: 'pool',
      adminState: 'InService',
      underlayAddress: '10.255.0.1',
      controlAddress: '10.255.0.1',
    });
  });

  it('apply nothing of a file with mistakes, and tell all of them', async () => {
    const bad = world.replace('asn: 65001', 'asn: 64512').replace('192.0.2.1', 'nowhere');
    const answer = await ask('POST /v1/apply', { body: bad });
    expect(answer.status).toBe(422);
    const reasons = answer.value.refusals.map(({ reason }: { reason: string }) => reason);
    expect(reasons).toEqual(expect.arrayContaining(['TypeFieldMissing', 'AsnEqualsPeer']));
    expect((await ask('GET /v1/pools')).value.items).toEqual([]);
    const unknown = await ask('POST /v1/apply', {
      body: world.replace('inKbps', 'inKbits').replace('pools: [pool]', 'x: 1'),
    });
    expect(unknown.value.detail).toMatch(/pools.*\n.*"x"\n.*inKbps.*\n.*inKbits/);
  });

  it('change nothing in a dry run', async () => {
    const answer = await ask('POST /v1/apply?dryRun=true', { body: world });
    expect(answer.value).toMatchObject({ dryRun: true, revision: 0 });
    expect((await ask('GET /v1/pools')).value.items).toEqual([]);
  });

  it('of an object that changed since are refused', async () => {
    await ask('POST /v1/apply', { body: world });
    const { etag } = await ask('GET /v1/peers/contoso-peer');
    const put = (maxPrefixes: number) =>
      ask('PUT /v1/peers/contoso-peer', {
        body: { spec: { ...peerSpec, maxPrefixes } },
        headers: { 'if-match': etag ?? '' },
      });
    expect((await put(10)).status).toBe(200);
    expect(await put(20)).toMatchObject({ status: 412, value: { reason: 'StaleVersion' } });
    const created = await ask('PUT /v1/peers/contoso-peer', {
      body: { spec: peerSpec },
      headers: { 'if-none-match': '*' },
    });
    expect(created.status).toBe(412);
  });

  it('merge a patch, where null removes a field', async () => {
    await ask('POST /v1/apply', { body: world });
    await ask('PATCH /v1/peers/contoso-peer', { body: { spec: { maxPrefixes: 9, mode: 'passive' } } });
    await ask('PATCH /v1/peers/contoso-peer', { body: { spec: { mode: null } } });
    expect((await ask('GET /v1/peers/contoso-peer')).value.spec).toEqual({ ...peerSpec, maxPrefixes: 9 });
  });

  it.each([
    ['PUT /v1/peers/two', { ...peerSpec, asn: 64512, address: '172.16.0.2' }, 409, 'AsnEqualsPeer'],
    ['PUT /v1/peers/two', { ...peerSpec }, 409, 'PeerAddressInUse'],
    ['PUT /v1/peers/two', { ...peerSpec, address: '172.16.0.2', connection: 'none' }, 422, 'PeerNotPinned'],
    ['PUT /v1/peers/two', { ...peerSpec, colour: 'red' }, 422, 'FieldInvalid'],
    // heliod counts to 4294967295.
    ['PUT /v1/peers/two', { ...peerSpec, maxPrefixes: 2 ** 32 }, 422, 'FieldInvalid'],
    ['PUT /v1/policies/p', { tenant: 'nobody', rules: [] }, 422, 'UnknownReference'],
    ['DELETE /v1/pools/pool', undefined, 409, 'PoolInUse'],
    ['DELETE /v1/peers/none', undefined, 404, 'NotFound'],
    ['POST /v1/gateways/a1:explode', undefined, 404, 'NotFound'],
    ['GET /v1/peers/none', undefined, 404, 'NotFound'],
  ])('%s %j: %i %s', async (what, spec, status, reason) => {
    await ask('POST /v1/apply', { body: world });
    const answer = await ask(what, spec ? { body: { spec } } : {});
    expect(answer).toMatchObject({ status, value: { status, reason } });
  });
});

describe('roles', () => {
  it.each([
    ['viewer', 'GET /v1/gateways', 200],
    ['viewer', 'GET /v1/snapshot', 200],
    ['viewer', 'POST /v1/gateways/a1:drain', 403],
    ['viewer', 'DELETE /v1/peers/contoso-peer', 403],
    ['operator', 'POST /v1/gateways/a1:drain', 200],
    ['operator', 'DELETE /v1/peers/contoso-peer', 403],
    ['tenant', 'GET /v1/tenants/contoso', 200],
    ['tenant', 'GET /v1/tenants/woodgrove', 404],
    ['tenant', 'GET /v1/snapshot', 403],
    ['tenant', 'GET /metrics', 403],
    ['tenant', 'DELETE /v1/peers/contoso-peer', 200],
    ['tenant', 'DELETE /v1/tenants/contoso', 403],
    ['tenant', 'DELETE /v1/connections/unknown', 404],
    ['agent', 'GET /v1/tenants', 403],
    ['agent', 'GET /v1/agents/a1/changes?term=0&after=0&wait=0', 200],
    ['agent', 'GET /v1/agents/a2/changes?term=0&after=0&wait=0', 403],
    ['admin', 'GET /v1/agents/a1/changes?term=0&after=0&wait=0', 403],
    ['nobody', 'GET /v1/tenants', 401],
    ['nobody', 'GET /openapi.json', 401],
    ['nobody', 'GET /healthz', 200],
    ['nobody', 'GET /readyz', 200],
  ])('%s: %s is answered with %i', async (as, what, status) => {
    await ask('POST /v1/apply', { body: world });
    expect((await ask(what, { as })).status).toBe(status);
  });

  it('keep a tenant’s token to what is the tenant’s', async () => {
    await ask('POST /v1/apply', { body: world });
    const body = { spec: { ...peerSpec, tenant: 'woodgrove', address: '172.16.0.9' } };
    expect((await ask('PUT /v1/peers/other', { as: 'tenant', body })).status).toBe(403);
    expect((await ask('PUT /v1/peers/contoso-peer', { as: 'tenant', body })).status).toBe(403);
    const own = { spec: { ...peerSpec, maxPrefixes: 5 } };
    expect((await ask('PUT /v1/peers/contoso-peer', { as: 'tenant', body: own })).status).toBe(200);
    const { value } = await ask('GET /v1/tenants', { as: 'tenant' });
    expect(value.items.map(({ name }: { name: string }) => name)).toEqual(['contoso']);
  });
});

const report = { incarnation: 1, from: 'agent', appliedRevision: 0, held: [], tenants: [], tunnelsUp: [] };

describe('agents', () => {
  it('are granted a lease, each report once', async () => {
    await ask('POST /v1/apply', { body: world });
    const body = { ...report, gateway: 'a1', sequence: 1 };
    const answer = await ask('POST /v1/agents/a1/report', { as: 'agent', body });
    expect(answer.value).toMatchObject({ term: 1, leaseMs: 4000, renewMs: 1000, desired: { gateway: 'a1' } });
    expect((await ask('POST /v1/agents/a1/report', { as: 'agent', body })).status).toBe(409);
    const other = await ask('POST /v1/agents/a1/report', { as: 'agent', body: { ...body, gateway: 'a2' } });
    expect(other.status).toBe(400);
  });

  it('say which routers of the underlay they can tell of VIPs; whoever says nothing is believed', async () => {
    await ask('POST /v1/apply', { body: world });
    const underlayBgp = { localAsn: 65534, peers: [{ address: '10.255.255.1', asn: 65533 }] };
    await ask('PATCH /v1/gateways/a1', { body: { spec: { underlayBgp } } });
    const reported = async (sequence: number, more: object) => {
      const body = { ...report, gateway: 'a1', sequence, ...more };
      await ask('POST /v1/agents/a1/report', { as: 'agent', body });
      return vi.waitFor(async () => {
        const { value } = await ask('GET /v1/gateways/a1');
        expect(value.status.underlayUp).toEqual('underlayUp' in more ? more.underlayUp : undefined);
        return value.status.phase;
      });
    };
    expect(await reported(1, { underlayUp: ['10.255.255.1'] })).toBe('Spare');
    await reported(2, { underlayUp: [] });
    await reported(3, {});
  });

  it('hear of a change as soon as it is stored', async () => {
    await ask('POST /v1/apply', { body: world });
    await ask('POST /v1/agents/a1/report', { as: 'agent', body: { ...report, gateway: 'a1', sequence: 1 } });
    const { value: now } = await ask('GET /v1/agents/a1/changes?term=0&after=0&wait=0', { as: 'agent' });
    const path = `GET /v1/agents/a1/changes?term=1&after=${now.revision + 5}&wait=30000`;
    const waiting = ask(path, { as: 'agent' });
    for (let i = 1; i <= 6; i++)
      await ask('PATCH /v1/peers/contoso-peer', { body: { spec: { maxPrefixes: i } } });
    expect((await waiting).value.revision).toBeGreaterThan(now.revision + 5);
  });
});

describe('the whole system', () => {
  it('is watched from a revision on, without a gap', async () => {
    await ask('POST /v1/apply', { body: world });
    const response = await fetch(`http://127.0.0.1:${server.port}/v1/tenants?watch=1&from=0`, {
      headers: { authorization: `Bearer ${tokenOf('tenant')}` },
    });
    const reader = response.body?.getReader() ?? expect.fail('no body');
    await ask('PATCH /v1/tenants/contoso', { body: { spec: { restartSeconds: 77 } } });
    let text = '';
    while (!text.includes('"restartSeconds":77'))
      text += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    expect(text).toContain('id: 1\nevent: put\ndata: {"name":"contoso"');
    expect(text).not.toContain('woodgrove');
  });

  it('says why a connection is where it is, or where one would go', async () => {
    await ask('POST /v1/apply', { body: world });
    const stored = await ask('POST /v1/placements:explain', { body: { name: 'contoso-site' } });
    expect(stored.value.now).toMatchObject({ type: 'pending', record: { reason: 'NoCapacity' } });
    const spec = { tenant: 'contoso', type: 'IPSEC', inKbps: 9e9, outKbps: 0, remoteAddress: '192.0.2.9' };
    const asked = await ask('POST /v1/placements:explain', { body: { spec } });
    expect(asked.value.now.record.reason).toBe('LargerThanAnyGateway');
  });

  it('shows its statements and figures', async () => {
    await ask('POST /v1/apply', { body: world });
    expect((await ask('GET /v1/invariants')).value).toMatchObject({ violations: [], seen: 0 });
    expect((await ask('GET /metrics')).value).toContain('\ngw_invariant_violations_total 0\n');
    expect((await ask('GET /openapi.json')).value.paths).toHaveProperty('/v1/apply');
  });
});
