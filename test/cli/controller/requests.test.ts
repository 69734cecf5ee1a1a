import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { gateway, peer, pool, tenant } from '../../controller/builders.ts';
import { helioctl, json } from '../fake-daemon.ts';
import { FakeController } from './fake-controller.ts';

let controller: FakeController;
let directory: string;

const applied = {
  revision: 7,
  dryRun: false,
  results: [{ kind: 'pools', name: 'a', outcome: 'created' }],
};
const refused = {
  status: 409,
  code: 'PoolInUse',
  detail: 'the pool is in use',
  problems: [{ text: 'pools/a: PoolInUse: tenants refer to it' }],
};
const list = (...items: readonly object[]) => json({ revision: 7, items });
const event = { name: 'event-1', slot: 'a-1', steps: [], startedAt: 0 };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'helioctl-'));
  await writeFile(join(directory, 'token'), 'a-token-of-an-operator\n');
  await mkdir(join(directory, 'objects'));
  await writeFile(join(directory, 'objects', '2.yaml'), 'kind: Gateway\n');
  await writeFile(join(directory, 'objects', '1.yml'), 'kind: GatewayPool\n');
  await writeFile(join(directory, 'objects', 'notes.txt'), 'not for us');
  const acted = { revision: 8, gateway: gateway('a1', 'a', 1) };
  controller = await FakeController.start({
    'POST /v1/apply': json(applied, 201),
    'POST /v1/apply?dryRun=true': json({ ...applied, dryRun: true }),
    'DELETE /v1/pools/a': json(refused, 409),
    'GET /v1/pools': list(pool('a')),
    'GET /v1/lbRules': list(),
    'GET /v1/tenants/contoso': json(tenant('contoso', ['a'])),
    'POST /v1/gateways/a1:drain': json(acted),
    'POST /v1/gateways/a1:undrain': json(acted),
    'POST /v1/gateways/a1:fail': json(acted),
    'POST /v1/gateways/a1:confirm-dead': json(acted),
    'GET /v1/peers': list(peer('p1', 'contoso', '10.0.0.1', 'c1')),
    'GET /v1/events': list(event),
    'GET /v1/invariants': json({
      revision: 7,
      violations: [{ id: 'I-CAP', detail: 'a1 carries too much' }],
      seen: 1,
    }),
  });
});
beforeEach(() => {
  controller.asked.length = 0;
});
afterAll(async () => {
  await controller.stop();
  await rm(directory, { recursive: true });
});

const run = (...args: readonly string[]) => helioctl(['controller', '--server', controller.url, ...args]);

test('apply sends all files of a directory, by name, in one transaction', async () => {
  const ran = await run('apply', '-f', join(directory, 'objects'));
  expect(ran).toMatchObject({ code: 0, out: 'pools/a created\n', err: 'the store is at revision 7\n' });
  expect(controller.asked).toMatchObject([
    { contentType: 'text/yaml', body: 'kind: GatewayPool\n---\nkind: Gateway' },
  ]);
});

test('apply --dry-run says that nothing was written', async () => {
  const ran = await run('apply', '--dry-run', '-f', join(directory, 'objects', '1.yml'));
  expect(ran).toMatchObject({ code: 0, err: 'nothing was written: --dry-run\n' });
  expect(controller.asked).toMatchObject([{ url: '/v1/apply?dryRun=true', body: 'kind: GatewayPool' }]);
});

test('apply of a directory without objects, or of no file, is a mistake of the command line', async () => {
  await mkdir(join(directory, 'empty'), { recursive: true });
  expect(await run('apply', '-f', join(directory, 'empty'))).toMatchObject({ code: 2 });
  expect(await run('apply', '-f', join(directory, 'none.yaml'))).toMatchObject({ code: 2 });
  expect(controller.asked).toEqual([]);
});

test.each(['drain', 'undrain', 'fail', 'confirm-dead'])(
  '%s acts on the gateway and tells on stderr',
  async (verb) => {
    const ran = await run(verb, 'a1');
    expect(ran).toMatchObject({ code: 0, out: '', err: `a1: ${verb} at revision 8, it is Registering\n` });
    expect(controller.asked).toMatchObject([{ method: 'POST', url: `/v1/gateways/a1:${verb}` }]);
  },
);

test('get asks for the kind, describe for the object; a kind that is none is told', async () => {
  expect((await run('get', 'pools')).out).toContain('a     All');
  expect(await run('get', 'lb-rules', '-o', 'json')).toMatchObject({ code: 0, out: '[]\n' });
  expect((await run('describe', 'tenants', 'contoso')).out).toContain('  routingDomain: contoso\n');
  expect(await run('get', 'tenants', 'nobody')).toMatchObject({ code: 3 });
  expect((await run('get', 'bananas')).err).toContain('pools');
});

test('a refusal is told with every reason', async () => {
  const ran = await run('delete', 'pools', 'a');
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toBe('error: the pool is in use\n  pools/a: PoolInUse: tenants refer to it\n');
});

test('a broken statement is printed and is exit code 1', async () => {
  const ran = await run('invariants');
  expect(ran).toMatchObject({ code: 1, out: 'I-CAP: a1 carries too much\n' });
  expect(ran.err).toContain('since the controller started: 1');
});

test('events --follow waits for a controller that went away, and tells nothing twice', async () => {
  const later = { ...event, name: 'event-2', trigger: 'Drain' };
  const answers = [
    list(event),
    (response: ServerResponse) => void response.destroy(),
    json({ revision: 9, items: [event, later, { ...event, name: 'event-3' }] }),
  ];
  const flaky = await FakeController.start({
    'GET /v1/events': (response) => answers.shift()?.(response),
    'GET /v1/events?watch=true&from=7': (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const put = `id: 8\nevent: put\ndata: ${JSON.stringify(later)}\n\n`;
      response.end(`${put}id: 9\nevent: delete\ndata: {"name":"event-1"}\n\n`);
    },
    'GET /v1/events?watch=true&from=9': json({ ...refused, detail: 'no more' }, 403),
  });
  const waits: number[] = [];
  const args = ['controller', '--server', flaky.url, 'events', '--follow', '-o', 'ndjson'];
  const ran = await helioctl(args, { waits });
  await flaky.stop();
  // The list of the start is one line of ndjson for each event, as are those that follow.
  const names = ran.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).name);
  expect(names).toEqual(['event-1', 'event-2', 'event-3']);
  expect(waits).toEqual([250, 500]);
  expect(ran).toMatchObject({ code: 1 });
});

test('events of another slot are left out', async () => {
  expect(await run('events', '--slot', 'b-1', '-o', 'ndjson')).toMatchObject({ code: 0, out: '' });
});

test('the server and the token come from options or from the environment', async () => {
  const token = join(directory, 'token');
  await run('get', 'pools', '--token-file', token);
  await helioctl(['controller', 'get', 'pools'], {
    env: { HELIO_CONTROLLER: controller.url, HELIO_CONTROLLER_TOKEN_FILE: token },
  });
  await run('get', 'pools');
  expect(controller.asked.map(({ authorization }) => authorization)).toEqual([
    'Bearer a-token-of-an-operator',
    'Bearer a-token-of-an-operator',
    undefined,
  ]);
});

test('a controller that is not there is told with what to do', async () => {
  const gone = await FakeController.start({});
  const { url } = gone;
  await gone.stop();
  const ran = await helioctl(['controller', '--server', url, 'topology']);
  expect(ran.code).toBe(4);
  expect(ran.err).toContain(`cannot reach the controller at ${url}: nobody listens there`);
  expect(ran.err).toContain('helio-controller --config');
});
