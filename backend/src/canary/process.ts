import { setTimeout as delay } from 'node:timers/promises';
import { writeHeapSnapshot } from 'node:v8';
import { loadConfig } from '../config.ts';
import { createLog } from '../http/log.ts';
import { startService } from '../service.ts';

/**
 * The service of this build for the canary job alone: it serves nobody, and so, unlike every process that serves customers,
 * it may write a heap snapshot when its parent asks for one.
 */
const log = createLog('info');
const service = await startService({ config: loadConfig(process.env), log });
await service.ready;
process.send?.({ url: service.url });
process.on('message', (message) => {
  void answer(String(message));
});

async function answer(path: string): Promise<void> {
  if (path === 'stop') {
    await service.close();
    await log.flush();
    process.disconnect();
    return;
  }
  for (let round = 0; round < 5; round += 1) {
    await delay(100);
    globalThis.gc?.();
  }
  writeHeapSnapshot(path);
  process.send?.({ snapshot: path });
}
