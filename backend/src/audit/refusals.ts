import type { FastifyInstance } from 'fastify';
import type { MinuteCounts } from './minute-counts.ts';

/** Who called an admin's route without being one stands in the trail. Call it before those routes are registered. */
export function auditRefusals(app: FastifyInstance, counts: MinuteCounts): void {
  app.addHook('onResponse', (request, _reply, done) => {
    done();
    if (request.problemCode !== 'not_admin') return;
    const { orgId, userId } = request.rep;
    // The answer is out already; a trail that cannot be written now shows in /readyz.
    void counts
      .count({
        orgId,
        actor: userId,
        action: 'admin_refused',
        target: wordOf(request.method, request.routeOptions.url),
      })
      .catch(() => undefined);
  });
}

/** `DELETE /v1/admin/users/:id/sessions` -> `delete_admin_users_id_sessions` */
function wordOf(method: string, route = ''): string {
  return `${method} ${route.replace(/^\/v1/, '')}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 80);
}
