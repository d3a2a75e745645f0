import { createRooms } from './app.ts';
import type { Config } from './config.ts';
import { Database } from './database/database.ts';
import { egressRules, enforceEgress } from './egress.ts';
import { createLog } from './http/log.ts';
import { Metrics } from './http/metrics.ts';
import { operatorActions } from './operators/actions.ts';
import { operatorModel } from './operators/model.ts';
import { Operators, type Outcome } from './operators/operators.ts';
import type { ApprovedRequest } from './operators/request.ts';

const CONNECT_MS = 15_000;

/**
 * Carries a request out in the rooms of the service, without a server: what an operator does is what a request would do.
 * @throws OperatorRefused it was used before, or the clock was set back; what the database throws
 */
export async function carryOut(config: Config, approved: ApprovedRequest): Promise<Outcome> {
  enforceEgress(egressRules(config), () => undefined);
  const database = new Database(config);
  const log = createLog('silent');
  try {
    await database.connect(AbortSignal.timeout(CONNECT_MS));
    const used = operatorModel(database.main);
    const rooms = await createRooms({
      config,
      log,
      metrics: new Metrics(),
      database,
      publicUrl: () => config.publicUrl ?? '',
      isDraining: () => true,
    });
    try {
      const operators = new Operators({
        used,
        audit: rooms.audit,
        actions: operatorActions(rooms),
        lastKnownTime: () => rooms.privacy.restore.lastKnownTime(),
      });
      return await operators.run(approved);
    } finally {
      await rooms.app.close();
    }
  } finally {
    await database.close();
  }
}
