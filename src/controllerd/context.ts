/** What all routes of the controller's API are given, and how they refuse. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Reconciler } from '../controller/reconciler/reconciler.ts';
import type { Store } from '../controller/store/store.ts';
import type { WriteRefusal } from '../controller/writes.ts';
import type { ControllerGrant } from './grants.ts';
import type { History } from './history.ts';

export interface ControllerContext {
  readonly version: string;
  readonly store: Store;
  readonly reconciler: Reconciler;
  readonly history: History;
  readonly now: () => number;
  readonly grantOf: (request: FastifyRequest) => ControllerGrant;
}

/** Thrown by a handler, answered as problem+json (RFC 9457); `reason` is for programs. */
export class Refused extends Error {
  readonly status: number;
  readonly reason: string;
  readonly refusals: readonly WriteRefusal[] | undefined;

  constructor(status: number, reason: string, detail: string, refusals?: readonly WriteRefusal[]) {
    super(detail);
    this.name = 'Refused';
    this.status = status;
    this.reason = reason;
    this.refusals = refusals;
  }
}

export const forbidden = (what: string): Refused =>
  new Refused(403, 'Forbidden', `the token does not allow ${what}`);

/** The body of a refusal. */
export function problemText({ status, reason, message, refusals }: Refused): string {
  const texts = refusals?.map((r) => ({ text: `${r.kind}/${r.name}: ${r.reason}: ${r.message}` }));
  return JSON.stringify({
    type: `urn:heliograph:problem:${reason}`,
    title: reason,
    status,
    detail: message,
    code: reason,
    reason,
    ...(refusals ? { refusals, problems: texts } : {}),
  });
}

export function sendRefusal(reply: FastifyReply, refused: Refused): void {
  void reply.status(refused.status).type('application/problem+json').send(problemText(refused));
}
