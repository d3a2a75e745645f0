import { checksumOf } from '../src/http/crm-id.ts';
import { connect } from './connect.ts';
import type { SandboxControl } from './sandbox-control.ts';
import { freshKey } from './sending-stack.ts';
import { patiently, signIn, SignInFailed, textOf, type Answer, type RepClient, type SignInTarget } from './sign-in.ts';

/** A mail whose request was sent; `state` is what was answered, undefined where the line was cut before. */
interface Mail {
  readonly rep: RepClient;
  readonly contactId: string;
  readonly address: string;
  readonly key: string;
  id?: string;
  state?: string;
}

/** What was acknowledged, by kind. */
export interface Acknowledged {
  mails: number;
  settings: number;
  signIns: number;
  signOuts: number;
  connections: number;
}

const REPS = ['rep.one@demo.example', 'rep.two@demo.example'] as const;
const MAX_SENDS = 2_000;

/**
 * People at work on a backend that may be killed at any moment: two reps write mail, one of them connects and disconnects
 * a second mailbox, somebody signs in and out, an admin saves settings. It remembers what each of them was told, and can
 * say which of that is no longer so.
 */
export class Load {
  readonly acknowledged: Acknowledged = { mails: 0, settings: 0, signIns: 0, signOuts: 0, connections: 0 };
  /** Requests that got no answer. */
  cutOff = 0;

  readonly #target: SignInTarget;
  readonly #control: SandboxControl;
  readonly #reps: readonly RepClient[];
  readonly #admin: RepClient;
  readonly #accountId: string;
  readonly #mails: Mail[] = [];
  /** Sessions that were given out, and whether they were ended since; undefined while nobody knows. */
  readonly #sessions = new Map<RepClient, 'live' | 'ended' | undefined>();
  #settings: { version: number; sends: number };
  #outlook: 'connected' | 'not_connected' | undefined = 'not_connected';
  #made = 0;
  #checked = 0;

  private constructor(
    target: SignInTarget,
    control: SandboxControl,
    reps: readonly RepClient[],
    admin: RepClient,
    accountId: string,
    settings: { version: number; sends: number },
  ) {
    this.#target = target;
    this.#control = control;
    this.#reps = reps;
    this.#admin = admin;
    this.#accountId = accountId;
    this.#settings = settings;
  }

  static async prepare(target: SignInTarget, control: SandboxControl): Promise<Load> {
    const reps = await Promise.all(REPS.map((username) => signIn(target, username)));
    for (const rep of reps) await connect(rep, 'gmail');
    const admin = await signIn(target, 'admin@demo.example');
    const accountId = crmId('001', 1);
    await control.upsert('Account', [{ Id: accountId, Name: 'Load', ActiveARR__c: 1 }]);
    const { body } = await admin.get('/v1/settings');
    const settings = { ...body.settings, sendsPerRepAndDay: MAX_SENDS };
    const saved = await admin.put('/v1/settings', { version: body.version, settings });
    return new Load(target, control, reps, admin, accountId, {
      version: Number(saved.body.version),
      sends: MAX_SENDS,
    });
  }

