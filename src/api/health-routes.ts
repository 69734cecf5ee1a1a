/** Probes and metrics, for machines: not under /v1, not JSON where custom says otherwise. */
import type { ApiContext } from './context.ts';
import type { App } from './http-app.ts';
import { Metrics } from './metrics.ts';
import { ApiProblem } from './problem.ts';

export function addHealthRoutes(app: App, context: ApiContext): void {
  const metrics = new Metrics(context);
  app.addHook('onClose', async () => metrics.close());

  // A probe may have any token.
  const config = { perTenant: true } as const;
  app.get('/livez', { config }, () => ({ status: 'live' }));

  app.get('/readyz', { config }, () => {
    const reason = context.notReady();
    if (reason !== undefined) throw new ApiProblem('not-ready', reason);
    return { status: 'ready' };
  });

  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.render()),
  );
}
