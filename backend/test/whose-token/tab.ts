import { setTimeout as delay } from 'node:timers/promises';
import { consentAt, finish, go, startUrl, visit, type ProviderName } from '../connect.ts';
import { freshKey } from '../sending-stack.ts';
import { pkcePair, signIn, textOf, type Answer, type Json, type RepClient } from '../sign-in.ts';
import type { Fleet } from './fleet.ts';
import type { TokenLedger } from './token-ledger.ts';
import type { Truth } from './truth.ts';

/** A rep, and the one contact that only they write to. */
export interface Person {
  readonly username: string;
  readonly contactId: string;
  readonly mailboxId: string;
  /** Who connects waits for whoever does for the same rep: two consents at once end one of them, truly. */
  connecting: Promise<unknown>;
}

export interface World {
  readonly fleet: Fleet;
  readonly ledger: TokenLedger;
  readonly truth: Truth;
  readonly origin: string;
  /** Whether the reps go on working. */
  isOver: boolean;
}

const PROVIDERS = ['gmail', 'outlook', 'outreach'] as const;
/** Said while a process ends or begins, or is slower than the database's time-out: whoever works tries again. */
const MOMENTARY = new Set(['database_unavailable', 'keys_unavailable', 'in_progress']);
const TRIES = 12;
/** Between what one tab does and what it does next. */
const PACE_MS = 50;

/** One browser tab of a rep: works, is told why something does not work, signs out and in again. */
export class Tab {
  readonly #world: World;
  readonly #person: Person;
  #rep: RepClient | undefined;
  #signedInAt = 0;

  constructor(world: World, person: Person) {
    this.#world = world;
    this.#person = person;
  }

  async signIn(): Promise<void> {
    const { fleet, origin } = this.#world;
    for (let attempt = 1; ; attempt += 1) {
      const signedInAt = performance.now();
      try {
        this.#rep = await signIn({ url: fleet.url, origin }, this.#person.username);
        this.#signedInAt = signedInAt;
        return;
      } catch (error) {
        if (attempt === TRIES) throw error; // a process that is replaced has no trip half way
        await delay(100);
      }
    }
  }

  async signOut(): Promise<void> {
    await this.#call((rep) => rep.post('/v1/auth/sign-out'));
  }

  /** Works until it is over, in one way after the other. */
  async work(): Promise<void> {
    for (let turn = 0; !this.#world.isOver; turn += 1) {
      if (turn % 8 === 7) {
        await this.signOut();
        await this.signIn();
      }
      const provider = PROVIDERS[Math.floor(Math.random() * PROVIDERS.length)] ?? 'gmail';
      if (Math.random() < 0.2) await this.connections();
      else if (!(await this.use(provider))) await this.connect(provider);
      await delay(PACE_MS);
    }
  }

  /** Uses the rep's token of a provider. @returns false where it is to be connected again */
  async use(provider: ProviderName): Promise<boolean> {
    const { contactId, mailboxId, username } = this.#person;
    const key = { 'idempotency-key': freshKey() };
    const askedAt = performance.now();
    const answer = await this.#call((rep) =>
      provider === 'outreach'
        ? rep.post('/v1/outreach/enrolments', { contactId, mailboxId, sequenceId: '1' }, key)
        : rep.post(
            '/v1/emails',
            { contactId, channel: provider, subject: `by ${provider}`, html: '<p>Hello</p>' },
            key,
          ),
    );
    this.#world.truth.judge(username, provider, answer, askedAt);
    return textOf(answer.body.error?.code ?? ('' as unknown as Json)) !== 'reconnect_required';
  }

  /** What the panel shows; what it says of a connection that is over is held against the truth, too. */
  async connections(): Promise<readonly Json[]> {
    const { truth } = this.#world;
    const askedAt = performance.now();
    const answer = await this.#call((rep) => rep.get('/v1/connections'));
    const rows = answer.body.rows as unknown as readonly Json[];
    for (const row of rows) {
      const provider = textOf(row.provider) as ProviderName;
      const status = textOf(row.status);
      if (status === 'connected' || status === 'refreshing') continue;
      const code = status === 'reconnect' ? 'reconnect_required' : status;
      const body = { error: { code, reasons: [row.reason] } } as unknown as Json;
      truth.judge(this.#person.username, provider, { ...answer, status: 409, body }, askedAt);
    }
    return rows;
  }

  /** Goes through the popup. Who finds the connection made meanwhile leaves it. */
  async connect(provider: ProviderName): Promise<void> {
    const before = this.#person.connecting;
    const own = before.then(() => this.#connect(provider));
    this.#person.connecting = own.catch(() => undefined);
    await own;
  }

  async #connect(provider: ProviderName): Promise<void> {
    const { truth, ledger } = this.#world;
    const { username } = this.#person;
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const pair = pkcePair();
      const askedAt = performance.now();
      try {
        const answer = await this.#call(async (rep) => {
          const { url } = rep.target;
          const { location, cookie } = await go(at(url, await startUrl(rep, provider, pair)));
          const callback = await consentAt(location, username);
          ledger.expect(new URL(callback).searchParams.get('code') ?? '', { username, provider });
          const page = await visit(at(url, callback), cookie);
          return finish(rep, provider, textOf(page.message.code), pair.verifier);
        });
        if (answer.status === 200) {
          truth.connected(username, provider, this.#signedInAt);
          return;
        }
        // A refresh was faster: click again.
        if (textOf(answer.body.error?.code) !== 'invalid_code') truth.judge(username, provider, answer, askedAt);
      } catch (error) {
        if (attempt === TRIES) throw error; // a process was replaced half way
      }
      await delay(50);
    }
    throw new Error(`${username} cannot connect ${provider}`);
  }

  /** One call to one of the processes; again to another one while it is only the moment that is wrong. */
  async #call(make: (rep: RepClient) => Promise<Answer>): Promise<Answer> {
    if (this.#rep === undefined) throw new Error('Nobody signed in');
    for (let attempt = 1; ; attempt += 1) {
      const answer = await make(this.#rep.at(this.#world.fleet.url)).catch((error: unknown) => {
        if (attempt === TRIES || !(error instanceof TypeError)) throw error; // fetch: nobody listens there any more
        return undefined;
      });
      const code: unknown = (answer?.body as Json | null | undefined)?.error?.code;
      const isMomentary = typeof code === 'string' && MOMENTARY.has(code);
      if (answer !== undefined && (!isMomentary || attempt === TRIES)) return answer;
      await delay(100 * attempt);
    }
  }
}

/** The same address at another process. */
function at(origin: string, url: string): string {
  const { pathname, search } = new URL(url);
  return `${origin}${pathname}${search}`;
}
