import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checksumOf } from '../src/http/crm-id.ts';
import type { CrmConnection } from '../src/salesforce/connection.ts';
import { openCrmConnection } from '../src/salesforce/connect.ts';
import { CrmTransport, defaultTransportPolicy } from '../src/salesforce/transport.ts';
import { Secret } from '../src/vault/secret.ts';

/** A record of Account as Salesforce sends it. */
export type SourceAccount = Record<string, unknown> & { readonly Id: string };

/** Answers a request instead of the source; false lets the source answer. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse, number: number) => boolean;

/** Fields that describe names. `ActiveARR__c` is the paying field. */
export const ACCOUNT_FIELDS = [
  'Id',
  'Name',
  'ActiveARR__c',
  'Industry',
  'BillingCountry',
  'BillingCity',
  'Website',
  'OwnerId',
  'LastModifiedDate',
  'LastActivityDate',
];

/** An 18-character account id. */
export function accountId(number: number): string {
  const id = `001${String(number).padStart(12, '0')}`;
  return id + checksumOf(id);
}

/** An account that pays, with everything that a row shows; `changes` go over it. */
export function account(number: number, changes: Record<string, unknown> = {}): SourceAccount {
  return {
    Id: accountId(number),
    Name: `Account ${number}`,
    ActiveARR__c: 1_000_000 - number,
    Industry: 'Energy',
    BillingCountry: 'Germany',
    BillingCity: 'Berlin',
    Website: `https://account${number}.example`,
    OwnerId: '005000000000001AAA',
    Owner: { Name: 'Olga Owner' },
    LastModifiedDate: '2026-11-24T12:00:00.000+0000',
    ...changes,
  };
}

/**
 * The part of Salesforce that a pull reads, over real HTTP: describe, and pages of the accounts that it is given, in
 * that order. It parses no SOQL; the sandbox does. What it is for is misbehaving at a chosen moment.
 */
export class AccountSource {
  accounts: SourceAccount[] = [];
  fields = ACCOUNT_FIELDS;
  pageSize = 2_000;
  /** Records of queries of other objects, by the object's name. */
  readonly others: Record<string, Record<string, unknown>[]> = {};
  misbehave: Misbehaviour = () => false;
  /** Paths that were asked for, with the query decoded. */
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #transport = new CrmTransport({
    ...defaultTransportPolicy,
    headersTimeoutMs: 2_000,
    bodyIdleTimeoutMs: 500,
    backoffMs: 5,
  });

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      this.asked.push(path);
      if (!this.misbehave(request, response, this.asked.length)) this.#answer(path, response);
    });
  }

  static async listen(): Promise<AccountSource> {
    const source = new AccountSource();
    await new Promise<void>((resolve) => source.#server.listen(0, '127.0.0.1', resolve));
    return source;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A rep's connection. */
  connect(token = 'token'): CrmConnection {
    return openCrmConnection({ instanceUrl: this.url, accessToken: Secret.of(token) }, this.#transport);
  }

  /** How often the list was pulled: queries of paying accounts from their beginning. */
  get pulls(): number {
    return this.asked.filter((path) => path.includes('ORDER BY ActiveARR__c')).length;
  }

  /** Answers a request that `misbehave` took. */
  answer({ url }: IncomingMessage, response: ServerResponse): void {
    this.#answer(decodeURIComponent(url ?? ''), response);
  }

  /** Answers nothing until so many calls are open, then everything. */
  async whenAsked(calls: number): Promise<void> {
    const open = new Map<string, () => void>();
    await new Promise<void>((resolve) => {
      // By address: a call that is not answered for long is made again.
      this.misbehave = (request, response) => {
        open.set(request.url ?? '', () => this.answer(request, response));
        if (open.size === calls) resolve();
        return true;
      };
    });
    this.misbehave = () => false;
    for (const answer of open.values()) answer();
  }

  async close(): Promise<void> {
    await this.#transport.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(path: string, response: ServerResponse): void {
    if (path.endsWith('/describe')) {
      const fields = this.fields.map((name) => ({ name, type: name.endsWith('__c') ? 'currency' : 'string' }));
      sendJson(response, { name: 'Account', fields });
      return;
    }
    const page = /\/query\/(\w+)-(\d+)$/.exec(path);
    if (page !== null) {
      this.#page(page[1] ?? '', Number(page[2]), response);
      return;
    }
    const object = /FROM (\w+)/.exec(path)?.[1] ?? '';
    const hidden = /^\/services\/data\/v[\d.]+\/query\?q=SELECT (.*) FROM Account/
      .exec(path)?.[1]
      ?.split(', ')
      .find((name) => !name.includes('.') && !name.includes('(') && !this.fields.includes(name));
    if (hidden !== undefined) {
      sendJson(
        response,
        [{ errorCode: 'INVALID_FIELD', message: `No such column '${hidden}' on entity 'Account'.` }],
        400,
      );
    } else if (path.includes('COUNT()')) {
      sendJson(response, { totalSize: this.accounts.length, done: true, records: [] });
    } else if (object !== 'Account' && this.others[object] === undefined) {
      sendJson(response, [{ errorCode: 'INVALID_TYPE', message: `sObject type '${object}' is not supported.` }], 400);
    } else {
      this.#page(object, 0, response);
    }
  }

  #page(object: string, from: number, response: ServerResponse): void {
    const all = object === 'Account' ? this.accounts : (this.others[object] ?? []);
    const to = Math.min(from + this.pageSize, all.length);
    const shown = new Set([...this.fields, 'Owner', 'arrConverted']);
    const records = all
      .slice(from, to)
      .map((record) =>
        object === 'Account' ? Object.fromEntries(Object.entries(record).filter(([name]) => shown.has(name))) : record,
      );
    const more = { done: false, nextRecordsUrl: `/services/data/v66.0/query/${object}-${to}` };
    sendJson(response, { totalSize: all.length, records, ...(to < all.length ? more : { done: true }) });
  }
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
