/**
 * The objects of the store over HTTP: read and watched by kind, written one at a time or as a whole file. A write is one
 * transaction; `dryRun=true` says what it would do. An object's ETag is its generation, which grows when its spec does.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../api/http-app.ts';
import { type Kind, kinds } from '../controller/snapshot.ts';
import {
  type ClientKind,
  clientKinds,
  keepingWord,
  type Operation,
  planWrites,
  type Writes,
} from '../controller/writes.ts';
import { type ControllerContext, forbidden, Refused } from './context.ts';
import { parseDocuments } from './documents.ts';
import { mayRead, maySee, mayWrite, ownerOf } from './grants.ts';
import { documentKinds, mistakesOf, objectName, specSchemas } from './resource-schemas.ts';
import { watchKind } from './watch.ts';

const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
const writeQuery = z.object({ dryRun: flag.optional() });
const kindParam = z.object({ kind: z.enum(kinds as readonly [Kind, ...Kind[]]) });
const clientParams = z.object({ kind: z.enum(clientKinds), name: objectName });
const bodyLimit = 16 * 1024 * 1024;

export function addObjectRoutes(app: App, context: ControllerContext): void {
  addReads(app, context);
  const body = z.object({ spec: z.unknown() });
  const schema = { params: clientParams, querystring: writeQuery, body };
  app.put('/v1/:kind/:name', { schema }, (request, reply) => {
    const { kind, name } = request.params;
    const spec = checkedSpec(kind, request.body.spec);
    return write(context, request, reply, () => {
      const operation: Operation = { type: 'put', kind, name, spec, ...seen(request) };
      return [keepingWord(context.store.snapshot, operation)];
    });
  });
  app.patch('/v1/:kind/:name', { schema }, (request, reply) => {
    const { kind, name } = request.params;
    return write(context, request, reply, () => {
      const old = context.store.snapshot[kind].get(name);
      if (!old || !maySee(context.grantOf(request), kind, old)) throw notFound(kind, name);
      const spec = checkedSpec(kind, merge(old.spec, request.body.spec));
      return [{ type: 'put', kind, name, spec, ...seen(request) }];
    });
  });
  app.delete(
    '/v1/:kind/:name',
    { schema: { params: clientParams, querystring: writeQuery } },
    (request, reply) => {
      const { kind, name } = request.params;
      return write(context, request, reply, () => [{ type: 'delete', kind, name, ...seen(request) }]);
    },
  );
  app.post(
    '/v1/apply',
    { bodyLimit, schema: { querystring: writeQuery, body: z.string() } },
    (request, reply) => {
      const operations = operationsIn(request.body);
      return write(context, request, reply, () =>
        operations.map((operation) => keepingWord(context.store.snapshot, operation)),
      );
    },
  );
}

function addReads(app: App, { store, history, grantOf }: ControllerContext): void {
  const listQuery = z.object({ watch: flag.optional(), from: z.coerce.number().int().min(0).optional() });
  app.get('/v1/:kind', { schema: { params: kindParam, querystring: listQuery } }, (request, reply) => {
    const { kind } = request.params;
    const grant = grantOf(request);
    if (!mayRead(grant)) throw forbidden('to read');
    const isSeen = (value: { readonly name: string }) => maySee(grant, kind, value);
    if (request.query.watch) return watchKind(history, reply, { kind, from: request.query.from, isSeen });
    const { snapshot } = store;
    return { revision: snapshot.revision, items: [...snapshot[kind].values()].filter(isSeen) };
  });
  const params = kindParam.extend({ name: z.string() });
  app.get('/v1/:kind/:name', { schema: { params } }, (request, reply) => {
    const { kind, name } = request.params;
    const value = store.snapshot[kind].get(name);
    if (!value || !maySee(grantOf(request), kind, value)) throw notFound(kind, name);
    if ('generation' in value) void reply.header('etag', `"${value.generation}"`);
    return value;
  });
}

function notFound(kind: Kind, name: string): Refused {
  return new Refused(404, 'NotFound', `there is no ${name} among ${kind}`);
}

function checkedSpec(kind: ClientKind, spec: unknown): object {
  const parsed = specSchemas[kind].safeParse(spec);
  if (parsed.success) return parsed.data;
  throw new Refused(422, 'FieldInvalid', mistakesOf(parsed.error, 'spec').join('; '));
}

/** `If-Match: "3"`, or `If-None-Match: *` for an object that is to be new. */
function seen({ headers }: FastifyRequest): { readonly generation?: number } {
  if (headers['if-none-match'] === '*') return { generation: 0 };
  const match = headers['if-match'];
  if (match === undefined || match === '*') return {};
  const generation = /^"?(\d{1,15})"?$/.exec(match)?.[1];
  if (generation === undefined) throw new Refused(400, 'BadRequest', 'If-Match wants the ETag of the object');
  return { generation: Number(generation) };
}

