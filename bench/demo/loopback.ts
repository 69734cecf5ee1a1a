/** The demo's network where FRR and BIRD cannot run: three of our own speakers on 127.0.0.1, 127.0.0.2 and 127.0.0.3. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insist } from '../../test/interop/harness/eventually.ts';
import { Heliod, type Place } from '../../test/interop/harness/heliod.ts';
import { LabProcess } from '../../test/interop/harness/lab-process.ts';
import { contested, onlyFromFirst, onlyFromSecond, type World } from './world.ts';

const asn = 65000;
const port = 17_900 + (process.pid % 1000);

/** Next hops are no loopback addresses: real daemons refuse those. */
const clientConfig = (last: number, networks: readonly string[]): string => `
router: { asn: ${asn}, routerId: 10.0.0.${last}, listen: ["127.0.0.${last}:${port}"] }
peers:
  - { address: 127.0.0.1, port: ${port}, localAddress: 127.0.0.${last}, remoteAs: ${asn},
      families: [ipv4-unicast, ipv6-unicast], timers: { connectRetry: 2s } }
networks:
${networks.map((network) => `  - ${network}`).join('\n')}`;

const reflectorConfig = `
router: { asn: ${asn}, routerId: 10.0.0.1, listen: ["127.0.0.1:${port}"] }
peerGroups:
  - name: clients
    remoteAs: ${asn}
    port: ${port}
    localAddress: 127.0.0.1
    routeReflectorClient: true
    families: [ipv4-unicast, ipv6-unicast]
    timers: { hold: 90s, keepalive: 30s, connectRetry: 2s, idleHold: 1s }
peers:
  - { address: 127.0.0.2, group: clients, description: first }
  - { address: 127.0.0.3, group: clients, description: second }`;

class Desk implements Place {
  readonly directory: string;
  readonly processes: LabProcess[] = [];

  constructor(parent: string, name: string) {
    this.directory = join(parent, name);
    mkdirSync(this.directory);
  }

  start(label: string, file: string, args: readonly string[]): LabProcess {
    const started = new LabProcess(label, file, args, { log: join(this.directory, `${label}.log`), env: {} });
    this.processes.push(started);
    return started;
  }
}

export async function loopbackWorld(): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'heliograph-demo-'));
  const desks = ['reflector', 'first', 'second'].map((name) => new Desk(directory, name));
  const processes = (): LabProcess[] => desks.flatMap((desk) => desk.processes);
  const remove = (): void => {
    for (const daemon of processes()) daemon.signal('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const reflector = await Heliod.start(desks[0], reflectorConfig);
  const first = await Heliod.start(
    desks[1],
    clientConfig(2, [
      `{ prefix: ${onlyFromFirst}, nextHop: 10.0.0.2, communities: ["65000:100"] }`,
      `{ prefix: ${contested}, nextHop: 10.0.0.2 }`,
    ]),
  );
  const second = await Heliod.start(
    desks[2],
    clientConfig(3, [
      `{ prefix: ${onlyFromSecond}, nextHop: "2001:db8::3" }`,
      `{ prefix: ${contested}, nextHop: 10.0.0.3 }`,
    ]),
  );
  const look = (socket: string, words: string): string => `node bin/helioctl.js --socket ${socket} ${words}`;
  return {
    picture: [
      `heliod   127.0.0.1:${port}   the reflector, AS 65000`,
      `heliod   127.0.0.2:${port}   a client`,
      `heliod   127.0.0.3:${port}   a client`,
    ],
    reflector,
    clients: ['127.0.0.2', '127.0.0.3'],
    check: async () => {
      const got = async (who: Heliod, prefix: string): Promise<boolean> =>
        (await who.routes(prefix)).length > 0;
      insist(await got(first, onlyFromSecond), `the first client has no path to ${onlyFromSecond}`);
      insist(await got(second, onlyFromFirst), `the second client has no path to ${onlyFromFirst}`);
      return true;
    },
    farSides: [
      {
        title: 'What the second client has learnt from the first, through the reflector',
        command: `helioctl --socket SECOND routes ${onlyFromFirst} -o wide`,
        run: () => second.helioctl('routes', onlyFromFirst, '-o', 'wide'),
      },
    ],
    hints: [look(first.socket, 'routes'), look(second.socket, 'routes')],
    logs: () =>
      processes()
        .map((daemon) => daemon.describe())
        .join('\n'),
    close: async () => {
      await Promise.all(processes().map((daemon) => daemon.stop()));
      remove();
    },
    remove,
  };
}
