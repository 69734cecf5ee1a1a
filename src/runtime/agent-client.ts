/**
 * The agent's connection to the controller: requests of agent-protocol.ts over HTTP, with the token of the gateway, to
 * the first endpoint that answers. Owns time-outs and the choice of endpoint, not what an answer means.
 */
import { parseAnswer } from '../agent/answer.ts';
import {
  type AgentReport,
  type ChangeAnswer,
  changesPath,
  type FeedIdentity,
  feedPath,
  feedProtocol,
  type ReportAnswer,
  reportPath,
} from '../agent/protocol.ts';
import { FeedConnection } from './feed-connection.ts';
import type { StationSocketOwner } from './station-socket.ts';

/** An answer that comes later than this is of no use: the next report is under way. */
const reportTimeoutMilliseconds = 2000;
/** What a request for changes may take beyond the time that it waits for. */
const graceMilliseconds = 3000;

export interface AgentClientOptions {
  readonly gateway: string;
  /** Origins. */
  readonly endpoints: readonly string[];
  /** Asked for each request: a file may be replaced. */
  readonly token: () => string;
}

const overtaken = 409;

/** The controller answered, and it was no. */
export class ControllerRefusal extends Error {
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ControllerRefusal';
    this.status = status;
  }

  /** A report that was sent later was heard first: nothing is wrong. */
  get isOvertaken(): boolean {
    return this.status === overtaken;
  }
}

export class AgentClient {
  readonly #options: AgentClientOptions;
  #endpoint = 0;

  constructor(options: AgentClientOptions) {
    this.#options = options;
  }

  /** Throws ControllerRefusal, an error about the answer, or whatever fetch throws when nobody answers in time. */
  async report(report: AgentReport): Promise<ReportAnswer> {
    const body = await this.#ask<unknown>(reportPath(this.#options.gateway), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(report),
      signal: AbortSignal.timeout(reportTimeoutMilliseconds),
    });
    const parsed = parseAnswer(body);
    if (!parsed.ok) throw new Error(`the answer cannot be used: ${parsed.reason}`);
    return parsed.answer;
  }

  /** Answered when there is something newer than `seen`, at the latest after `waitMilliseconds`. */
  changes(
    seen: Readonly<ChangeAnswer>,
    waitMilliseconds: number,
    stopped: AbortSignal,
  ): Promise<ChangeAnswer> {
    const timeout = AbortSignal.timeout(waitMilliseconds + graceMilliseconds);
    return this.#ask(changesPath(this.#options.gateway, seen, waitMilliseconds), {
      signal: AbortSignal.any([timeout, stopped]),
    });
  }

  /** The Loc-RIB of a reflector, to the endpoint that answers just now. */
  feed(identity: FeedIdentity, owner: StationSocketOwner): FeedConnection {
    const { gateway, endpoints, token } = this.#options;
    const path = feedPath(gateway, identity);
    const origin = endpoints[this.#endpoint];
    return new FeedConnection({ origin, path, protocol: feedProtocol, token: token() }, owner);
  }

  async #ask<Answer>(path: string, request: RequestInit): Promise<Answer> {
    const { endpoints, token } = this.#options;
    const chosen = this.#endpoint;
    const authorization = `Bearer ${token()}`;
    try {
      const response = await fetch(new URL(path, endpoints[chosen]), {
        ...request,
        headers: { ...request.headers, authorization },
      });
      const body: unknown = await response.json();
      if (!response.ok) throw new ControllerRefusal(response.status, detailOf(body) ?? response.statusText);
      return body as Answer;
    } catch (error) {
      // Whoever asked together with us has gone on to the next one already.
      if (this.#endpoint === chosen && !isFinal(error)) this.#endpoint = (chosen + 1) % endpoints.length;
      throw error;
    }
  }
}

/** Another endpoint would say the same. */
function isFinal(error: unknown): boolean {
  return error instanceof ControllerRefusal && error.status < 500;
}

/** RFC 9457 §3.1.4. */
function detailOf(body: unknown): string | undefined {
  const { detail } = (body ?? {}) as { readonly detail?: unknown };
  return typeof detail === 'string' ? detail : undefined;
}

/** In words for a log: fetch hides the reason in `cause`. */
export function describeRequestError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  return cause instanceof Error ? cause.message : error.message;
}