  get #writer(): RepClient {
    const [first] = this.#reps;
    if (first === undefined) throw new Error('Nobody writes');
    return first;
  }

  /** Of the kind of which least was acknowledged. */
  get least(): number {
    return Math.min(...Object.values<number>({ ...this.acknowledged }));
  }

  /** Begins to work. `end` waits until everybody has seen that the backend is gone. */
  begin(): { end(): Promise<void> } {
    const workers = [
      ...this.#reps.map((rep) => this.#until(() => this.#write(rep))),
      this.#until(() => this.#save()),
      this.#until(() => this.#comeAndGo()),
      this.#until(() => this.#toggle()),
    ];
    return {
      end: async () => {
        await Promise.all(workers);
      },
    };
  }

  /** What was acknowledged and is not so, once the backend is back. Repeats what was cut off, as a browser would. */
  async lost(): Promise<readonly string[]> {
    return [
      ...(await this.#lostSettings()),
      ...(await this.#lostSessions()),
      ...(await this.#lostConnection()),
      ...(await this.#lostMails()),
      ...(await this.#brokenTrail()),
    ];
  }

  /** Mails that arrived twice, or that were called accepted and did not arrive. Asked once, at the end. */
  async contradictions(): Promise<readonly string[]> {
    const arrived = new Map<string, number>();
    for (const { raw } of await this.#control.mail())
      for (const [address] of raw.matchAll(/load\.\d+\.x@c\.example/g))
        arrived.set(address, (arrived.get(address) ?? 0) + 1);
    return this.#mails.flatMap(({ address, state }) => {
      const count = arrived.get(address) ?? 0;
      const isWrong = count > 1 || (state === 'accepted' && count !== 1);
      return isWrong ? [`${address}: ${state ?? 'no answer'}, arrived ${count} times`] : [];
    });
  }

  /** Does it again and again until a request is cut off. */
  async #until(step: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await step();
      } catch (error) {
        // What fetch throws when the line is cut or nobody listens; Jest's realm has another TypeError.
        if (isBusy(error)) continue;
        if ((error as Error).name !== 'TypeError') throw error;
        this.cutOff += 1;
        return;
      }
    }
  }

  async #write(rep: RepClient): Promise<void> {
    this.#made += 1;
    const contactId = crmId('003', this.#made);
    const address = `load.${this.#made}.x@c.example`;
    await this.#control.upsert('Contact', [
      { Id: contactId, AccountId: this.#accountId, LastName: 'Load', Email: address },
    ]);
    const mail: Mail = { rep, contactId, address, key: freshKey() };
    this.#mails.push(mail);
    const answer = await send(mail);
    if (answer.status === 503) return; // asked again after the restart
    this.#note(mail, answer);
    this.acknowledged.mails += 1;
  }

  #note(mail: Mail, { status, body }: Answer): void {
    if (status !== 200 && status !== 201) throw new Error(`A mail was answered ${status}: ${JSON.stringify(body)}`);
    mail.id = textOf(body.id);
    mail.state = textOf(body.state);
  }

  async #save(): Promise<void> {
    const { version, settings } = (await patiently(() => this.#admin.get('/v1/settings'))).body;
    const sends = MAX_SENDS - (Number(version) % 100);
    const saved = await this.#admin.put('/v1/settings', {
      version,
      settings: { ...settings, sendsPerRepAndDay: sends },
    });
    if (saved.status === 503) return;
    if (saved.status !== 200) throw new Error(`Settings were not saved: ${JSON.stringify(saved.body)}`);
    this.#settings = { version: Number(saved.body.version), sends };
    this.acknowledged.settings += 1;
  }

  async #comeAndGo(): Promise<void> {
    const rep = await signIn(this.#target, REPS[0]);
    this.#sessions.set(rep, 'live');
    this.acknowledged.signIns += 1;
    // Every other session stays.
    if (this.#sessions.size % 2 === 0) return;
    this.#sessions.set(rep, undefined);
    const { status } = await rep.post('/v1/auth/sign-out');
    if (status === 503) return;
    if (status !== 204) throw new Error(`A sign-out was answered ${status}`);
    this.#sessions.set(rep, 'ended');
    this.acknowledged.signOuts += 1;
  }

  async #toggle(): Promise<void> {
    const rep = this.#writer;
    this.#outlook = undefined;
    await connect(rep, 'outlook');
    this.#outlook = 'connected';
    this.acknowledged.connections += 1;
    this.#outlook = undefined;
    const ended = await rep.delete('/v1/connections/outlook');
    if (ended.status === 503) return;
    if (ended.status !== 200) throw new Error(`A disconnect was answered ${ended.status}`);
    this.#outlook = 'not_connected';
    this.acknowledged.connections += 1;
  }

  async #lostSettings(): Promise<readonly string[]> {
    const { body } = await patiently(() => this.#admin.get('/v1/settings'));
    const [version, sends] = [Number(body.version), Number(body.settings?.sendsPerRepAndDay)];
    const isLater = version === this.#settings.version + 1; // one was on its way
    const told = this.#settings;
    this.#settings = { version, sends };
    const holds = isLater || (version === told.version && sends === told.sends);
    return holds ? [] : [`settings ${told.version}/${told.sends}: now ${version}/${sends}`];
  }

  async #lostSessions(): Promise<readonly string[]> {
    const lost: string[] = [];
    for (const [rep, state] of this.#sessions) {
      const { status } = await patiently(() => rep.get('/v1/me'));
      if (state !== undefined && status !== (state === 'live' ? 200 : 401)) lost.push(`session ${state}: ${status}`);
    }
    this.#sessions.clear();
    return lost;
  }

  async #lostConnection(): Promise<readonly string[]> {
    const rows = (await patiently(() => this.#writer.get('/v1/connections'))).body.rows as unknown as readonly {
      readonly provider: string;
      readonly status: string;
    }[];
    const status = rows.find(({ provider }) => provider === 'outlook')?.status;
    const holds = this.#outlook === undefined || status === this.#outlook;
    return holds ? [] : [`outlook was ${this.#outlook ?? ''} and is ${status ?? 'not there'}`];
  }

  /** Every mail of this round: the same key must give the same answer; one that was cut off gets one now. */
  async #lostMails(): Promise<readonly string[]> {
    const lost: string[] = [];
    for (const mail of this.#mails.slice(this.#checked)) {
      const { id, state } = mail;
      const again = await patiently(() => send(mail));
      this.#note(mail, again);
      if (state !== undefined && (mail.id !== id || mail.state !== state))
        lost.push(`${mail.address} was ${state} and is ${mail.state ?? ''}`);
      const { body } = await patiently(() => mail.rep.get(`/v1/activity?contactId=${mail.contactId}`));
      const listed = (body.rows as unknown as readonly { readonly id: string; readonly outcome: string }[]).map(
        (row) => `${row.id} ${row.outcome}`,
      );
      const told = `${mail.id ?? ''} ${mail.state ?? ''}`;
      if (listed.join() !== told) lost.push(`${mail.address}: told ${told}, listed ${listed.join() || 'nothing'}`);
    }
    this.#checked = this.#mails.length;
    return lost;
  }

  async #brokenTrail(): Promise<readonly string[]> {
    const { verified, brokenAt } = (await patiently(() => this.#admin.get('/v1/audit'))).body as unknown as {
      readonly verified: boolean;
      readonly brokenAt: number | null;
    };
    return verified ? [] : [`The trail is broken at ${String(brokenAt)}`];
  }
}

function send({ rep, contactId, key }: Mail): Promise<Answer> {
  const mail = { contactId, channel: 'gmail', subject: 'Load', html: '<p>Load</p>' };
  return rep.post('/v1/emails', mail, { 'idempotency-key': key });
}

/** A page of the popup, or a step of it, that a busy process refused for the moment. */
const isBusy = (error: unknown): boolean => error instanceof SignInFailed && error.status === 503;

function crmId(prefix: '001' | '003', number: number): string {
  const id = `${prefix}9Y00000${String(number).padStart(5, '0')}`;
  return id + checksumOf(id);
}
