import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../src/api/client.ts';
import {
  configDiffSchema,
  explainSchema,
  networksSchema,
  peerSchema,
  peersSchema,
  problemSchema,
  reloadSchema,
  routeSchema,
  routesSchema,
  statusSchema,
} from '../../src/api/schemas.ts';
import { ManagementError } from '../../src/speaker/views.ts';
import { diff, idlePeer, peer, prefixOf, route, status } from './fake-ports.ts';
import { type RunningApi, runningApi } from './running-api.ts';

/** What JSON makes of a view. */
function json(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const plainPeer = {
  ...peer,
  lastDown: {
    ...peer.lastDown,
    reason: { type: 'notification-received', code: 6, subcode: 2, data: '0168' },
  },
};

const explainPath = '/v1/explain?prefix=203.0.113.0%2F24';

describe('what is asked is answered with the view, in the documented shape', () => {
  it.each([
    ['/v1/status', statusSchema, status],
    [
      '/v1/peers',
      peersSchema,
      {
        now: status.now,
        peers: [plainPeer, idlePeer].map((view) => ({ tenant: 'default', slot: 'main', ...view })),
      },
    ],
    ['/v1/peers/10.0.0.2', peerSchema, plainPeer],
    ['/v1/peers/2001%3Adb8%3A%3A2', peerSchema, idlePeer],
    ['/v1/routes?limit=1', routesSchema, { routes: [{ ...route, prefix: prefixOf(0) }], truncated: true }],
    [explainPath, explainSchema, undefined],
    ['/v1/networks', networksSchema, undefined],
  ])('GET %s', async (path, schema, expected) => {
    const { client } = await runningApi();
    const answer = await client.getJson(path);
    // A parsed value has only what the schema knows: equality means that it knows everything.
    expect(json(schema.parse(answer))).toEqual(answer);
    if (expected) expect(answer).toEqual(json(expected));
  });
});

describe('routes', () => {
  it('hands all filters to the speaker', async () => {
    const { client, speaker } = await runningApi();
    const query = new URLSearchParams({
      prefix: '10.0.0.0/8',
      match: 'longer',
      family: 'vpnv4-unicast',
      rd: '65000:100',
      view: 'adj-in',
      peer: '10.0.0.2',
      community: '65000:1',
      'as-path': '_65001_',
      'origin-as': '65001',
      best: 'true',
    });
    await client.getJson(`/v1/routes?${query}`);
    await client.getJson('/v1/routes?best');
    await client.getJson('/v1/routes?best=false');
    expect(speaker.queries).toEqual([
      {
        prefix: '10.0.0.0/8',
        match: 'longer',
        family: 'vpnv4-unicast',
        rd: '65000:100',
        view: 'adj-in',
        peer: '10.0.0.2',
        community: '65000:1',
        asPath: '_65001_',
        originAs: 65001,
        best: true,
      },
      { view: 'loc-rib', best: true },
      { view: 'loc-rib', best: false },
    ]);
  });

  it.each([
    [249, '', 249, false],
    [250, '', 250, false],
    [251, '', 250, true],
    [0, '', 0, false],
    [9, '?limit=8', 8, true],
    [9, '?limit=9', 9, false],
    [20_000, '?limit=1000000', 10_000, true],
  ])('%i routes with "%s": %i of them, truncated: %s', async (total, query, count, truncated) => {
    const { client, speaker } = await runningApi();
    speaker.total = total;
    const page = await client.getJson<{ routes: { prefix: string }[]; truncated: boolean }>(
      `/v1/routes${query}`,
    );
    expect([page.routes.length, page.truncated]).toEqual([count, truncated]);
    expect(page.routes.map(({ prefix }) => prefix)).toEqual(
      Array.from({ length: count }, (_, i) => prefixOf(i)),
    );
  });

  it.each([
    ['', 700],
    ['?limit=5', 5],
    ['?limit=300', 300],
  ])('ndjson%s gives every route once and in order', async (query, count) => {
    const { client, speaker } = await runningApi();
    speaker.total = 700;
    const prefixes: string[] = [];
    for await (const batch of client.lineBatches(`/v1/routes${query}`)) {
      prefixes.push(...batch.map((line) => routeSchema.parse(JSON.parse(line)).prefix));
    }
    expect(prefixes).toEqual(Array.from({ length: count }, (_, i) => prefixOf(i)));
  });
});

describe('peer actions', () => {
  it.each([
    ['reset', { message: 'maintenance' }, { type: 'reset', message: 'maintenance' }],
    ['reset', {}, { type: 'reset', message: '' }],
    ['disable', { message: 'é'.repeat(127) }, { type: 'disable', message: 'é'.repeat(127) }],
    ['enable', {}, { type: 'enable' }],
    ['soft-in', {}, { type: 'soft-in' }],
    ['soft-out', {}, { type: 'soft-out' }],
  ])('%s %j', async (name, body, action) => {
    const { client, speaker } = await runningApi();
    expect(await client.post(`/v1/peers/10.0.0.2/actions/${name}`, JSON.stringify(body))).toBe('');
    expect(speaker.actions).toEqual([['10.0.0.2', action]]);
  });
});

describe('networks', () => {
  it('come and go', async () => {
    const { client, speaker } = await runningApi();
    const network = {
      prefix: '10.1.0.0/16',
      nextHop: '10.0.0.1',
      communities: ['65000:1'],
      med: 5,
      localPref: 6,
    };
    await client.post('/v1/networks', JSON.stringify(network));
    await client.post('/v1/networks', JSON.stringify({ prefix: '10.2.0.0/16' }));
    await client.delete('/v1/networks?prefix=192.0.2.0%2F24');
    expect(speaker.added).toEqual([network, { prefix: '10.2.0.0/16' }, { removed: '192.0.2.0/24' }]);
  });
});

describe('configuration', () => {
  it('shows, compares, reloads, and has a schema', async () => {
    const { client } = await runningApi();
    expect(await client.getText('/v1/config')).toBe('version: 1\n');
    expect(await client.getJson('/v1/config/schema')).toEqual({ type: 'object' });
    const compared = JSON.parse(await client.post('/v1/config/diff?file=a.yaml', 'version: 1', 'text/yaml'));
    expect(configDiffSchema.parse(compared)).toEqual(diff);
    const reloaded = JSON.parse(await client.post('/v1/config/reload'));
    expect(reloadSchema.parse(reloaded)).toEqual({ diff, generation: 2 });
  });

  it('takes a large file', async () => {
    const { client } = await runningApi();
    await client.post('/v1/config/diff', '#'.repeat(8_000_000), 'text/yaml');
  });
});

interface Refusal {
  readonly what: string;
  readonly call: (api: RunningApi) => Promise<unknown>;
  readonly status: number;
  readonly code: string;
  readonly detail: RegExp;
}

const post = (path: string, body: unknown, type?: string) => (api: RunningApi) =>
  api.client.post(path, typeof body === 'string' ? body : JSON.stringify(body), type);
const get = (path: string) => (api: RunningApi) => api.client.getJson(path);

const refusals: readonly Refusal[] = [
  { what: 'unknown route', call: get('/v1/nothing'), status: 404, code: 'not-found', detail: /openapi/ },
  {
    what: 'unknown peer',
    call: get('/v1/peers/10.9.9.9'),
    status: 404,
    code: 'no-such-peer',
    detail: /10\.9\.9\.9/,
  },
  {
    what: 'unknown parameter',
    call: get('/v1/routes?colour=red'),
    status: 400,
    code: 'bad-request',
    detail: /colour/,
  },
  {
    what: 'repeated parameter',
    call: get('/v1/routes?peer=a&peer=b'),
    status: 400,
    code: 'bad-request',
    detail: /peer/,
  },
  { what: 'bad limit', call: get('/v1/routes?limit=0'), status: 400, code: 'bad-request', detail: /limit/ },
  { what: 'bad view', call: get('/v1/routes?view=fib'), status: 400, code: 'bad-request', detail: /view/ },
  {
    what: 'match alone',
    call: get('/v1/routes?match=lpm'),
    status: 400,
    code: 'bad-request',
    detail: /prefix/,
  },
  {
    what: 'bad prefix',
    call: get('/v1/routes?prefix=x'),
    status: 400,
    code: 'bad-prefix',
    detail: /x is no/,
  },
  {
    what: 'bad pattern',
    call: get('/v1/routes?as-path=('),
    status: 400,
    code: 'bad-pattern',
    detail: /pattern/,
  },
  {
    what: 'bad family',
    call: get('/v1/routes?family=ipx'),
    status: 400,
    code: 'no-such-family',
    detail: /ipx/,
  },
  {
    what: 'adj-out alone',
    call: get('/v1/routes?view=adj-out'),
    status: 400,
    code: 'peer-required',
    detail: /peer/,
  },
  { what: 'explain what', call: get('/v1/explain'), status: 400, code: 'bad-request', detail: /prefix/ },
  {
    what: 'explain bad prefix',
    call: get('/v1/explain?prefix=x'),
    status: 400,
    code: 'bad-prefix',
    detail: /x/,
  },
  {
    what: 'unknown action',
    call: post('/v1/peers/10.0.0.2/actions/explode', {}),
    status: 400,
    code: 'bad-request',
    detail: /action/,
  },
  {
    what: 'action on nobody',
    call: post('/v1/peers/10.9.9.9/actions/reset', {}),
    status: 404,
    code: 'no-such-peer',
    detail: /10\.9/,
  },
  {
    what: 'action on a peer that is down',
    call: post('/v1/peers/2001:db8::2/actions/soft-in', {}),
    status: 409,
    code: 'peer-not-established',
    detail: /active/,
  },
  {
    what: 'shutdown message of 256 octets',
    call: post('/v1/peers/10.0.0.2/actions/disable', { message: 'é'.repeat(128) }),
    status: 400,
    code: 'bad-request',
    detail: /255/,
  },
  { what: 'broken JSON', call: post('/v1/networks', '{'), status: 400, code: 'bad-request', detail: /JSON/ },
  {
    what: 'empty network',
    call: post('/v1/networks', {}),
    status: 400,
    code: 'bad-request',
    detail: /prefix/,
  },
  {
    what: 'network with a wrong key',
    call: post('/v1/networks', { prefix: '10.0.0.0/8', metric: 1 }),
    status: 400,
    code: 'bad-request',
    detail: /metric/,
  },
  {
    what: 'network twice',
    call: post('/v1/networks', { prefix: '192.0.2.0/24' }),
    status: 409,
    code: 'duplicate-network',
    detail: /already/,
  },
  {
    what: 'remove an unknown network',
    call: (api) => api.client.delete('/v1/networks?prefix=10.0.0.0/8'),
    status: 404,
    code: 'no-such-network',
    detail: /10/,
  },
  {
    what: 'large JSON',
    call: post('/v1/networks', { prefix: 'x'.repeat(100_000) }),
    status: 413,
    code: 'too-large',
    detail: /large/,
  },
  {
    what: 'body of another type',
    call: post('/v1/networks', '<prefix/>', 'application/xml'),
    status: 415,
    code: 'unsupported-media-type',
    detail: /type/i,
  },
  {
    what: 'diff of a bad file',
    call: post('/v1/config/diff?file=b.yaml', 'bad', 'text/yaml'),
    status: 422,
    code: 'invalid-configuration',
    detail: /b\.yaml/,
  },
  {
    what: 'reload of a bad file',
    call: (api) => {
      api.config.bad = true;
      return api.client.post('/v1/config/reload');
    },
    status: 422,
    code: 'invalid-configuration',
    detail: /kept/,
  },
  {
    what: 'not ready',
    call: (api) => {
      api.notReady = 'starting';
      return api.client.getJson('/readyz');
    },
    status: 503,
    code: 'not-ready',
    detail: /starting/,
  },
  {
    what: 'watch what',
    call: get('/v1/watch?topics=weather'),
    status: 400,
    code: 'bad-request',
    detail: /topics/,
  },
];

describe('refusals are problem+json with a stable code', () => {
  it.each(refusals)('$what: $status $code', async ({ call, status: expected, code, detail }) => {
    const api = await runningApi();
    const error = await call(api).catch((thrown: unknown) => thrown);
    if (!(error instanceof ProblemError)) throw new Error(`not refused: ${error}`);
    expect([error.status, error.code]).toEqual([expected, code]);
    expect(error.message).toMatch(detail);
    expect(api.errors).toEqual([]);
  });

  it('lists the mistakes of a configuration', async () => {
    const { client } = await runningApi();
    const error = await client
      .post('/v1/config/diff?file=b.yaml', 'bad', 'text/yaml')
      .catch((thrown) => thrown);
    expect(error.problems).toEqual([{ text: 'b.yaml:1:1: bad' }]);
  });

  it('an error of ours is told to the log, not to the client', async () => {
    const { client, speaker, errors } = await runningApi();
    speaker.failure = new Error('secret of the inside');
    const error = await client.getText('/v1/status').catch((thrown) => thrown);
    expect([error.status, error.code]).toEqual([500, 'internal']);
    expect(error.message).not.toContain('secret');
    expect(errors).toEqual([speaker.failure]);
    speaker.failure = new ManagementError('no-such-peer', 'it still serves');
    await expect(client.getJson('/v1/status')).rejects.toMatchObject({ code: 'no-such-peer' });
  });

  it('has the form of RFC 9457', async () => {
    const { socket } = await runningApi();
    const { request } = await import('node:http');
    const { type, body } = await new Promise<{ type: string | undefined; body: string }>((resolve) => {
      request({ socketPath: socket, path: '/v1/peers/10.9.9.9' }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ type: answer.headers['content-type'], body: text }));
      }).end();
    });
    expect(type).toMatch(/^application\/problem\+json/);
    expect(problemSchema.parse(JSON.parse(body))).toEqual({
      type: 'urn:heliograph:problem:no-such-peer',
      title: 'No such peer',
      status: 404,
      detail: 'no peer 10.9.9.9',
      code: 'no-such-peer',
    });
  });
});

