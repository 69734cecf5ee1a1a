import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeDaemon, helioctl, json, ndjson } from './fake-daemon.ts';
import { explained, peers, routes, status } from './samples.ts';

let daemon: FakeDaemon;

beforeAll(async () => {
  daemon = await FakeDaemon.start({
    'GET /v1/status': json(status),
    'GET /readyz': json({}),
    'GET /v1/peers': json({ now: status.now, peers }),
    'GET /v1/peers/10.0.0.2': json(peers[0]),
    'GET /v1/routes': ndjson(routes),
    'GET /v1/explain': json(explained),
    'GET /v1/networks': json([{ prefix: '203.0.113.0/24', source: 'configuration' }]),
  });
});

afterAll(() => daemon.stop());

async function page(...args: string[]): Promise<string> {
  const { code, out, err } = await helioctl(args, { daemon });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

test('status says who this is, how it is and what it holds', async () => {
  expect(await page('status')).toMatchInlineSnapshot(`
    "heliod  0.1.0, ready
    AS      65000, router id 10.0.0.1, cluster id 10.0.0.1
    Uptime  00:01:30
    Peers   1 of 2 established, 3 dynamic
    Memory  1.5 MiB for 120 paths, 12 attribute sets

    Family        Prefixes  Paths
    ipv4-unicast       100    120

    Update group  Members  Lagging  Routes  What its members share
    ipv4-unicast        2        1     100  client, 4-octet AS
    "
  `);
});

test('peers: families are summed, a peer that is down says why', async () => {
  expect(await page('peers')).toMatchInlineSnapshot(`
    "Peer         AS  Role      State         Up/Down  Rcvd  Acc  Best  Sent  Reason
    10.0.0.2  65000  client    established     3d04h   120  118   116    14
    10.0.0.9  65009  external  active       00:01:12     0    0     0     0  connection refused
    "
  `);
});

test('peers asks once', async () => {
  daemon.asked.length = 0;
  await page('peers');
  expect(daemon.asked.map(({ url }) => url)).toEqual(['/v1/peers?tenant=*']);
});

test('peers, wide: a line per family', async () => {
  expect(await page('peers', '-o', 'wide')).toMatchInlineSnapshot(`
    "Peer         AS  Role      State         Up/Down  Family        Rcvd  Acc  Best  Sent  Stale  Limit  Ups  Queue    Group    Import    Export      Description  Reason
    10.0.0.2  65000  client    established     3d04h  ipv4-unicast   100   99    98     7      0   1000    2  in-sync  clients  customer  accept-all  frr\\x1b[31m
    10.0.0.2  65000  client    established     3d04h  ipv6-unicast    20   19    18     7      0      -    2  in-sync  clients  customer  accept-all  frr\\x1b[31m
    10.0.0.9  65009  external  active       00:01:12  -                0    0     0     0      0      -    0  idle     -        customer  accept-all  -            connection refused
    "
  `);
});

test('one peer: everything, and nothing it wrote reaches the terminal raw', async () => {
  expect(await page('peers', '10.0.0.2')).toMatchInlineSnapshot(`
    "10.0.0.2  frr\\x1b[31m
    established for 3d04h

    Role           client
    Group          clients
    AS             remote 65000, local 65000
    Router id      10.0.0.2
    Local address  10.0.0.1
    Policies       import customer, export accept-all
    Established    2 times
    Last down      3d05h ago: NOTIFICATION received: Cease, administrative reset "new line card"
    Hold time      90 s, keepalive every 30 s
    Timers         keepalive in 00:00:12, hold in 00:01:10
    Send queue     in-sync

    Family        Received  Accepted  Best  Sent  Stale  Limit  End-of-RIB
    ipv4-unicast       100        99    98     7      0   1000  received, sent
    ipv6-unicast        20        19    18     7      0      -  received

    Capabilities sent           received
    multiprotocol ipv4-unicast  multiprotocol ipv4-unicast
    graceful-restart 120 s      graceful-restart 90 s
    four-octet-as 65000         four-octet-as 65000
    route-refresh               -
    -                           fqdn frr1

    Messages       Received  Sent
    OPEN                  2     2
    UPDATE              120    14
    NOTIFICATION          0     0
    KEEPALIVE          9000  9001
    ROUTE-REFRESH         0     0

    Malformed messages, newest last
      00:00:05 ago  treat-as-withdraw: ORIGIN has the value 7
          40 01 01 07
    "
  `);
});

test('routes: flags, attributes, why', async () => {
  expect(await page('routes')).toMatchInlineSnapshot(`
    "Status: * valid, > best, S stale    Origin: i IGP, e EGP, ? incomplete    Why: the step that chose it, or what keeps it out
         Network                  Next hop      MED  LocPrf  Path         O  From         Why
    *>   203.0.113.0/24           10.0.0.2        0     200  65001 65002  i  10.0.0.2     LOCAL_PREF
    * S  203.0.113.0/24           10.0.0.3              100  65003        e  10.0.0.3
         2001:db8:ffff:1234::/64  2001:db8::4                             ?  10.0.0.4     own ORIGINATOR_ID
    "
  `);
});

test('routes, wide: every attribute', async () => {
  expect(await page('routes', '-o', 'wide')).toMatchInlineSnapshot(`
    "Status: * valid, > best, S stale    Origin: i IGP, e EGP, ? incomplete    Why: the step that chose it, or what keeps it out
         Network                  Path id  Next hop      MED  LocPrf  Path         O  Communities                  Originator  Cluster list       Other  From         Why
    *>   203.0.113.0/24                    10.0.0.2        0     200  65001 65002  i                                                                     10.0.0.2     LOCAL_PREF
    * S  203.0.113.0/24                    10.0.0.3              100  65003        e                                                                     10.0.0.3
         2001:db8:ffff:1234::/64           2001:db8::4                             ?  65000:1 no-export 65000:1:2  10.0.0.1    10.0.0.1 10.0.0.7         10.0.0.4     own ORIGINATOR_ID
    "
  `);
});

test('routes of adj-out: to whom instead of why', async () => {
  expect(await page('routes', '--view', 'adj-out', '--peer', '10.0.0.3')).toMatchInlineSnapshot(`
    "Status: * valid, > best, S stale    Origin: i IGP, e EGP, ? incomplete    Why: the step that chose it, or what keeps it out
         Network                  Next hop      MED  LocPrf  Path         O  From         To
    *>   203.0.113.0/24           10.0.0.2        0     200  65001 65002  i  10.0.0.2
    * S  203.0.113.0/24           10.0.0.3              100  65003        e  10.0.0.3
         2001:db8:ffff:1234::/64  2001:db8::4                             ?  10.0.0.4
    "
  `);
});

test('explain: a ranked table, then who was sent it', async () => {
  expect(await page('explain', '203.0.113.0/24')).toMatchInlineSnapshot(`
    "203.0.113.0/24  ipv4-unicast
    3 candidates, best is from 10.0.0.2: LOCAL_PREF 200 > 100

       #  From      Next hop     LocPrf  Path         O  MED  Cluster list       Verdict     Decided by
    ▶  1  10.0.0.2  10.0.0.2        200  65001 65002  i    0                     best        LOCAL_PREF 200 > 100
       2  10.0.0.3  10.0.0.3        100  65003        e                          lost        LOCAL_PREF 100 < 200 (stale)
    ✗  -  10.0.0.4  2001:db8::4                       ?       10.0.0.1 10.0.0.7  ineligible  own ORIGINATOR_ID

    Sent to 1 of 3 peers
      10.0.0.2
      ├─▶ 10.0.0.33  sent      reflected: client -> client
      │     ORIGINATOR_ID none → 10.0.0.2
      │     CLUSTER_LIST none → 10.0.0.1
      ├─✗ 10.0.0.2   not sent  it came from this peer
      └─✗ 192.0.2.9  not sent  no export policy (RFC 8212)
    "
  `);
});

test('networks', async () => {
  expect(await page('networks')).toMatchInlineSnapshot(`
    "Network         Next hop  Source
    203.0.113.0/24  self      configuration
    "
  `);
});

test('routes as JSON: one document, a route a line', async () => {
  expect(await page('routes', '-o', 'json')).toMatchInlineSnapshot(`
    "{"routes":[
    {"family":"ipv4-unicast","prefix":"203.0.113.0/24","from":"10.0.0.2","best":true,"stale":false,"attributes":{"origin":"igp","asPath":"65001 65002","nextHop":"10.0.0.2","med":0,"localPref":200},"decidedBy":"LOCAL_PREF"},
    {"family":"ipv4-unicast","prefix":"203.0.113.0/24","from":"10.0.0.3","best":false,"stale":true,"attributes":{"origin":"egp","asPath":"65003","nextHop":"10.0.0.3","localPref":100}},
    {"family":"ipv6-unicast","prefix":"2001:db8:ffff:1234::/64","from":"10.0.0.4","best":false,"stale":false,"attributes":{"origin":"incomplete","asPath":"","nextHop":"2001:db8::4","communities":["65000:1","no-export"],"largeCommunities":["65000:1:2"],"originatorId":"10.0.0.1","clusterList":["10.0.0.1","10.0.0.7"]},"ineligible":"own ORIGINATOR_ID"}
    ],"truncated":false}
    "
  `);
});

test('no headings and no legend', async () => {
  expect(await page('routes', '--no-header')).toMatchInlineSnapshot(`
    "*>   203.0.113.0/24           10.0.0.2        0  200  65001 65002  i  10.0.0.2     LOCAL_PREF
    * S  203.0.113.0/24           10.0.0.3           100  65003        e  10.0.0.3
         2001:db8:ffff:1234::/64  2001:db8::4                          ?  10.0.0.4     own ORIGINATOR_ID
    "
  `);
});

test('explain in a terminal without Unicode draws with ASCII', async () => {
  const { out } = await helioctl(['explain', '203.0.113.0/24'], { daemon, env: { LANG: 'C' } });
  expect(out).toContain('  |-> 10.0.0.33  sent');
  expect(Buffer.from(out).every((octet) => octet < 128)).toBe(true);
});

test('JSON output parses back to what the daemon said', async () => {
  expect(JSON.parse(await page('status', '-o', 'json'))).toEqual({ ...status, ready: true });
  expect(JSON.parse(await page('peers', '-o', 'json'))).toEqual(JSON.parse(JSON.stringify(peers)));
  expect(JSON.parse(await page('routes', '-o', 'json'))).toEqual({ routes, truncated: false });
  expect(JSON.parse(await page('explain', '203.0.113.0/24', '-o', 'json'))).toEqual(explained);
});

test.each(['peers', 'routes', 'networks', 'status'])(
  '%s as ndjson: every line is a value',
  async (command) => {
    const lines = (await page(command, '-o', 'ndjson')).trimEnd().split('\n');
    const counts: Record<string, number> = { peers: peers.length, routes: routes.length };
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(Array(counts[command] ?? 1).fill('object'));
  },
);

test('--down leaves out what is established', async () => {
  const out = await page('peers', '--down', '--no-header');
  expect(out).toMatch(/^10\.0\.0\.9 /);
  expect(out.split('\n')).toHaveLength(2);
});

const escapeSequence = '\u001b[';

test.each([
  { name: 'a pipe', tty: false, env: {}, args: [], coloured: false },
  { name: 'a terminal', tty: true, env: {}, args: [], coloured: true },
  { name: 'a terminal and --no-color', tty: true, env: {}, args: ['--no-color'], coloured: false },
  { name: 'a terminal and NO_COLOR', tty: true, env: { NO_COLOR: '1' }, args: [], coloured: false },
  { name: 'a dumb terminal', tty: true, env: { TERM: 'dumb' }, args: [], coloured: false },
  { name: 'a pipe and FORCE_COLOR', tty: false, env: { FORCE_COLOR: '1' }, args: [], coloured: true },
  { name: 'a pipe in CI', tty: false, env: { CI: 'true' }, args: [], coloured: false },
  { name: 'a terminal and JSON', tty: true, env: {}, args: ['-o', 'json'], coloured: false },
])('colour on $name: $coloured', async ({ tty, env, args, coloured }) => {
  const { out } = await helioctl(['peers', ...args], { daemon, tty, env });
  expect(out.includes(escapeSequence)).toBe(coloured);
});
