/**
 * A multiplexer with direct return, for real: flows that exist (UDP 4500, protocol 50) move to another gateway with one
 * replacement of the map; nothing is tracked, nothing rewritten, and replies do not pass the multiplexer.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createAppliers, type RunningAppliers } from '../../src/appliers/appliers.ts';
import type { LbRule } from '../../src/controller/resources.ts';
import { applyChanges, emptySnapshot } from '../../src/controller/snapshot.ts';
import { put, system } from '../controller/builders.ts';
import { eventually } from './harness/eventually.ts';
import type { Lab, LabNode } from './harness/lab.ts';
import { interopSuite } from './harness/suite.ts';

const vip = '203.0.113.1';
const site = '192.0.2.1';
const python = '/usr/bin/python3';

/** Answers each datagram and each packet of protocol 50 with its name, from the address it was sent to. */
const responder = `
import select, socket, sys
name, vip = sys.argv[1].encode(), sys.argv[2]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((vip, 4500))
esp = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50)
esp.bind((vip, 0))
print("ready", flush=True)
while True:
    for ready in select.select([udp, esp], [], [])[0]:
        data, peer = ready.recvfrom(2048)
        if ready is esp:
            data = data[(data[0] & 15) * 4:]
        ready.sendto(name + b" " + data, peer)
`;

/** One flow of each kind, never opened again: a probe every 10 ms, a line for each answer. */
const prober = `
import select, socket, sys, time
vip = sys.argv[1]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("0.0.0.0", 4500))
esp = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50)
count = 0
while True:
    for flow, port in ((udp, 4500), (esp, 0)):
        try:
            flow.sendto(str(count).encode(), (vip, port))
        except OSError:
            pass
    count += 1
    until = time.monotonic() + 0.01
    while time.monotonic() < until:
        for ready in select.select([udp, esp], [], [], max(0, until - time.monotonic()))[0]:
            data, peer = ready.recvfrom(2048)
            if ready is esp:
                data = data[(data[0] & 15) * 4:]
            name, number = data.decode().split(" ")
            print("udp" if ready is udp else "esp", name, peer[0], number, flush=True)
`;

interface Answer {
  readonly flow: string;
  readonly gateway: string;
  readonly source: string;
  readonly probe: number;
}

interface Topology {
  readonly enterprise: LabNode;
  readonly multiplexer: LabNode;
  readonly appliers: RunningAppliers;
  readonly answers: () => readonly Answer[];
}

async function build(lab: Lab): Promise<Topology> {
  const enterprise = await lab.node('site', [`${site}/24`], 'wan');
  const router = await lab.node('router', ['10.255.0.254/24']);
  await lab.leg(router, 'eth1', 'wan');
  await router.output('ip', ['addr', 'add', '192.0.2.254/24', 'dev', 'eth1']);
  await router.output('ip', ['link', 'set', 'eth1', 'up']);
  const multiplexer = await lab.node('mux', ['10.255.0.253/24']);
  await router.output('ip', ['route', 'add', `${vip}/32`, 'via', '10.255.0.253']);
  await enterprise.output('ip', ['route', 'add', 'default', 'via', '192.0.2.254']);
  await multiplexer.output('ip', ['route', 'add', 'default', 'via', '10.255.0.254']);
  for (const node of [router, multiplexer])
    await setAll(node, [
      'net.ipv4.ip_forward=1',
      'net.ipv4.conf.all.rp_filter=0',
      'net.ipv4.conf.eth0.rp_filter=0',
    ]);
  // What passes is tracked where it is not told otherwise, and what comes back this way is counted.
  const watch = `table inet watch {
    chain forward { type filter hook forward priority 0; ct state new accept; }
    chain replies { type filter hook prerouting priority -400; ip saddr ${vip} counter; }
  }`;
  const file = join(multiplexer.directory, 'watch.nft');
  writeFileSync(file, watch);
  await multiplexer.output('nft', ['-f', file]);
  for (const [name, number] of [
    ['gw1', 1],
    ['gw2', 2],
  ] as const) {
    const gateway = await lab.node(name, [`10.255.0.${number}/24`]);
    await setAll(gateway, ['net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2']);
    await gateway.output('ip', ['addr', 'add', `${vip}/32`, 'dev', 'lo']);
    await gateway.output('ip', ['route', 'add', 'default', 'via', '10.255.0.254']);
    start(gateway, 'responder', responder, [name, vip]);
  }
  // What came before there are rules would be tracked.
  const appliers =
    createAppliers({
      multiplexers: [{ netns: multiplexer.namespace, interface: 'eth0' }],
      hosts: [],
      json: [],
    }) ?? expect.fail('no appliers');
  await appliers.rules(tables({ dip: '10.255.0.1', epoch: 1 }));
  const log = start(enterprise, 'prober', prober, [vip]);
  return { enterprise, multiplexer, appliers, answers: () => parse(readFileSync(log, 'utf8')) };
}