describe('for machines', () => {
  it('is live and ready', async () => {
    const { client } = await runningApi();
    expect(await client.getJson('/livez')).toEqual({ status: 'live' });
    expect(await client.getJson('/readyz')).toEqual({ status: 'ready' });
  });

  it('describes itself', async () => {
    const { client } = await runningApi();
    const page = await client.getJson<{ openapi: string; paths: Record<string, Record<string, unknown>> }>(
      '/openapi.json',
    );
    expect(page.openapi).toBe('3.1.0');
    const operations = Object.entries(page.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(operations.sort()).toEqual(
      [
        'get /livez',
        'get /v1/bmp',
        'get /metrics',
        'get /readyz',
        'get /v1/config',
        'post /v1/config/diff',
        'post /v1/config/reload',
        'get /v1/config/schema',
        'get /v1/explain',
        'delete /v1/networks',
        'get /v1/fib',
        'get /v1/fib/routes',
        'get /v1/networks',
        'post /v1/networks',
        'get /v1/peers',
        'get /v1/peers/{address}',
        'post /v1/peers/{address}/actions/{action}',
        'get /v1/routes',
        'get /v1/status',
        'get /v1/watch',
        'get /v1/tenants',
        'post /v1/tenants',
        'get /v1/tenants/{name}/{slot}',
        'put /v1/tenants/{name}/{slot}',
        'delete /v1/tenants/{name}/{slot}',
        'get /v1/tenants/{name}/{slot}/config',
      ].sort(),
    );
    expect(JSON.stringify(page.paths['/v1/routes'])).toContain('adj-out');
  });
});
