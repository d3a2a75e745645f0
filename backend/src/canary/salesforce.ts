import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Values that nobody can guess, for the fields of made-up accounts and contacts. */
export interface Plants {
  readonly name: string;
  readonly city: string;
  readonly website: string;
  readonly industry: string;
  readonly owner: string;
  readonly contact: string;
  readonly mail: string;
}

const ORG = '00D0000000CANARYAA';
const USER = '0050000000CANARYAA';
const ACCOUNT = (number: number): string => `001${String(number).padStart(12, '0')}AAA`;
const CONTACT = '003000000000001AAA';
const FIELDS = [
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
] as const;

/** As much of Salesforce as the path of a list needs, with planted values. It serves nobody but the canary job. */
export class CanarySalesforce {
  readonly #server: Server;
  readonly #plants: Plants;
  readonly accounts: number;

  private constructor(plants: Plants, accounts: number) {
    this.#plants = plants;
    this.accounts = accounts;
    this.#server = createServer((request, response) => this.#answer(request, response));
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

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const found = this.#found(pathname, searchParams.get('q') ?? '');
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? [{ errorCode: 'NOT_FOUND', message: 'not there' }]));
  }

  #found(path: string, soql: string): object | undefined {
    if (path === '/services/oauth2/token')
      return {
        access_token: `00D!${this.#plants.contact}`,
        instance_url: this.url,
        id: `${this.url}/id/${ORG}/${USER}`,
        token_type: 'Bearer',
      };
    if (path === '/services/oauth2/revoke') return {};
    if (path === `/id/${ORG}/${USER}`)
      return {
        user_id: USER,
        organization_id: ORG,
        username: this.#plants.mail,
        email: this.#plants.mail,
        display_name: this.#plants.owner,
        active: true,
        custom_permissions: { OneShot_User: true, OneShot_Admin: true },
      };
    if (path.endsWith('/sobjects/Account/describe'))
      return { name: 'Account', fields: FIELDS.map(([name, type]) => ({ name, label: name, type, filterable: true })) };
    if (path.endsWith('/query')) return this.#records(soql);
    return undefined;
  }

  #records(soql: string): object {
    const records = / FROM Account\b/.test(soql)
      ? Array.from({ length: this.accounts }, (_, number) => this.#account(number))
      : / FROM Contact\b/.test(soql)
        ? [{ Id: CONTACT, Name: this.#plants.contact, Email: this.#plants.mail, AccountId: ACCOUNT(1) }]
        : [];
    return { totalSize: records.length, done: true, records };
  }

  #account(number: number): object {
    const { name, city, website, industry, owner } = this.#plants;
    return {
      Id: ACCOUNT(number + 1),
      Name: `Name ${name} ${number}`,
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
