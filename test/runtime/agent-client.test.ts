/** The agent's requests against a controller of the test: what is sent, what counts as an answer, who is asked next. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentReport } from '../../src/agent/protocol.ts';
import { AgentClient, ControllerRefusal, describeRequestError } from '../../src/runtime/agent-client.ts';

const report: AgentReport = {
  gateway: 'gw1',
  incarnation: 1,
  sequence: 7,
  from: 'agent',
  appliedRevision: 3,
  held: [{ slot: 'pool-1', epoch: 2 }],
  tenants: [],
  tunnelsUp: ['c1'],
};
const answer = {
  ...{ term: 1, revision: 4, leaseMs: 4000, renewMs: 1000 },
  desired: { revision: 4, gateway: 'gw1', slots: [], tenants: [] },
};

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

interface Asked {
  readonly line: string;
  readonly token: string | undefined;
  readonly body: string;
}

/** Its origin, and what it was asked. */
async function controller(respond: (response: ServerResponse, asked: Asked) => void) {
  const heard: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const asked = { line: `${request.method} ${request.url}`, token: request.headers.authorization, body };
      heard.push(asked);
      respond(response, asked);
    });
  });
  open.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += part;
  return text;
}

const says = (status: number, body: unknown) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

const client = (...endpoints: readonly string[]) => {
  let asked = 0;
  return new AgentClient({ gateway: 'gw1', endpoints, token: () => `token-${++asked}` });
};

describe('a report', () => {
  it('goes with the token as the file has it now, and its answer is read', async () => {
    const { origin, heard } = await controller(says(200, answer));
    const agent = client(origin);
    expect(await agent.report(report)).toEqual(answer);
    await agent.report(report);
    expect(heard.map(({ line }) => line)).toEqual(Array(2).fill('POST /v1/agents/gw1/report'));
    expect(heard.map(({ token }) => token)).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual(report);
  });

  it.each([
    ['no JSON', 200, 'welcome', /JSON/],
    ['half of it', 200, { term: 1 }, /cannot be used: revision/],
    [
      'an address that is none',
      200,
      withAddress('10.0.0.0.1'),
      /desired\.tenants\.0\.address: is no IP address/,
    ],
    ['a name that is a command', 200, withSlot('a; reboot'), /desired\.slots\.0\.slot: is no name/],
    ['a failure', 503, { detail: 'read only' }, /read only/],
    ['a failure without words', 500, {}, /Internal Server Error/],
  ])('that is answered with %s is no answer', async (_what, status, body, words) => {
    const { origin } = await controller(says(status, body));
    await expect(client(origin).report(report)).rejects.toThrow(words);
  });

  it('that was overtaken is known as such', async () => {
    const { origin } = await controller(says(409, { detail: 'sequence 7 is old' }));
    const error = await client(origin)
      .report(report)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ControllerRefusal);
    expect(error).toMatchObject({ status: 409, isOvertaken: true, message: 'sequence 7 is old' });
  });

  it('may be answered by a newer controller, with keys that nobody knows here', async () => {
    const { origin } = await controller(says(200, { ...answer, mood: 'good' }));
    expect(await client(origin).report(report)).toEqual(answer);
  });
});

describe('of several endpoints', () => {
  it('the next is asked when one cannot be reached, and kept while it answers', async () => {
    const good = await controller(says(200, answer));
    const agent = client('http://127.0.0.1:9', good.origin);
    await expect(agent.report(report)).rejects.toThrow();
    await agent.report(report);
    await agent.report(report);
    expect(good.heard).toHaveLength(2);
  });

  it('the next is asked when one fails, but not when it refuses', async () => {
    const failing = await controller(says(503, {}));
    const refusing = await controller(says(401, { detail: 'no such token' }));
    const agent = client(failing.origin, refusing.origin);
    await expect(agent.report(report)).rejects.toThrow();
    for (let time = 0; time < 3; time++) await expect(agent.report(report)).rejects.toThrow('no such token');
    expect([failing.heard.length, refusing.heard.length]).toEqual([1, 3]);
  });

  it('requests that fail together go on by one', async () => {
    const [first, second, third] = await Promise.all([
      controller(says(503, {})),
      controller(says(200, answer)),
      controller(says(200, answer)),
    ]);
    const agent = client(first.origin, second.origin, third.origin);
    await Promise.allSettled([agent.report(report), agent.report(report)]);
    await agent.report(report);
    expect([second.heard.length, third.heard.length]).toEqual([1, 0]);
  });
});

describe('a request for changes', () => {
  it('asks for what is newer, and ends when it is to', async () => {
    const stopped = new AbortController();
    const { origin, heard } = await controller((response, { line }) => {
      if (line.includes('after=4&')) says(200, { term: 1, revision: 5 })(response);
      else stopped.abort();
    });
    const agent = client(origin);
    const none = new AbortController().signal;
    expect(await agent.changes({ term: 1, revision: 4 }, 1000, none)).toEqual({ term: 1, revision: 5 });
    await expect(agent.changes({ term: 1, revision: 5 }, 60_000, stopped.signal)).rejects.toThrow(/abort/i);
    expect(heard).toHaveLength(2);
  });
});

it.each([
  [new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }), 'connect ECONNREFUSED'],
  [new DOMException('signal timed out', 'TimeoutError'), 'no answer in time'],
  [new ControllerRefusal(401, 'no such token'), 'no such token'],
  ['odd', 'odd'],
])('%o in words', (error, words) => expect(describeRequestError(error)).toBe(words));

function withAddress(address: string): object {
  const tenant = {
    ...{ tenant: 't', slot: 's', epoch: 1, routingDomain: 't', asn: 65000, routerId: '10.0.0.1' },
    ...{ address, connections: [] },
  };
  return { ...answer, desired: { ...answer.desired, tenants: [tenant] } };
}

function withSlot(slot: string): object {
  return { ...answer, desired: { ...answer.desired, slots: [{ slot, epoch: 1 }] } };
}
