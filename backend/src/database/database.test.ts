import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startStack, until, type Stack } from '../../test/harness.ts';
import { Database } from './database.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
}, 240_000);
afterAll(() => stack.close());

interface Monitored {
  readonly monitor: { readonly connection: { readonly socket: { destroy(): void } } | null };
  requestCheck(): void;
}

test('a heartbeat that hangs, since its line went as it was written, does not keep the database away', async () => {
  const states: string[] = [];
  const database = new Database({ ...stack.backend.config, onState: (state) => states.push(state) });
  await database.connect(AbortSignal.timeout(60_000));
  try {
    // What the driver does by itself when a line breaks and somebody asks in the same turn of the event loop.
    const { topology } = database.main.getClient() as unknown as {
      topology: { s: { servers: Map<string, Monitored> } };
    };
    const [server] = [...topology.s.servers.values()];
    await once(database.main.getClient(), 'serverHeartbeatSucceeded');
    // Sooner than half a second after a check the driver would wait before the next one.
    await new Promise((resolve) => setTimeout(resolve, 700));
    server?.monitor.connection?.socket.destroy();
    server?.requestCheck();
    await until('the connection is opened anew', () => states.includes('reconnected'));
    expect(states).toEqual(['connected', 'disconnected', 'reconnected']);
    expect(await database.ping()).toBe(true);
  } finally {
    await database.close();
  }
});
