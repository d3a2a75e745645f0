import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, ORIGIN, signedIn, started } from './serve.ts';
import { signIn } from './sign-in.ts';
import { quantile } from './statistics.ts';

/** From the click to the first rows, milliseconds, of the quiet rounds: what other work delays is no cost of the halves. */
export interface FirstRowsFigures {
  readonly withoutMs: number;
  readonly withMs: number;
  readonly ratio: number;
}

const SANDBOX_ACCOUNTS = '6000';
const ROUNDS = 60;
/** The share of rounds that counts as quiet. */
const QUIET = 0.2;
/** Not counted: code is compiled, and the first sign-in makes the key record. */
const WARM_UP = 5;
/** Until what goes on after the first rows (the rest of the pull, the half) is over. */
const SETTLE_MS = 400;
const REP = 'rep.one@demo.example';

/** Two backends on one database, one of which looks for no halves, in turns. */
export async function measureFirstRows(): Promise<FirstRowsFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'oneshot-bench-'));
  const children: ChildProcess[] = [];
  try {
    const ports = [await freePort(), await freePort()];
    const database = await started(children, 'embedded-mongodb/dist/main.js', {
      EMBEDDED_MONGODB_PORT: '0',
      DATA_DIR: dataDir,
    });
    const sandbox = await started(children, 'sandbox/dist/main.js', {
      SANDBOX_PORT: '0',
      SANDBOX_ACCOUNTS,
      SANDBOX_REDIRECT_URIS: ports.map((port) => `http://127.0.0.1:${port}/v1/auth/salesforce/callback`).join(','),
    });
    const settings = {
      OPS_PORT: '0',
      DATA_DIR: dataDir,
      MONGODB_URI: new URL('/bench', database.url).href,
      SALESFORCE_LOGIN_URL: `${sandbox.url}/salesforce`,
      PREVIEW_ORIGIN: ORIGIN,
      RATE_LIMIT_PER_MINUTE: '1000000',
      OPEN_RATE_LIMIT_PER_MINUTE: '1000000',
    };
    const rounds: { readonly withoutMs: number; readonly withMs: number }[] = [];
    const scripts = ['bench/dist/backend-without-halves.js', 'backend/dist/main.js'];
    // Of two equal processes the one that started later is some per cent slower: each is the later one for half of the time.
    for (const order of [scripts, scripts.toReversed()]) {
      const urls = new Map<string, string>();
      const pair: ChildProcess[] = [];
      for (const [index, script] of order.entries()) {
        const { url } = await started(pair, script, { ...settings, PORT: String(ports[index]) });
        children.push(...pair.slice(-1));
        await signedIn(url);
        urls.set(script, url);
      }
      const [without = '', ours = ''] = scripts.map((script) => urls.get(script));
      for (let round = 0; round < ROUNDS / 2 + WARM_UP; round += 1) {
        // Who comes first changes, so that neither has the quieter moment.
        const isFirst = round % 2 === 0;
        const early = await firstRows(isFirst ? ours : without);
        const late = await firstRows(isFirst ? without : ours);
        const figures = { withMs: isFirst ? early : late, withoutMs: isFirst ? late : early };
        if (round >= WARM_UP) rounds.push(figures);
      }
      await Promise.all(pair.map((child) => ended(child)));
    }
    const [withMs, withoutMs] = [rounds.map((round) => round.withMs), rounds.map((round) => round.withoutMs)].map(
      (values) => quantile(values, QUIET),
    ) as [number, number];
    return { withMs, withoutMs, ratio: withMs / withoutMs };
  } finally {
    for (const child of children.reverse()) child.kill('SIGTERM');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

async function firstRows(backend: string): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const startedAt = performance.now();
  const token = await signIn(backend, ORIGIN, REP);
  const headers = { authorization: `Bearer ${token}`, origin: ORIGIN };
  const answer = await fetch(`${backend}/v1/accounts?partial=true`, { headers });
  const { rows } = (await answer.json()) as { readonly rows?: readonly unknown[] };
  if (answer.status !== 200 || rows?.length === 0) throw new Error(`No rows: ${answer.status}`);
  return performance.now() - startedAt;
}
