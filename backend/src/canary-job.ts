import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRooms } from './app.ts';
import { runCanary } from './canary/run.ts';
import { loadConfig } from './config.ts';
import { Database } from './database/database.ts';
import { createLog } from './http/log.ts';
import { Metrics } from './http/metrics.ts';

/**
 * `npm run canary`: runs the job on CANARY_MONGODB_URI, and keeps its signed result in the region's database, where
 * evidence shows it. CANARY_FOLDER: where everything is written and searched. Ends with 0 where nothing was found.
 */
const { CANARY_MONGODB_URI: scratch, CANARY_FOLDER: given } = process.env;
const CONNECT_MS = 15_000;

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`oneshot canary: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  if (scratch === undefined || scratch === '') throw new Error('CANARY_MONGODB_URI: is required');
  const config = loadConfig(process.env);
  const folder = given === undefined || given === '' ? await mkdtemp(join(tmpdir(), 'oneshot-canary-')) : given;
  const database = new Database(config);
  try {
    const findings = await runCanary({ folder, mongodbUri: scratch, region: config.region.name });
    await database.connect(AbortSignal.timeout(CONNECT_MS));
    const rooms = await createRooms({
      config,
      log: createLog('silent'),
      metrics: new Metrics(),
      database,
      publicUrl: () => config.publicUrl ?? '',
      isDraining: () => true,
    });
    const result = await rooms.canaryRuns.keep(findings);
    await rooms.app.close();
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.holds ? 0 : 1;
  } finally {
    await database.close();
    if (given === undefined || given === '') await rm(folder, { recursive: true, force: true });
  }
}
