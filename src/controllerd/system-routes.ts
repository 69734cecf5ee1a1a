/** What is about the whole system: actions on gateways, questions to the planner, health and figures. */
import { z } from 'zod';
import type { App } from '../api/http-app.ts';
import { newConnectionStatus } from '../controller/connections.ts';
import { violations } from '../controller/invariants.ts';
import { metricsText } from '../controller/metrics.ts';
import { place } from '../controller/placement.ts';
import type { ConnectionSpec } from '../controller/resources.ts';
import { kinds } from '../controller/snapshot.ts';
import { actionOn, gatewayActions, planWrites } from '../controller/writes.ts';
import { type ControllerContext, forbidden, Refused } from './context.ts';
import { mayOperate, mayReadAll, maySee } from './grants.ts';
import { objectName, specSchemas } from './resource-schemas.ts';

export function addSystemRoutes(app: App, context: ControllerContext): void {
  const { store, reconciler, now, grantOf } = context;
  app.get('/healthz', () => ({ ok: true }));
  app.get('/readyz', () => {
    if (store.readOnly !== undefined) throw new Refused(503, 'ReadOnly', store.readOnly);
    return { ok: true };
  });
  app.get('/metrics', (request, reply) => {
    if (!mayReadAll(grantOf(request))) throw forbidden('to read metrics');
    void reply.type('text/plain; version=0.0.4');
    return reply
      .serializer(String)
      .send(metricsText(store.snapshot, reconciler.observations, reconciler.counts, now()));
  });
  app.get('/v1/snapshot', (request) => {
    if (!mayReadAll(grantOf(request))) throw forbidden('to read everything');
    const { snapshot } = store;
    const tables = Object.fromEntries(kinds.map((kind) => [kind, [...snapshot[kind].values()]]));
    return { revision: snapshot.revision, term: store.term, now: now(), ...tables };
  });
  app.get('/v1/invariants', (request) => {
    if (!mayReadAll(grantOf(request))) throw forbidden('to read everything');
    const { revision } = store.snapshot;
    return { revision, violations: violations(store.snapshot), seen: reconciler.counts.violations };
  });
  addActions(app, context);
  addExplain(app, context);
}

/** `POST /v1/gateways/a1:drain`. */
function addActions(app: App, { reconciler, store, grantOf }: ControllerContext): void {
  const params = z.object({ target: z.string() });
  app.post('/v1/gateways/:target', { schema: { params } }, async (request) => {
    const [name, word] = request.params.target.split(':');
    const action = gatewayActions.find((known) => known === word);
    if (!action) throw new Refused(404, 'NotFound', `an action is one of ${gatewayActions.join(', ')}`);
    if (!mayOperate(grantOf(request))) throw forbidden(`to ${action} a gateway`);
    const outcome = await reconciler.write((snapshot, at) => {
      const known = snapshot.gateways.get(name);
      if (!known) throw new Refused(404, 'NotFound', `there is no gateway ${name}`);
      const spec = actionOn(known.spec, action);
      const { changes, refusals } = planWrites(snapshot, [{ type: 'put', kind: 'gateways', name, spec }], at);
      if (refusals.length > 0)
        throw new Refused(refusals[0].status, refusals[0].reason, refusals[0].message, refusals);
      return changes.length > 0 ? changes : undefined;
    });
    if (outcome && !outcome.ok) throw new Refused(503, outcome.reason, outcome.message);
    return { revision: store.snapshot.revision, gateway: store.snapshot.gateways.get(name) };
  });
}

/** Where a connection would go now; nothing is changed. `name`: of one that is there, why it is where it is. */
function addExplain(app: App, { store, grantOf }: ControllerContext): void {
  const body = z.union([
    z.object({ name: objectName }),
    z.object({ spec: specSchemas.connections as z.ZodType<ConnectionSpec> }),
  ]);
  app.post('/v1/placements::explain', { schema: { body } }, (request) => {
    const { snapshot } = store;
    const asked = 'name' in request.body ? request.body.name : undefined;
    const known = asked === undefined ? undefined : snapshot.connections.get(asked);
    const connection = 'spec' in request.body ? newConnection(request.body.spec) : known;
    if (!connection || !maySee(grantOf(request), 'connections', connection))
      throw new Refused(404, 'NotFound', `there is no connection ${asked ?? 'that the token may ask about'}`);
    if (!snapshot.tenants.has(connection.spec.tenant))
      throw new Refused(422, 'UnknownReference', `no tenant ${connection.spec.tenant}`);
    const stored = known && { status: known.status };
    // One that has its place already would be weighed against itself.
    return {
      revision: snapshot.revision,
      ...stored,
      ...(known?.status.slot ? {} : { now: place(snapshot, connection) }),
    };
  });
}

function newConnection(spec: ConnectionSpec) {
  return { name: 'asked', generation: 0, spec, status: newConnectionStatus() };
}
