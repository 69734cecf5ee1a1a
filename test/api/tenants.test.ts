/** Several instances behind one API: which one a request means, what a token reaches, tenants at run time. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProblemError } from '../../src/api/client.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { FakeManagement, idlePeer, peer } from './fake-ports.ts';
import { clientOn, runningApi, temporaryDirectory } from './running-api.ts';

function managementOf(...peers: (typeof peer)[]): FakeManagement {
  const management = new FakeManagement();
  management.list = peers;
  return management;
}

const fine = [200, 'none'];
const forbidden = [403, 'forbidden'];
const notThere = [404, 'no-such-tenant'];

async function outcome(answer: Promise<unknown>): Promise<[number, string]> {
  const { status, code } = (await answer.then(
    () => ({ status: 200, code: 'none' }),
    (error: unknown) => error,
  )) as Pick<ProblemError, 'status' | 'code'>;
  return [status, code];
}

const three = () => ({
  contoso: managementOf(peer),
  'contoso/edge2': managementOf(idlePeer),
  fabrikam: managementOf(peer, idlePeer),
});

interface Page {
  readonly peers: readonly { readonly tenant: string; readonly slot: string; readonly address: string }[];
}

describe('which instance', () => {
  const first = '10.0.0.2';
  const second = '2001:db8::2';
  it.each([
    ['', [['default', 'main', first]]],
    ['?tenant=contoso', [['contoso', 'main', first]]],
    ['?tenant=contoso/main', [['contoso', 'main', first]]],
    ['?tenant=contoso/edge2', [['contoso', 'edge2', second]]],
    [
      '?tenant=*',
      [
        ['default', 'main', first],
        ['contoso', 'main', first],
        ['contoso', 'edge2', second],
        ['fabrikam', 'main', first],
        ['fabrikam', 'main', second],
      ],
    ],
  ])('/v1/peers%s', async (query, expected) => {
    const { client, speaker } = await runningApi({}, undefined, three());
    speaker.list = [peer];
    const { peers } = await client.getJson<Page>(`/v1/peers${query}`);
    expect(peers.map(({ tenant, slot, address }) => [tenant, slot, address])).toEqual(expected);
  });

  it('the only tenant where there is no default; with several the client must say', async () => {
    const { client, instances } = await runningApi({}, undefined, { contoso: managementOf(idlePeer) });
    instances.ports.delete('default');
    expect((await client.getJson<Page>('/v1/peers')).peers).toHaveLength(1);
    instances.ports.set('fabrikam', managementOf());
    expect(await outcome(client.getJson('/v1/status'))).toEqual([400, 'tenant-required']);
  });

  it('none of that name, and one that is being built anew', async () => {
    const { client, instances } = await runningApi({}, undefined, three());
    expect(await outcome(client.getJson('/v1/routes?tenant=nobody'))).toEqual(notThere);
    instances.down.add('contoso');
    expect(await outcome(client.getJson('/v1/status?tenant=contoso'))).toEqual([503, 'tenant-down']);
    const listed = await client.getJson<{ key: string }[]>('/v1/tenants');
    expect(listed.find(({ key }) => key === 'contoso')).toMatchObject({ trouble: 'internal error' });
    expect(await outcome(client.getJson('/v1/peers?tenant=*'))).toEqual(fine);
  });

  it('actions and networks reach it and no other', async () => {
    const tenants = three();
    const { client, speaker } = await runningApi({}, undefined, tenants);
    await client.post('/v1/peers/10.0.0.2/actions/reset?tenant=fabrikam');
    await client.post('/v1/networks?tenant=contoso', JSON.stringify({ prefix: '10.0.0.0/8' }));
    await client.delete('/v1/networks?tenant=contoso/edge2&prefix=192.0.2.0/24');
    expect(tenants.fabrikam.actions).toHaveLength(1);
    expect(tenants.contoso.added).toEqual([{ prefix: '10.0.0.0/8' }]);
    expect(tenants['contoso/edge2'].added).toEqual([{ removed: '192.0.2.0/24' }]);
    expect([speaker.actions, speaker.added, tenants.contoso.actions]).toEqual([[], [], []]);
  });

  it('events say whose they are, and can be of one', async () => {
    const tenants = three();
    const { client, speaker } = await runningApi({}, undefined, tenants);
    const all = await client.events('/v1/watch');
    const one = await client.events('/v1/watch?tenant=contoso/edge2');
    for (const port of [speaker, tenants.contoso, tenants['contoso/edge2']])
      port.emit({ type: 'configuration', at: 1, summary: '' });
    const seen: string[] = [];
    for await (const { data } of all) {
      const { tenant, slot } = JSON.parse(data);
      if (seen.push(`${tenant} ${slot}`) === 3) break;
    }
    expect(seen).toEqual(['default main', 'contoso main', 'contoso edge2']);
    expect(JSON.parse((await one.next()).value?.data ?? '{}')).toMatchObject({ slot: 'edge2' });
    await one.return(undefined);
  });
});

/** An API over TCP, and a client for each of its tokens by name. */
async function withTokens() {
  const directory = temporaryDirectory();
  const secret = (name: string): string => `${name}-0123456789-0123456789`;
  const token = (name: string, tenant: string | undefined, access: 'read' | 'read-write') => {
    const file = join(directory, name);
    writeFileSync(file, secret(name), { mode: 0o600 });
    return { file, tenant, access };
  };
  const tokens = [
    token('whole', undefined, 'read-write'),
    token('look', undefined, 'read'),
    token('contoso', 'contoso', 'read-write'),
    token('edge2', 'contoso/edge2', 'read'),
  ];
  const listen = { address: IpAddress.parse('127.0.0.1'), port: 0 };
  const tenants = three();
  const { api } = await runningApi({ tcp: { listen, tokens } }, undefined, tenants);
  const url = new URL(`http://127.0.0.1:${api.tcpPort}`);
  return { tenants, as: (name: string) => clientOn({ type: 'url', url, token: secret(name) }) };
}

