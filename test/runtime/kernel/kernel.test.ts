/** Reading and changing routes through `ip`, with a fake one; who may write to a table; ids of namespaces. */
import { describe, expect, it } from 'vitest';
import type { CommandEnd } from '../../../src/fib/batch.ts';
import type { KernelRoute } from '../../../src/fib/route.ts';
import { TableClaim } from '../../../src/runtime/kernel/claims.ts';
import {
  type IpRequest,
  ipArguments,
  type RunIp,
  startProblem,
} from '../../../src/runtime/kernel/ip-command.ts';
import { PlaceReader } from '../../../src/runtime/kernel/place-reader.ts';
import { namespaceIds } from '../../../src/runtime/kernel/watcher.ts';

function fakeIp(
  output: string,
  end: Partial<CommandEnd> = {},
): { readonly run: RunIp; readonly asked: IpRequest[] } {
  const asked: IpRequest[] = [];
  const run: RunIp = async (request) => {
    asked.push(request);
    request.onOutput?.(output);
    return { code: 0, stderr: '', problem: undefined, ...end };
  };
  return { run, asked };
}

const route = '[{"dst":"10.0.0.0/24","dev":"eth0","protocol":"2","flags":[]}]';

describe('a place is read', () => {
  it.each([
    ['host', { type: 'host' }, '-N -j route show table all'],
    ['a namespace', { type: 'netns', name: 'contoso' }, '-n contoso -N -j route show table all'],
  ] as const)('%s: every route of every table', async (_, place, words) => {
    const { run, asked } = fakeIp(route);
    const routes: KernelRoute[] = [];
    await new PlaceReader(place, run).routes((each) => routes.push(each));
    expect(routes).toMatchObject([{ version: 4, hops: [{ device: 'eth0' }] }]);
    expect(asked.map((request) => ipArguments(request).join(' '))).toEqual([words]);
  });

  it.each([
    [
      'the place is gone',
      { code: 255, stderr: 'Cannot open network namespace "x"\n' },
      'Cannot open network',
    ],
    ['there is no ip', { code: undefined, problem: 'there is no ip' }, 'there is no ip'],
    ['it was killed', { code: undefined }, 'ended with a signal'],
  ])('throws when %s', async (_, end, words) => {
    const reading = new PlaceReader({ type: 'host' }, fakeIp(route, end).run).routes(() => {});
    await expect(reading).rejects.toThrow(words);
  });

  it('throws when ip was cut off in the middle', async () => {
    const reading = new PlaceReader({ type: 'host' }, fakeIp('[{"dst":"10.').run).routes(() => {});
    await expect(reading).rejects.toThrow('no JSON');
  });

  it('changes are lines on standard input', async () => {
    const { run, asked } = fakeIp('');
    await new PlaceReader({ type: 'netns', name: 'contoso' }, run).change([
      'route del 10.0.0.0/8',
      'route x',
    ]);
    expect(asked[0]).toMatchObject({ input: 'route del 10.0.0.0/8\nroute x\n', namespace: 'contoso' });
    expect(ipArguments(asked[0]).join(' ')).toBe('-n contoso -force -batch -');
  });
});

describe('tables of a place', () => {
  it('are main for the host and namespaces, and nothing is asked for that', async () => {
    const { run, asked } = fakeIp('');
    const tables = await new PlaceReader({ type: 'netns', name: 'contoso' }, run).tables();
    expect(tables).toEqual({ own: 254, mainDevices: undefined });
    expect(asked).toEqual([]);
  });

  it('are those of a VRF device', async () => {
    const vrf = '[{"ifname":"vrf-c","linkinfo":{"info_kind":"vrf","info_data":{"table":1010}}}]';
    const reader = new PlaceReader({ type: 'device', name: 'vrf-c' }, fakeIp(vrf).run);
    expect(await reader.tables()).toEqual({ own: 1010, mainDevices: new Set() });
  });

  it('are main, through this device only, for any other device', async () => {
    const veth = '[{"ifname":"eth1","linkinfo":{"info_kind":"veth"}}]';
    const reader = new PlaceReader({ type: 'device', name: 'eth1' }, fakeIp(veth).run);
    expect(await reader.tables()).toEqual({ own: 254, mainDevices: new Set(['eth1']) });
  });
});

describe('a table is written by one at a time', () => {
  it('in the order in which they asked', async () => {
    const log: string[] = [];
    const [first, second, third] = [new TableClaim('a'), new TableClaim('a'), new TableClaim('a')];
    const turns = [first, second, third].map(async (claim, i) => {
      await claim.taken;
      log.push(`begin ${i}`);
      await Promise.resolve();
      log.push(`end ${i}`);
      claim.release();
    });
    await Promise.all(turns);
    expect(log).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('while another table waits for nobody', async () => {
    new TableClaim('held');
    await new TableClaim('free').taken;
  });
});

it('namespaces have ids where they were given one', () => {
  expect(namespaceIds('[{"name":"a","id":0},{"name":"b"},{"name":"c","id":7}]')).toEqual(
    new Map([
      ['a', 0],
      ['c', 7],
    ]),
  );
  expect(namespaceIds('').size).toBe(0);
  expect(namespaceIds('nonsense').size).toBe(0);
});

it('a program that is not there is called by its package', () => {
  expect(startProblem(Object.assign(new Error('spawn ip ENOENT'), { code: 'ENOENT' }))).toContain('iproute2');
  expect(startProblem(new Error('spawn ip EMFILE'))).toBe('spawn ip EMFILE');
});
