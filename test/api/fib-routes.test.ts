/** The kernel's routes over the API: counts, pages and streams, one instance's only. */
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../src/api/client.ts';
import { fibRouteSchema, fibSchema } from '../../src/api/fib-routes.ts';
import type { FibPort, FibQuery, FibRouteView, FibView } from '../../src/speaker/views.ts';
import { FakeManagement } from './fake-ports.ts';
import { runningApi } from './running-api.ts';

const view: FibView = {
  place: 'netns contoso',
  table: 254,
  metric: 20,
  problem: 'there is no ip (iproute2 is not installed)',
  installed: 2,
  pending: 0,
  failed: 1,
};
const nowhere = 'there is no route to next hop 172.31.0.1';
const routes: readonly FibRouteView[] = [
  {
    prefix: '192.0.2.0/24',
    nextHops: ['10.0.0.2'],
    state: 'installed',
    installed: 'via 10.0.0.2 dev eth0',
    reason: undefined,
  },
  {
    prefix: '203.0.113.0/24',
    nextHops: ['172.31.0.1'],
    state: 'failed',
    installed: undefined,
    reason: nowhere,
  },
];

class FakeFib implements FibPort {
  readonly queries: FibQuery[] = [];
  problem = view.problem;

  view(): FibView {
    return { ...view, problem: this.problem };
  }

  routes(query: FibQuery) {
    this.queries.push(query);
    const left = routes.filter(({ state }) => query.state === undefined || state === query.state);
    return { next: () => (left.length === 0 ? undefined : left.splice(0, 1)) };
  }
}

async function withFib() {
  const running = await runningApi();
  const fib = new FakeFib();
  running.speaker.fibPort = fib;
  return { ...running, fib };
}

describe('/v1/fib', () => {
  it('counts', async () => {
    const { client } = await withFib();
    const answer = await client.getJson('/v1/fib');
    expect(answer).toEqual(view);
    expect(fibSchema.parse(answer)).toEqual(answer);
  });

  it('is not there where nothing is installed', async () => {
    const { client } = await runningApi();
    await expect(client.getJson('/v1/fib')).rejects.toThrow('there is no fib in the configuration');
    await expect(client.getJson('/v1/fib/routes')).rejects.toBeInstanceOf(ProblemError);
  });

  it('is that of the tenant that was asked for', async () => {
    const contoso = new FakeManagement();
    contoso.fibPort = new FakeFib();
    const { client } = await runningApi({}, undefined, { contoso });
    expect(await client.getJson('/v1/fib?tenant=contoso')).toEqual(view);
    await expect(client.getJson('/v1/fib?tenant=default')).rejects.toThrow('no fib');
  });
});

describe('/v1/fib/routes', () => {
  const [first, second] = routes.map((route) => JSON.parse(JSON.stringify(route)));

  it('is a page that says whether there are more', async () => {
    const { client } = await withFib();
    expect(await client.getJson('/v1/fib/routes')).toEqual({ routes: [first, second], truncated: false });
    expect(await client.getJson('/v1/fib/routes?limit=1')).toEqual({ routes: [first], truncated: true });
    expect(fibRouteSchema.parse(second)).toEqual(second);
  });

  it('is a stream of lines where asked', async () => {
    const { client } = await withFib();
    const lines: string[] = [];
    for await (const batch of client.lineBatches('/v1/fib/routes')) lines.push(...batch);
    expect(lines.map((line) => JSON.parse(line))).toEqual([first, second]);
  });

  it('filters by state', async () => {
    const { client, fib } = await withFib();
    expect(await client.getJson('/v1/fib/routes?state=failed')).toMatchObject({ routes: [second] });
    expect(fib.queries).toEqual([{ state: 'failed' }]);
    await expect(client.getJson('/v1/fib/routes?state=lost')).rejects.toMatchObject({ status: 400 });
  });
});

describe('/metrics', () => {
  const lines = async ({ client }: Pick<Awaited<ReturnType<typeof withFib>>, 'client'>) =>
    (await client.getText('/metrics')).split('\n').filter((line) => line.startsWith('fib_'));

  it('count what the kernel has and say whether it can be changed', async () => {
    const of = (state: string) => `fib_routes{tenant="default",slot="main",state="${state}"}`;
    expect(await lines(await withFib())).toEqual([
      `${of('installed')} 2`,
      `${of('pending')} 0`,
      `${of('failed')} 1`,
      'fib_up{tenant="default",slot="main"} 0',
    ]);
  });

  it('are up while nothing is wrong', async () => {
    const running = await withFib();
    running.fib.problem = undefined;
    expect(await lines(running)).toContain('fib_up{tenant="default",slot="main"} 1');
  });

  it('have nothing of an instance that installs no routes', async () => {
    expect(await lines(await runningApi())).toEqual([]);
  });
});
