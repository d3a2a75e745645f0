import { isUtf8 } from 'node:buffer';
import { inspect } from 'node:util';
import { PassThrough } from 'node:stream';
import jsforce from 'jsforce';
import type { Secret } from '../vault/secret.ts';
import type { CallPurpose } from './call-purpose.ts';
import type { CrmConnection, CrmRecord, QueryBytes, QueryPage, SObjectDescribe } from './connection.ts';
import { describeOf } from './describe.ts';
import { CrmInvalid, CrmNotFound, CrmObjectHidden } from './errors.ts';
import { JsonBytes } from './json-bytes.ts';
import type { Soql } from './soql.ts';
import type { CrmRequest, CrmResponse, CrmTransport } from './transport.ts';

/** REST API version that all calls name; jsforce alone would ask for 50.0. Spring '26 (FACTS). */
export const API_VERSION = '66.0';

/** Records that `queryAll` takes before it gives up: small results only, lists are read page by page. */
const DEFAULT_RECORD_LIMIT = 2_000;

/** What a rep's session holds of their Salesforce. */
export interface CrmGrant {
  /** Exactly the host that sign-in derived and checked, without a slash at the end. */
  readonly instanceUrl: string;
  readonly accessToken: Secret;
}

export interface CrmOptions {
  /** Of the managed package; '' (the default) where it is installed without one. */
  readonly namespace?: string;
  /** Called for each request that leaves for Salesforce. */
  readonly onCall?: (purpose: CallPurpose) => void;
}

/**
 * Opens the rep's connection. Nothing is sent yet. jsforce gets no refresh token, no OAuth client and no log level, so
 * it can neither refresh nor print; the connection object is private to this closure and prints as `[CrmConnection]`.
 */
export function openCrmConnection(grant: CrmGrant, transport: CrmTransport, options: CrmOptions = {}): CrmConnection {
  return new JsforceConnection(openJsforce(grant, transport), options, 'sign_in');
}

class JsforceConnection implements CrmConnection {
  readonly #jsforce: jsforce.Connection;
  readonly #options: CrmOptions;
  readonly #purpose: CallPurpose;

  constructor(connection: jsforce.Connection, options: CrmOptions, purpose: CallPurpose) {
    this.#jsforce = connection;
    this.#options = options;
    this.#purpose = purpose;
  }

  get namespace(): string | undefined {
    const { namespace = '' } = this.#options;
    return namespace === '' ? undefined : namespace;
  }

  packaged(name: string): string {
    return this.namespace === undefined ? name : `${this.namespace}__${name}`;
  }

