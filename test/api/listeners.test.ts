import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../src/api/client.ts';
import { ApiListenError } from '../../src/api/unix-socket.ts';
import { IpAddress } from '../../src/net/ip-address.ts';
import { clientOn, runningApi, temporaryDirectory } from './running-api.ts';

const loopback = IpAddress.parse('127.0.0.1');

function tokenFile(text: string, mode = 0o600): string {
  const file = join(temporaryDirectory(), 'token');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

const all = (file: string) => ({ file, tenant: undefined, access: 'read-write' }) as const;

describe('the Unix socket', () => {
  it('and its directory are its owner’s alone', async () => {
    const { socket } = await runningApi();
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(join(socket, '..')).mode & 0o777).toBe(0o700);
  });

  it('is not taken from a daemon that lives', async () => {
    const { socket, client } = await runningApi();
    const second = await runningApi({ socket }).catch((error: unknown) => error);
    expect(second).toBeInstanceOf(ApiListenError);
    expect(String(second)).toContain('another heliod is running');
    expect(await client.getJson('/livez')).toEqual({ status: 'live' });
  });

  it('left over by a daemon that died is replaced', async () => {
    const socket = join(temporaryDirectory(), 'heliod.sock');
    const { spawnSync } = await import('node:child_process');
    // A process that listens and is killed leaves the file behind.
    const script = `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(existsSync(socket)).toBe(true);
    const { client } = await runningApi({ socket });
    expect(await client.getJson('/livez')).toEqual({ status: 'live' });
  });

  it('does not replace a file that is no socket', async () => {
    const socket = join(temporaryDirectory(), 'precious');
    writeFileSync(socket, 'data');
    await expect(runningApi({ socket })).rejects.toThrow('no socket');
    expect(existsSync(socket)).toBe(true);
  });

  it('is removed on close', async () => {
    const { socket, api } = await runningApi();
    await api.close();
    expect(existsSync(socket)).toBe(false);
  });
});

describe('TCP', () => {
  const token = 'correct-horse-battery';

  it('answers whoever has the token, and nobody else', async () => {
    const tcp = { listen: { address: loopback, port: 0 }, tokens: [all(tokenFile(`${token}\n`))] };
    const { api } = await runningApi({ tcp });
    const url = new URL(`http://127.0.0.1:${api.tcpPort}`);
    expect(await clientOn({ type: 'url', url, token }).getJson('/livez')).toEqual({ status: 'live' });
    for (const wrong of ['', 'x', `${token}x`, token.slice(1)]) {
      const error = await clientOn({ type: 'url', url, token: wrong })
        .getJson('/livez')
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ProblemError);
      expect(error).toMatchObject({ status: 401, code: 'unauthorized' });
    }
  });

  it.each([
    ['is open to everybody', () => tokenFile(token, 0o644)],
    ['at least 16 characters', () => tokenFile('short')],
    ['without white space', () => tokenFile('correct horse battery')],
    ['without white space', () => tokenFile('correct-horse-battery\nanother-horse-battery\n')],
    ['visible ASCII', () => tokenFile('pferd-mit-hölzernem-bein')],
    ['ENOENT', () => '/nonexistent/token'],
  ])('does not start when the token file %s', async (message, file) => {
    const tcp = { listen: { address: loopback, port: 0 }, tokens: [all(file())] };
    const socket = join(temporaryDirectory(), 'heliod.sock');
    await expect(runningApi({ socket, tcp })).rejects.toThrow(message);
    // Nothing is left half open.
    expect(existsSync(socket)).toBe(false);
  });

  it('says so when the port is taken', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const at = other.address();
        resolve(typeof at === 'object' ? (at?.port ?? 0) : 0);
      });
    });
    const tcp = { listen: { address: loopback, port }, tokens: [all(tokenFile(token))] };
    await expect(runningApi({ tcp })).rejects.toThrow(`management API on 127.0.0.1 port ${port}`);
    other.close();
  });

  it('is closed unless configured', async () => {
    const { api } = await runningApi();
    expect(api.tcpPort).toBeUndefined();
  });
});
