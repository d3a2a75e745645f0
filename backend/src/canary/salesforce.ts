import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CanaryGoogle } from './google.ts';
import type { Plants } from './plants.ts';

const ORG = '00D0000000CANARYAA';
const USER = '0050000000CANARYAA';
const KEY_RECORD = 'a00000000000001AAA';
export const CONTACT = '003000000000001AAA';
export const TEMPLATE = '00X000000000001EAA';
export const accountId = (number: number): string => `001${String(number).padStart(12, '0')}AAA`;

interface Row {
  readonly Id?: string;
}

const FIELDS: Readonly<Record<string, readonly (readonly [name: string, type: string])[]>> = {
  Account: [
    ['Id', 'id'],
    ['Name', 'string'],
    ['ActiveARR__c', 'currency'],
    ['Industry', 'string'],
    ['BillingCity', 'string'],
    ['BillingCountry', 'string'],
    ['Website', 'url'],
    ['LastModifiedDate', 'datetime'],
    ['OwnerId', 'reference'],
    ['CurrencyIsoCode', 'string'],
  ],
  Contact: [
    ['Id', 'id'],
    ['Name', 'string'],
    ['FirstName', 'string'],
    ['LastName', 'string'],
    ['AccountId', 'reference'],
    ['Title', 'string'],
    ['Email', 'email'],
    ['Phone', 'phone'],
    ['HasOptedOutOfEmail', 'boolean'],
    ['EmailBouncedDate', 'datetime'],
    ['IndividualId', 'reference'],
  ],
  EmailTemplate: [
    ['Id', 'id'],
    ['Name', 'string'],
    ['FolderName', 'string'],
  ],
  User: [
    ['Id', 'id'],
    ['Name', 'string'],
    ['Email', 'email'],
  ],
};

/** As much of Salesforce as a rep's day needs, with planted values, and Google below `/google`. It serves nobody but the canary job. */
export class CanarySalesforce {
  readonly #server: Server;
  readonly #plants: Plants;
  readonly accounts: number;
  readonly google: CanaryGoogle;
  /** Tasks that were written beside the contact. */
  tasks = 0;
  #half: object | undefined;

  private constructor(plants: Plants, accounts: number) {
    this.#plants = plants;
    this.accounts = accounts;
    this.google = new CanaryGoogle(plants);
    this.#server = createServer((request, response) => {
      void this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async listen(plants: Plants, accounts: number): Promise<CanarySalesforce> {
    const salesforce = new CanarySalesforce(plants, accounts);
    await new Promise<void>((resolve) => salesforce.#server.listen(0, '127.0.0.1', resolve));
    return salesforce;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const found = pathname.startsWith('/google/')
      ? await this.google.answer(pathname, request)
      : request.method === 'POST' && pathname.includes('/sobjects/')
        ? await this.#created(pathname, request)
        : this.#found(pathname, searchParams.get('q') ?? '');
    request.resume();
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? [{ errorCode: 'NOT_FOUND', message: 'not there' }]));
  }

  #found(path: string, soql: string): object | undefined {
    const { crmToken, repMail, repName } = this.#plants;
    if (path === '/services/oauth2/token')
      return {
        access_token: `00D!${crmToken}`,
        instance_url: this.url,
        id: `${this.url}/id/${ORG}/${USER}`,
        token_type: 'Bearer',
      };
    if (path === '/services/oauth2/revoke') return {};
    if (path === `/id/${ORG}/${USER}`)
      return {
        user_id: USER,
        organization_id: ORG,
        username: `${repMail}@example.com`,
        email: `${repMail}@example.com`,
        display_name: repName,
        active: true,
        custom_permissions: { OneShot_User: true, OneShot_Admin: true },
      };
    const described = /\/sobjects\/(\w+)\/describe$/.exec(path)?.[1];
    if (described !== undefined) return describe(described);
    const [, object, id] = /\/sobjects\/(\w+)\/(\w{18})$/.exec(path) ?? [];
    if (object !== undefined) return this.#all(object).find((record) => (record as Row).Id === id);
    if (path.endsWith('/query')) return this.#records(soql);
    return undefined;
  }

  async #created(path: string, request: IncomingMessage): Promise<object> {
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    if (path.endsWith('/OneShotKey__c')) this.#half = JSON.parse(Buffer.concat(body).toString('utf8')) as object;
    if (path.endsWith('/Task')) this.tasks += 1;
    return { id: KEY_RECORD, success: true, errors: [] };
  }

  #records(soql: string): object {
    const from = / FROM (\w+)/.exec(soql)?.[1];
    const one = / WHERE Id IN \('(\w+)'\)/.exec(soql)?.[1];
    const all = this.#all(from ?? '');
    const records = one === undefined ? all : all.filter((record) => (record as Row).Id === one);
    return { totalSize: records.length, done: true, records };
  }

  #all(object: string): readonly object[] {
    const { repName, repMail, contactName, contactMail, contactPhone, contactTitle } = this.#plants;
    switch (object) {
      case 'Account':
        return Array.from({ length: this.accounts }, (_, number) => this.#account(number));
      case 'Contact':
        return [
          {
            Id: CONTACT,
            Name: contactName,
            FirstName: contactName,
            LastName: contactName,
            AccountId: accountId(1),
            Title: contactTitle,
            Email: `${contactMail}@example.com`,
            Phone: contactPhone,
            HasOptedOutOfEmail: false,
            EmailBouncedDate: null,
            IndividualId: null,
          },
        ];
      case 'EmailTemplate':
        return [this.#template()];
      case 'User':
        return [{ Id: USER, Name: repName, Email: `${repMail}@example.com` }];
      case 'OneShotKey__c':
        return this.#half === undefined ? [] : [{ Id: KEY_RECORD, OwnerId: USER, CreatedById: USER, ...this.#half }];
      default:
        return [];
    }
  }

  #template(): object {
    const { templateName, templateSubject, templateText } = this.#plants;
    return {
      Id: TEMPLATE,
      Name: templateName,
      FolderName: templateName,
      TemplateType: 'html',
      Subject: `${templateSubject} {!Contact.FirstName}`,
      HtmlValue: `<p>${templateText} {!Contact.LastName}</p>`,
      Body: templateText,
    };
  }

  #account(number: number): object {
    const { accountName, city, website, industry, owner } = this.#plants;
    return {
      Id: accountId(number + 1),
      Name: `Name ${accountName} ${number}`,
      ActiveARR__c: 1_000 + number,
      Industry: industry,
      BillingCity: city,
      BillingCountry: 'DE',
      Website: `https://${website}.example`,
      LastModifiedDate: '2026-01-01T00:00:00.000+0000',
      OwnerId: USER,
      Owner: { Name: owner },
    };
  }
}

function describe(object: string): object | undefined {
  const fields = FIELDS[object]?.map(([name, type]) => ({ name, label: name, type, filterable: true }));
  return fields === undefined ? undefined : { name: object, fields };
}
