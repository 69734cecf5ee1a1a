/**
 * What a request may do: everything over the Unix socket; over TCP what its token is good for, which may be one tenant,
 * or reading. Routes say what they need in `config`; a token that is limited to a tenant reaches only those that
 * say that they are about one, so a route that says nothing is closed to it.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { InstanceIdentity } from './ports.ts';
import { ApiProblem } from './problem.ts';

export interface Grant {
  /** `contoso` for all its slots, `contoso/edge2` for one; `undefined` for the whole daemon. */
  readonly tenant: string | undefined;
  readonly access: 'read' | 'read-write';
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route is about instances, and looks at the grant to see which. */
    readonly perTenant?: true;
    /** Changes nothing although it is no GET. */
    readonly readOnly?: true;
  }
}

const everything: Grant = { tenant: undefined, access: 'read-write' };

const grants = new WeakMap<IncomingMessage, Grant>();

/** Of a request whose token was looked at. */
export function setGrant(request: IncomingMessage, grant: Grant): void {
  grants.set(request, grant);
}

export function grantOf(request: FastifyRequest): Grant {
  return grants.get(request.raw) ?? everything;
}

export function covers({ tenant }: Grant, of: InstanceIdentity): boolean {
  if (tenant === undefined) return true;
  const [name, slot] = tenant.split('/');
  return name === of.tenant && (slot === undefined || slot === of.slot);
}

/** Throws where the token is not good for this route. */
export function authorise(request: FastifyRequest): void {
  const { tenant, access } = grantOf(request);
  const { config } = request.routeOptions;
  if (tenant !== undefined && !config.perTenant) {
    throw new ApiProblem('forbidden', `the token is good for tenant ${tenant} only`);
  }
  const changes = request.method !== 'GET' && request.method !== 'HEAD' && !config.readOnly;
  if (changes && access === 'read') throw new ApiProblem('forbidden', 'the token is good for reading only');
}