/** RFC 7396: null removes a field. */
function merge(old: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof old === 'object' && old !== null && !Array.isArray(old);
  const result: Record<string, unknown> = isObject ? { ...old } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

/** Every document of a YAML or JSON text; all mistakes at once. */
function operationsIn(text: string): readonly Operation[] {
  const { documents, mistakes: found } = parseDocuments(text);
  const mistakes = [...found];
  const operations = documents.flatMap(({ where, kind: called, name, spec }): Operation[] => {
    const kind = documentKinds[called];
    if (!kind) mistakes.push(`${where}: kind is one of ${Object.keys(documentKinds).join(', ')}`);
    if (!objectName.safeParse(name).success) mistakes.push(`${where}: name is missing or no name`);
    const parsed = kind && specSchemas[kind].safeParse(spec);
    if (parsed && !parsed.success) mistakes.push(...mistakesOf(parsed.error, `${where}: spec`));
    return parsed?.success ? [{ type: 'put', kind, name, spec: parsed.data }] : [];
  });
  if (mistakes.length === 0) return operations;
  throw new Refused(422, 'FieldInvalid', mistakes.join('\n'));
}

async function write(
  context: ControllerContext,
  request: FastifyRequest<{ Querystring: { dryRun?: boolean | undefined } }>,
  reply: FastifyReply,
  build: () => readonly Operation[],
): Promise<object> {
  const planned: { writes?: Writes } = {};
  const outcome = await context.reconciler.write((snapshot, now) => {
    const operations = build();
    for (const operation of operations) checkRight(context, request, operation);
    planned.writes = planWrites(snapshot, operations, now);
    const isIdle = request.query.dryRun === true || planned.writes.changes.length === 0;
    return isIdle ? undefined : planned.writes.changes;
  });
  const { refusals = [], results = [] } = planned.writes ?? {};
  if (refusals.length > 0) {
    const [{ status, reason }] = refusals;
    throw new Refused(status, reason, refusals.map(({ message }) => message).join('; '), refusals);
  }
  if (outcome && !outcome.ok) throw new Refused(503, outcome.reason, outcome.message);
  if (results.some(({ outcome: what }) => what === 'created')) void reply.status(201);
  return { revision: context.store.snapshot.revision, dryRun: request.query.dryRun === true, results };
}

/** Neither what is there nor what it becomes may be somebody else's. */
function checkRight(context: ControllerContext, request: FastifyRequest, operation: Operation): void {
  const { kind, name } = operation;
  const grant = context.grantOf(request);
  const old = context.store.snapshot[kind].get(name);
  const owners = [
    ...(old ? [ownerOf(kind, old)] : []),
    ...(operation.type === 'put' ? [ownerOf(kind, operation)] : []),
  ];
  if (owners.length === 0 && grant.role === 'tenant') throw notFound(kind, name);
  if (grant.role !== 'admin' && !owners.every((owner) => mayWrite(grant, kind, owner)))
    throw forbidden(`to write ${kind}/${name}`);
}