  countedAs(purpose: CallPurpose): CrmConnection {
    return new JsforceConnection(this.#jsforce, this.#options, purpose);
  }

  async *queryPages(soql: Soql, signal: AbortSignal): AsyncGenerator<QueryPage, void, undefined> {
    const pages = this.#pages(soql, signal, (path, either) => this.#get(path, either), queryAnswer);
    for await (const { records, totalSize, isLast } of pages) yield { records, totalSize, isLast };
  }

  async *queryBytes(soql: Soql, signal: AbortSignal): AsyncGenerator<QueryBytes, void, undefined> {
    const pages = this.#pages(soql, signal, (path, either) => this.#getBytes(path, either), bytesAnswer);
    for await (const { records, totalSize, isLast } of pages) yield { records, totalSize, isLast };
  }

  async *#pages<Body, Answer extends { readonly next: string | undefined }>(
    soql: Soql,
    signal: AbortSignal,
    get: (path: string, signal: AbortSignal) => Promise<Body>,
    read: (body: Body) => Answer,
  ): AsyncGenerator<Answer, void, undefined> {
    const stopped = new AbortController();
    const either = AbortSignal.any([signal, stopped.signal]);
    try {
      let page: Promise<Body> | undefined = get(`/query?q=${encodeURIComponent(soql)}`, either);
      while (page !== undefined) {
        const answer = read(await page);
        // The next page is under way while the caller works on this one; its failure is met when it is awaited.
        page = answer.next === undefined ? undefined : get(answer.next, either);
        page?.catch(() => undefined);
        yield answer;
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      stopped.abort();
    }
  }

  async queryAll(soql: Soql, signal: AbortSignal, limit = DEFAULT_RECORD_LIMIT): Promise<readonly CrmRecord[]> {
    const records: CrmRecord[] = [];
    for await (const page of this.queryPages(soql, signal)) {
      if (Math.max(page.totalSize, records.length + page.records.length) > limit) throw new CrmInvalid();
      // A page that brings nothing and names a next one could go on for ever.
      if (page.records.length === 0 && !page.isLast) throw new CrmInvalid();
      records.push(...page.records);
    }
    return records;
  }

  async describe(sObject: string, signal: AbortSignal): Promise<SObjectDescribe> {
    try {
      return describeOf(await this.#get(`/sobjects/${name(sObject)}/describe`, signal));
    } catch (error) {
      // An object that the rep may not see is not there for them (FACTS B).
      throw error instanceof CrmNotFound ? new CrmObjectHidden() : error;
    }
  }

  async retrieve(
    sObject: string,
    id: string,
    fields: readonly string[],
    signal: AbortSignal,
  ): Promise<CrmRecord | undefined> {
    try {
      return recordOf(
        await this.#get(`/sobjects/${name(sObject)}/${name(id)}?fields=${fields.map(name).join(',')}`, signal),
      );
    } catch (error) {
      if (error instanceof CrmNotFound) return undefined;
      throw error;
    }
  }

  async create(
    sObject: string,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<{ readonly id: string }> {
    const { id } = recordOf(await this.#write('POST', `/sobjects/${name(sObject)}`, fields, signal));
    if (typeof id !== 'string') throw new CrmInvalid();
    return { id };
  }

  async update(
    sObject: string,
    id: string,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#write('PATCH', `/sobjects/${name(sObject)}/${name(id)}`, fields, signal);
  }

  async apiLimit(signal: AbortSignal): Promise<{ readonly max: number; readonly remaining: number }> {
    const daily = recordOf(recordOf(await this.#get('/limits', signal)).DailyApiRequests);
    const { Max: max, Remaining: remaining } = daily;
    if (typeof max !== 'number' || typeof remaining !== 'number') throw new CrmInvalid();
    return { max, remaining };
  }

  toJSON(): string {
    return '[CrmConnection]';
  }

  [inspect.custom](): string {
    return '[CrmConnection]';
  }

  #get(path: string, signal: AbortSignal): Promise<unknown> {
    return this.#jsforce.request({ method: 'GET', url: path }, this.#with(signal));
  }

  /** The body as it came: jsforce reads none that is declared to be text. */
  #getBytes(path: string, signal: AbortSignal): Promise<Buffer> {
    return this.#jsforce.request({ method: 'GET', url: path }, { ...this.#with(signal), responseType: 'text/plain' });
  }

  #write(
    method: 'POST' | 'PATCH',
    path: string,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const body = JSON.stringify(fields);
    return this.#jsforce.request(
      { method, url: path, body, headers: { 'content-type': 'application/json' } },
      this.#with(signal),
    );
  }

  /** Options that jsforce hands through to its transport untouched. */
  #with(signal: AbortSignal): JsforceOptions {
    return { signal, onSent: () => this.#options.onCall?.(this.#purpose) };
  }
}

function openJsforce(grant: CrmGrant, transport: CrmTransport): jsforce.Connection {
  const connection = new jsforce.Connection({
    instanceUrl: grant.instanceUrl,
    accessToken: grant.accessToken.reveal(),
    version: API_VERSION,
    logLevel: 'NONE',
    callOptions: { client: 'OneShot' },
  });
  return Object.assign(connection, { _transport: jsforceTransport(transport, `${grant.instanceUrl}/services/data/`) });
}

/** A name or id that goes into a path. @throws TypeError on anything that could change the path */
function name(value: string): string {
  if (!/^[A-Za-z0-9_]{1,80}$/.test(value)) throw new TypeError('Not a Salesforce name or id');
  return value;
}

function recordOf(value: unknown): CrmRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CrmInvalid();
  return value as CrmRecord;
}

interface QueryAnswer extends QueryPage {
  /** Path of the next page, below the instance URL. */
  readonly next: string | undefined;
}

/** Follow-up URLs stay below the path of the first call (DESIGN 6): a host, another path or another version is refused. */
const NEXT_PATH = new RegExp(`^/services/data/v${API_VERSION.replace('.', '\\.')}/query/[A-Za-z0-9_-]{1,200}$`);

function queryAnswer(body: unknown): QueryAnswer {
  const { records, totalSize, done, nextRecordsUrl } = recordOf(body);
  if (!Array.isArray(records)) throw new CrmInvalid();
  return { records: records as CrmRecord[], ...pageOf(totalSize, done, nextRecordsUrl) };
}

const ENVELOPE = new Set(['totalSize', 'done', 'nextRecordsUrl']);

/** The same of a page that stays bytes: what stands before its records is read, and what stands behind only if needed. */
function bytesAnswer(body: Buffer): QueryBytes & { readonly next: string | undefined } {
  if (!isUtf8(body)) throw new CrmInvalid();
  const json = new JsonBytes(body);
  const found: Record<string, unknown> = {};
  let recordsAt: number | undefined;
  for (let goesOn = json.openObject(); goesOn; goesOn = json.nextName()) {
    const start = json.at + 1;
    const property = body.toString('latin1', start, json.name());
    if (property === 'records') {
      recordsAt = json.at;
      if (found.done === true || (found.done === false && found.nextRecordsUrl !== undefined)) break;
      json.skip();
    } else if (ENVELOPE.has(property)) found[property] = json.scalar();
    else json.skip();
  }
  if (recordsAt === undefined) throw new CrmInvalid();
  // Where `records` stood last it is read once, and what is behind it then: JsonBytes.endEnvelope.
  return { records: new JsonBytes(body, recordsAt), ...pageOf(found.totalSize, found.done, found.nextRecordsUrl) };
}

function pageOf(totalSize: unknown, done: unknown, next: unknown): Omit<QueryAnswer, 'records'> {
  if (!Number.isSafeInteger(totalSize) || (totalSize as number) < 0 || typeof done !== 'boolean')
    throw new CrmInvalid();
  if (done) return { totalSize: totalSize as number, isLast: true, next: undefined };
  if (typeof next !== 'string' || !NEXT_PATH.test(next)) throw new CrmInvalid();
  return { totalSize: totalSize as number, isLast: false, next };
}

interface JsforceOptions {
  readonly signal: AbortSignal;
  readonly onSent: () => void;
  readonly responseType?: string;
}

type JsforceResponse = Omit<CrmResponse, 'body'> & { readonly body: string | Buffer };

/** Our transport in the shape that jsforce calls: a promise that also has a stream, which nobody here reads. */
function jsforceTransport(transport: CrmTransport, allowedPrefix: string): object {
  return {
    httpRequest(call: CrmRequest, options: JsforceOptions): Promise<JsforceResponse> {
      const answer = transport.send(call, allowedPrefix, options.signal, options.onSent).then((response) => {
        requireJson(response);
        return options.responseType === undefined ? { ...response, body: response.body.toString('utf8') } : response;
      });
      return Object.assign(answer, { stream: () => new PassThrough() });
    },
  };
}

/** jsforce returns text where a body is not JSON; a success that is not JSON is no answer of Salesforce's. */
function requireJson(response: CrmResponse): void {
  if (response.statusCode !== 204 && !/^application\/json(?:;|$)/.test(response.headers['content-type'] ?? ''))
    throw new CrmInvalid();
}
