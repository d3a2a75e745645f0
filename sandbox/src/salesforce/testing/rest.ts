import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { MovableClock } from '../../clock.ts';
import { SalesforceError } from '../error.ts';
import { createOrg, type SalesforceOrg } from '../org/org.ts';
import { salesforceRest } from '../rest/plugin.ts';

/** For tests: the REST API alone over HTTP; a bearer token is the username of who calls. */
export interface RestServer {
  readonly org: SalesforceOrg;
  readonly clock: MovableClock;
  /** `http://127.0.0.1:PORT/salesforce`. */
  readonly url: string;
  /** Calls the API, version 66.0, as a user. */
  call(username: string, path: string, options?: CallOptions): Promise<Answer>;
  /** The answer to a query that must succeed. */
  query(username: string, soql: string): Promise<QueryBody>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface QueryBody {
  readonly totalSize: number;
  readonly done: boolean;
  readonly nextRecordsUrl?: string;
  readonly records: Record<string, unknown>[];
}

export const REP_ONE = 'rep.one@demo.example';
export const REP_TWO = 'rep.two@demo.example';
export const ADMIN = 'admin@demo.example';
export const OUTSIDER = 'outsider@demo.example';

/** Starts an org with this many accounts on a free port. */
export async function startRest(accounts = 300): Promise<RestServer> {
  const clock = new MovableClock();
  const org = createOrg({ accounts, clock });
  const app = Fastify({ forceCloseConnections: true });
  await app.register(salesforceRest, {
    prefix: '/salesforce',
    org,
    authenticate: (request) => {
      const user = org.findUser(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
      if (user === undefined) throw new SalesforceError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
      return { user };
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/salesforce`;

  async function call(username: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { method = 'GET', body, headers = {} } = options;
    const response = await fetch(url + (path.startsWith('/services/') ? path : `/services/data/v66.0${path}`), {
      method,
      headers: {
        authorization: `Bearer ${username}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  async function query(username: string, soql: string): Promise<QueryBody> {
    const answer = await call(username, `/query?q=${encodeURIComponent(soql)}`);
    if (answer.status !== 200) throw new Error(`${soql}\n${JSON.stringify(answer.body)}`);
    return answer.body as QueryBody;
  }

  return { org, clock, url, call, query, close: () => app.close() };
}
