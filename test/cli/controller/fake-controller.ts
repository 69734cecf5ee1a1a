/** A controller made of canned answers on a TCP port of its own. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from '../fake-daemon.ts';

export interface AskedController {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

export type ControllerAnswers = Readonly<Record<string, (response: ServerResponse) => void>>;

export class FakeController {
  readonly asked: AskedController[] = [];
  readonly #server: Server;

  private constructor(answers: ControllerAnswers) {
    this.#server = createServer((request, response) => void this.#answer(request, response, answers));
  }

  static async start(answers: ControllerAnswers): Promise<FakeController> {
    const controller = new FakeController(answers);
    await new Promise<void>((resolve) => controller.#server.listen(0, '127.0.0.1', resolve));
    return controller;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    answers: ControllerAnswers,
  ): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    const contentType = headers['content-type'];
    this.asked.push({ method, url, authorization: headers.authorization, contentType, body });
    const answer = answers[`${method} ${url}`];
    if (answer) answer(response);
    else json({ title: 'no such route', detail: `no ${url}`, code: 'NotFound', status: 404 }, 404)(response);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
