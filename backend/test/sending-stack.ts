import { randomBytes } from 'node:crypto';
import { checksumOf } from '../src/http/crm-id.ts';
import type { Stack } from './harness.ts';
import type { Answer, RepClient } from './sign-in.ts';

const withCheck = (id: string): string => id + checksumOf(id);

/** A fresh Idempotency-Key, as the component makes one. */
export const freshKey = (): string => randomBytes(24).toString('base64url');

/** Makes people to write to, and sends to them. */
export class Correspondence {
  readonly #stack: Stack;
  #made = 0;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  freeId(prefix: '001' | '003' | '00X'): string {
    this.#made += 1;
    return withCheck(`${prefix}9Z00000${String(this.#made).padStart(5, '0')}`);
  }

  async account(fields: object = {}): Promise<string> {
    const Id = this.freeId('001');
    await this.#stack.sandbox.upsert('Account', [{ Id, Name: `Account ${this.#made}`, ActiveARR__c: 1, ...fields }]);
    return Id;
  }

  async contact(accountId: string, fields: object = {}): Promise<string> {
    const Id = this.freeId('003');
    const Email = `person.${this.#made}@c.example`;
    await this.#stack.sandbox.upsert('Contact', [{ Id, AccountId: accountId, LastName: 'Ruiz', Email, ...fields }]);
    return Id;
  }

  async template(fields: object): Promise<string> {
    const Id = this.freeId('00X');
    const [folder] = await this.#stack.sandbox.records('Folder');
    const common = { Name: Id, DeveloperName: Id, FolderId: folder?.Id, TemplateType: 'html', IsActive: true };
    await this.#stack.sandbox.upsert('EmailTemplate', [{ Id, ...common, ...fields }]);
    return Id;
  }

  /** Changes settings of the org. */
  async save(admin: RepClient, change: object): Promise<void> {
    const { body } = await admin.get('/v1/settings');
    const settings = { ...body.settings, ...change };
    const saved = await admin.put('/v1/settings', { version: body.version, settings });
    if (saved.status !== 200) throw new Error(`Settings were not saved: ${JSON.stringify(saved.body)}`);
  }

  send(rep: RepClient, body: object, key = freshKey()): Promise<Answer> {
    const mail = { channel: 'gmail', subject: 'Hello', html: '<p>Hello</p>', ...body };
    return rep.post('/v1/emails', mail, { 'idempotency-key': key });
  }

  enrol(rep: RepClient, body: object, key = freshKey()): Promise<Answer> {
    const wanted = { sequenceId: '1', mailboxId: '1', ...body };
    return rep.post('/v1/outreach/enrolments', wanted, { 'idempotency-key': key });
  }
}
