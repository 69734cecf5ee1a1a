/**
 * Errors of the management API: a closed set of codes, each with its HTTP status and title (RFC 9457).
 * `code` is stable and for programs, `detail` is for people.
 */
import type { ManagementRefusal } from '../speaker/views.ts';
import type { ConfigProblem } from './ports.ts';

const problemTypes = {
  'bad-request': [400, 'The request is not valid'],
  'bad-prefix': [400, 'That is no prefix'],
  'bad-pattern': [400, 'That is no pattern'],
  'no-such-family': [400, 'No such address family'],
  'peer-required': [400, 'A peer is required'],
  'tenant-required': [400, 'A tenant is required'],
  unauthorized: [401, 'A bearer token is required'],
  forbidden: [403, 'The token does not allow that'],
  'not-found': [404, 'No such route of the API'],
  'no-such-peer': [404, 'No such peer'],
  'no-such-network': [404, 'No such network'],
  'no-such-tenant': [404, 'No such tenant'],
  'peer-not-established': [409, 'The session is not established'],
  'duplicate-network': [409, 'That network is announced already'],
  'duplicate-tenant': [409, 'That tenant is there already'],
  'tenant-of-file': [409, 'That tenant belongs to the configuration file'],
  'too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'The body is of an unsupported type'],
  'invalid-configuration': [422, 'The configuration is not valid'],
  internal: [500, 'Internal error'],
  'not-ready': [503, 'Not ready'],
  'tenant-down': [503, 'The tenant is being built anew'],
} as const satisfies Record<ManagementRefusal, readonly [number, string]> &
  Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof problemTypes;

export const problemCodes = Object.keys(problemTypes) as readonly ProblemCode[];

/** RFC 9457 §3.1, with `code` and, for configurations, every mistake at once. */
export interface Problem {
  /** `urn:heliograph:problem:` and the code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly problems?: readonly ConfigProblem[];
}

/** Thrown by a handler, answered as problem+json. */
export class ApiProblem extends Error {
  readonly code: ProblemCode;
  readonly problems: readonly ConfigProblem[] | undefined;

  constructor(code: ProblemCode, detail: string, problems?: readonly ConfigProblem[]) {
    super(detail);
    this.name = 'ApiProblem';
    this.code = code;
    this.problems = problems;
  }
}

export function makeProblem(code: ProblemCode, detail: string, problems?: readonly ConfigProblem[]): Problem {
  const [status, title] = problemTypes[code];
  const problem = { type: `urn:heliograph:problem:${code}`, title, status, detail, code };
  return problems ? { ...problem, problems } : problem;
}