async function setAll(node: LabNode, settings: readonly string[]): Promise<void> {
  for (const setting of settings) await node.output('sysctl', ['-qw', setting]);
}

/** Returns where its output goes. */
function start(node: LabNode, label: string, program: string, args: readonly string[]): string {
  const file = join(node.directory, `${label}.py`);
  writeFileSync(file, program);
  const log = join(node.directory, `${label}.out`);
  const words = [python, file, ...args].map((word) => `'${word}'`).join(' ');
  node.start(label, '/bin/sh', ['-c', `exec ${words} > '${log}'`]);
  writeFileSync(log, '');
  return log;
}

function parse(text: string): readonly Answer[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [flow = '', gateway = '', source = '', probe = ''] = line.split(' ');
      return { flow, gateway, source, probe: Number(probe) };
    });
}

function tables(
  ...rows: readonly { readonly dip: string; readonly epoch: number; readonly remote?: string }[]
) {
  const rules = rows.map(
    ({ dip, epoch, remote = site }): LbRule => ({
      name: `${vip} ${remote}`,
      ...{ vip, remoteAddress: remote, dip, epoch, slot: 'slot-1', returnPath: 'direct' },
      protocols: ['esp', 'udp/500', 'udp/4500'],
    }),
  );
  return applyChanges(emptySnapshot(system), put('lbRules', ...rules));
}

interopSuite('multiplexer with direct return', ['nft', 'python'], build, (topology) => {
  const flows = ['esp', 'udp'];
  const last = (flow: string) =>
    topology()
      .answers()
      .filter((answer) => answer.flow === flow)
      .at(-1);

  /** Both flows are answered by this gateway, and by it alone. */
  async function answeredBy(gateway: string): Promise<void> {
    await eventually(`${gateway} answers both flows`, () =>
      flows.every((flow) => last(flow)?.gateway === gateway) ? true : undefined,
    );
  }

  async function tracked(): Promise<number> {
    const shown = await topology().multiplexer.output('cat', ['/proc/sys/net/netfilter/nf_conntrack_count']);
    return Number(shown);
  }

  it('moves flows that exist, tracks nothing, and is not on the way back', async () => {
    const { multiplexer, enterprise, appliers, answers } = topology();
    await answeredBy('gw1');
    expect(await tracked()).toBe(0);
    await appliers.rules(
      tables({ dip: '10.255.0.2', epoch: 2 }, { dip: '10.255.0.1', epoch: 1, remote: '192.0.2.9' }),
    );
    await answeredBy('gw2');
    const seen = answers();
    expect(new Set(seen.map(({ source }) => source))).toEqual(new Set([vip]));
    for (const flow of flows) {
      const own = seen.filter((answer) => answer.flow === flow);
      const first = own[0]?.probe ?? expect.fail('never answered');
      const end = own.at(-1)?.probe ?? expect.fail('never answered');
      const moved = own.findIndex(({ gateway }) => gateway === 'gw2');
      expect(own.slice(moved).every(({ gateway }) => gateway === 'gw2')).toBe(true);
      const lost = end - first + 1 - own.length;
      console.info(`${flow}: ${own.length} probes answered, ${lost} lost while the flow moved`);
      expect(lost).toBe(0);
    }
    expect(await tracked()).toBe(0);
    const replies = await multiplexer.output('nft', ['list', 'chain', 'inet', 'watch', 'replies']);
    expect(replies).toContain('counter packets 0 bytes 0');
    // The count above can count: what is not of a VIP is tracked.
    await enterprise.run('ping', ['-c', '1', '-W', '1', '10.255.0.253']);
    expect(await tracked()).toBeGreaterThan(0);
  });

  it('drops what nobody serves, and leaves nothing behind of gateways that are gone', async () => {
    const { multiplexer, appliers, answers } = topology();
    await appliers.rules(tables({ dip: '10.255.0.1', epoch: 1, remote: '192.0.2.9' }));
    const before = answers().length;
    const rules = await multiplexer.output('ip', ['-4', 'rule', 'show']);
    expect(rules.match(/^11000:/gm)).toHaveLength(1);
    await appliers.rules(tables({ dip: '10.255.0.2', epoch: 3 }));
    await answeredBy('gw2');
    const after = answers().slice(before);
    expect(after.filter(({ gateway }) => gateway === 'gw1')).toEqual([]);
    await appliers.rules(emptySnapshot(system));
    expect(await multiplexer.output('ip', ['-4', 'rule', 'show'])).not.toMatch(/^11000:/m);
  });
});
