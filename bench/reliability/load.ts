import { randomBytes } from 'node:crypto';
import { signIn } from '../sign-in.ts';
import type { Cluster } from './cluster.ts';

/** A rep at work: their token, and who the backend says they are. */
export interface Rep {
  readonly username: string;
  readonly token: string;
  readonly id: string;
}

/** What clients saw, by status; `cut` is a connection that ended without an answer. */
export interface Seen {
  readonly counts: Readonly<Record<string, number>>;
  readonly p50: number;
  readonly p99: number;
  /** Answers that held another rep's data. */
  readonly strangers: number;
  /** Refusals without `Retry-After`. */
  readonly withoutRetryAfter: number;
}

/** Makes people in the sandbox and signs them in, a few at a time. */
export async function signInAll(cluster: Cluster, count: number): Promise<Rep[]> {
  const names = Array.from(
    { length: count },
    (_, index) => `load.${index}.${randomBytes(3).toString('hex')}@demo.example`,
  );
  const reps: Rep[] = [];
  await inTurn(names, 8, async (username) => {
    await cluster.control('POST', 'users', { username, permissions: ['OneShot_User'] });
    const token = await patiently(() => signIn(cluster.url, cluster.origin, username));
    const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string };
    reps.push({ username, token, id: sub });
  });
  return reps;
}

/** What goes before a scenario is none of its measure: on a busy machine a start may need a second go. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === 5) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }
}

/** Runs work for each item, `width` at a time. */
export async function inTurn<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

export const ask = (base: string, rep: Rep, path: string, as = rep.id): Promise<Response> =>
  fetch(base + path, {
    headers: { authorization: `Bearer ${rep.token}`, 'x-oneshot-rep': as },
    signal: AbortSignal.timeout(75_000),
  });

/** Reps that click until they are told to stop: their list, and who they are. */
export class Load {
  readonly #counts = new Map<string, number>();
  readonly #times: number[] = [];
  readonly #workers: Promise<void>[];
  #strangers = 0;
  #withoutRetryAfter = 0;
  #isOver = false;

  /** @param width requests at a time @param onlyLists not who they are, too, which asks Salesforce */
  constructor(cluster: Cluster, reps: readonly Rep[], width: number, pauseMs = 0, onlyLists = false) {
    this.#workers = Array.from({ length: width }, async (_, worker) => {
      for (let turn = worker; !this.#isOver; turn += width) {
        const rep = reps[turn % reps.length];
        if (rep !== undefined) await this.#click(cluster.url, rep, !onlyLists && turn % 5 === 0);
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    });
  }

  async stop(): Promise<Seen> {
    this.#isOver = true;
    await Promise.all(this.#workers);
    const times = this.#times.sort((one, other) => one - other);
    const at = (part: number): number => Math.round(times[Math.floor(times.length * part)] ?? 0);
    return {
      counts: Object.fromEntries([...this.#counts].sort()),
      p50: at(0.5),
      p99: at(0.99),
      strangers: this.#strangers,
      withoutRetryAfter: this.#withoutRetryAfter,
    };
  }

  async #click(base: string, rep: Rep, isMe: boolean): Promise<void> {
    const startedAt = performance.now();
    let what: string;
    try {
      const answer = await ask(base, rep, isMe ? '/v1/me' : '/v1/accounts?limit=20');
      const body = (await answer.json()) as { user?: { id: string }; error?: { code: string } };
      what = answer.ok ? String(answer.status) : `${answer.status} ${body.error?.code ?? ''}`;
      if (answer.ok) this.#times.push(performance.now() - startedAt);
      if (isMe && answer.ok && body.user?.id !== rep.id) this.#strangers += 1;
      if ([429, 503].includes(answer.status) && !answer.headers.has('retry-after')) this.#withoutRetryAfter += 1;
    } catch {
      what = 'cut';
    }
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }
}

/** How many lists were pulled since the sandbox forgot its requests, by rep. */
export async function pulls(cluster: Cluster): Promise<Map<string, number>> {
  const { rows } = (await cluster.control('GET', 'requests?provider=salesforce')) as {
    rows: { path: string; username: string | null; query: { q?: string } }[];
  };
  const counted = new Map<string, number>();
  for (const { path, username, query } of rows)
    if (path.endsWith('/query') && username !== null && / FROM Account .*ORDER BY/i.test(query.q ?? ''))
      counted.set(username, (counted.get(username) ?? 0) + 1);
  return counted;
}
