/**
 * The connection of one route feed to the controller: an HTTP request that becomes a stream of bytes, which is only ever
 * written to. Owns the handshake and the socket; knows no BMP and does not try again by itself.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { describeSocketError } from './socket-errors.ts';
import { type StationSocketOwner, stationHighWaterOctets } from './station-socket.ts';

const handshakeMilliseconds = 3000;
const keepAliveMilliseconds = 15_000;
/** More of a refusal is not read. */
const longestRefusal = 64 * 1024;

export interface FeedEndpoint {
  /** Of the controller. */
  readonly origin: string;
  readonly path: string;
  /** What the connection is to become. */
  readonly protocol: string;
  readonly token: string;
}

export class FeedConnection {
  readonly #owner: StationSocketOwner;
  readonly #request: ClientRequest;
  #socket: Socket | undefined;
  #over = false;

  constructor({ origin, path, protocol, token }: FeedEndpoint, owner: StationSocketOwner) {
    this.#owner = owner;
    const url = new URL(path, origin);
    const headers = { authorization: `Bearer ${token}`, connection: 'Upgrade', upgrade: protocol };
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = open(url, { headers, agent: false });
    request.setTimeout(handshakeMilliseconds, () => this.#fail('no answer in time'));
    request.on('error', (error) => this.#fail(describeSocketError(error)));
    request.on('response', (response) => this.#refused(response));
    request.on('upgrade', (_response, socket: Socket) => this.#joined(socket));
    request.end();
    this.#request = request;
  }

  /** Takes the bytes; false when nothing more should come until `drained`. */
  send(bytes: Uint8Array): boolean {
    if (this.#over || !this.#socket) return false;
    const flowing = this.#socket.write(bytes);
    return flowing || this.#socket.writableLength < stationHighWaterOctets;
  }

  close(): void {
    this.#over = true;
    this.#request.destroy();
    this.#socket?.destroy();
  }

  #joined(socket: Socket): void {
    if (this.#over) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMilliseconds);
    socket.on('drain', () => this.#over || this.#owner.drained());
    socket.on('error', (error) => this.#fail(describeSocketError(error)));
    socket.on('end', () => this.#fail('ended by the controller'));
    socket.on('close', () => this.#fail('closed'));
    socket.resume();
    this.#owner.connected();
  }

  /** RFC 9457 §3.1.4: the reason is in `detail`. */
  #refused(response: IncomingMessage): void {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      if (body.length < longestRefusal) body += text;
    });
    response.on('end', () => this.#fail(detailOf(body) ?? `HTTP status ${response.statusCode ?? 0}`));
  }

  #fail(detail: string): void {
    if (this.#over) return;
    this.close();
    this.#owner.failed(detail);
  }
}

function detailOf(body: string): string | undefined {
  try {
    const { detail } = JSON.parse(body) as { readonly detail?: unknown };
    return typeof detail === 'string' ? detail : undefined;
  } catch {
    return undefined;
  }
}