describe('a token', () => {
  it('of one tenant sees this tenant alone', async () => {
    const { as } = await withTokens();
    const keys = async (name: string): Promise<string[]> =>
      (await as(name).getJson<{ key: string }[]>('/v1/tenants')).map(({ key }) => key);
    expect(await keys('whole')).toEqual(['default', 'contoso', 'contoso/edge2', 'fabrikam']);
    expect(await keys('contoso')).toEqual(['contoso', 'contoso/edge2']);
    expect(await keys('edge2')).toEqual(['contoso/edge2']);
    const { peers } = await as('contoso').getJson<Page>('/v1/peers?tenant=*');
    expect(peers.map(({ tenant }) => tenant)).toEqual(['contoso', 'contoso']);
    expect(await outcome(as('contoso').getJson('/v1/routes?tenant=fabrikam'))).toEqual(notThere);
    expect(await outcome(as('contoso').getJson('/v1/status?tenant=default'))).toEqual(notThere);
    // The only one it sees is the one it means.
    expect(await outcome(as('edge2').getJson('/v1/status'))).toEqual(fine);
  });

  it.each(['/v1/config', '/metrics', '/v1/config/schema'])('of one tenant does not see %s', async (path) => {
    const { as } = await withTokens();
    expect(await outcome(as('contoso').getText(path))).toEqual(forbidden);
    expect(await outcome(as('look').getText(path))).toEqual(fine);
  });

  it('changes what it may change', async () => {
    const { as } = await withTokens();
    const path = '/v1/peers/2001%3Adb8%3A%3A2/actions/reset?tenant=contoso/edge2';
    expect(await outcome(as('contoso').post(path))).toEqual(fine);
    expect(await outcome(as('whole').post(path))).toEqual(fine);
    expect(await outcome(as('look').post(path))).toEqual(forbidden);
    expect(await outcome(as('edge2').post(path))).toEqual(forbidden);
    expect(await outcome(as('contoso').post('/v1/tenants', 'name: x', 'text/yaml'))).toEqual(forbidden);
    expect(await outcome(as('contoso').post('/v1/config/reload'))).toEqual(forbidden);
    expect(await outcome(as('look').post('/v1/config/diff', 'x', 'text/yaml'))).toEqual(fine);
  });

  it('of one tenant gets the events of that tenant', async () => {
    const { as, tenants } = await withTokens();
    const events = await as('contoso').events('/v1/watch');
    for (const port of [tenants.fabrikam, tenants['contoso/edge2']])
      port.emit({ type: 'configuration', at: 1, summary: '' });
    expect(JSON.parse((await events.next()).value?.data ?? '{}')).toMatchObject({ slot: 'edge2' });
    await events.return(undefined);
  });
});

describe('tenants at run time', () => {
  it('are handed to the configuration by key, with the name of the file', async () => {
    const { client, config } = await runningApi({}, undefined, three());
    await client.post('/v1/tenants?file=a.yaml', 'name: a', 'text/yaml');
    await client.put('/v1/tenants/contoso/edge2?file=b.yaml', 'name: b', 'text/yaml');
    await client.put('/v1/tenants/contoso/main', 'name: c', 'text/yaml');
    await client.delete('/v1/tenants/contoso/main');
    expect(config.tenantChanges).toEqual([
      ['add', 'name: a', 'a.yaml'],
      ['put', 'contoso/edge2', 'name: b', 'b.yaml'],
      ['put', 'contoso', 'name: c', 'configuration'],
      ['remove', 'contoso'],
    ]);
    expect(await client.getText('/v1/tenants/contoso/edge2/config')).toBe('name: contoso/edge2\n');
  });

  it.each([
    ['invalid-configuration', 422],
    ['duplicate-tenant', 409],
    ['tenant-of-file', 409],
    ['no-such-tenant', 404],
  ] as const)('%s', async (code, status) => {
    const { client, config } = await runningApi();
    config.tenantAnswer = { ok: false, code, detail: 'no', problems: [] };
    expect(await outcome(client.post('/v1/tenants', 'x', 'text/yaml'))).toEqual([status, code]);
  });
});
