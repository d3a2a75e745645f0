import { ScopeRefused, TokenRefused } from '../connections/tokens.ts';
import { jsonObject, objectOf } from '../providers/json.ts';
import { DEFAULT_WAIT, retryAfterOf, secondsUntil } from '../providers/retry-after.ts';
import { BadAnswer, LineCut, NeverSent, type ProviderAnswer, type ProviderTransport } from '../providers/transport.ts';
import type { Secret } from '../vault/secret.ts';
import { OutreachInvalid, OutreachLimit, OutreachNotGranted, OutreachUnavailable } from './problems.ts';

const JSON_API = 'application/vnd.api+json';

/** One resource of a JSON:API answer. */
export interface Resource {
  /** Digits. */
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ResourcePage {
  readonly resources: readonly Resource[];
  /** Address of the next page, below the same path. */
  readonly next: string | undefined;
}

/** What came of a write. */
export type Written =
  | { readonly kind: 'created'; readonly resource: Resource }
  /** 422: an object that is unique is there already. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'opted_out' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'limited'; readonly retryAfter: number }
  | { readonly kind: 'failed' }
  | { readonly kind: 'unknown' };

/** Outreach's JSON:API for one rep's token (FACTS D). It follows no address that leads elsewhere. */
export class OutreachClient {
  readonly #transport: ProviderTransport;
  readonly #base: string;
  readonly #token: Secret;

  /** @param api `https://api.outreach.io`, or a stand-in; without a slash at the end */
  constructor(transport: ProviderTransport, api: string, token: Secret) {
    this.#transport = transport;
    this.#base = `${api}/api/v2/`;
    this.#token = token;
  }

  /**
   * A page of a list.
   * @param list e.g. `sequences`
   * @param next what the page before said, or undefined for the first
   * @throws TokenRefused; ScopeRefused; the Outreach problems
   */
  async page(
    list: string,
    query: Readonly<Record<string, string>>,
    next: string | undefined,
    signal: AbortSignal,
  ): Promise<ResourcePage> {
    const prefix = `${this.#base}${list}?`;
    const url = next ?? prefix + new URLSearchParams(query).toString();
    if (!url.startsWith(prefix)) throw new OutreachInvalid();
    const body = await this.#read(url, signal);
    const { data, links } = body;
    if (!Array.isArray(data)) throw new OutreachInvalid();
    const following = objectOf(links)?.next ?? undefined;
    // A follow-up address has exactly the origin and path of the first call (DESIGN 6).
    if (following !== undefined && (typeof following !== 'string' || !following.startsWith(prefix)))
      throw new OutreachInvalid();
    return { resources: data.map(resourceOf), next: following };
  }

  /** Id of the user whom the token is for; the base document says it. @throws TokenRefused; the Outreach problems */
  async ownUserId(signal: AbortSignal): Promise<string> {
    const url = this.#base.slice(0, -1);
    const user = objectOf(objectOf((await this.#read(url, signal, url)).meta)?.user);
    return resourceOf(user).id;
  }

  /** @returns undefined when it does not exist, or the rep may not see it @throws TokenRefused; the Outreach problems */
  async one(list: string, id: string, signal: AbortSignal): Promise<Resource | undefined> {
    const answer = await this.#get(`${this.#base}${list}/${encodeURIComponent(id)}`, signal);
    if (answer.status === 404) return undefined;
    return resourceOf(jsonOf(answer).data);
  }

  /** @throws TokenRefused, ScopeRefused, OutreachNotGranted: nothing happened */
  async create(list: string, resource: object): Promise<Written> {
    try {
      const answer = await this.#transport.send(
        {
          method: 'POST',
          url: this.#base + list,
          headers: this.#headers(),
          body: JSON.stringify({ data: resource }),
        },
        this.#base,
      );
      return writtenOf(answer);
    } catch (error) {
      if (error instanceof NeverSent) return { kind: 'failed' };
      if (error instanceof LineCut || error instanceof BadAnswer) return { kind: 'unknown' };
      throw error;
    }
  }

  async #read(
    url: string,
    signal: AbortSignal,
    allowedPrefix = this.#base,
  ): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.#get(url, signal, allowedPrefix);
    if (answer.status === 404) throw new OutreachInvalid();
    return jsonOf(answer);
  }

  async #get(url: string, signal: AbortSignal, allowedPrefix = this.#base): Promise<ProviderAnswer> {
    let answer: ProviderAnswer;
    try {
      answer = await this.#transport.send({ method: 'GET', url, headers: this.#headers() }, allowedPrefix, signal);
    } catch (error) {
      if (error instanceof NeverSent || error instanceof LineCut) throw new OutreachUnavailable();
      throw error instanceof BadAnswer ? new OutreachInvalid() : error;
    }
    const { status } = answer;
    if (status === 401) throw new TokenRefused();
    if (status === 403) throw notGranted(answer);
    if (status === 429) throw new OutreachLimit(waitOf(answer));
    if (status >= 500) throw new OutreachUnavailable();
    if (status !== 200 && status !== 404) throw new OutreachInvalid();
    return answer;
  }

  /** Reads name the media type, too: without it Outreach answers 415 (FACTS D). */
  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token.reveal()}`, accept: JSON_API, 'content-type': JSON_API };
  }
}

function writtenOf(answer: ProviderAnswer): Written {
  const { status, body } = answer;
  if (status === 401) throw new TokenRefused();
  if (status === 403 && !hasErrorOf(answer, 'unauthorizedRequest')) throw notGranted(answer);
  if (status === 200 || status === 201) {
    const data = jsonObject(body)?.data;
    return isResource(data) ? { kind: 'created', resource: resourceOf(data) } : { kind: 'unknown' };
  }
  if (status === 429) return { kind: 'limited', retryAfter: waitOf(answer) };
  if (status === 502 || status === 504) return { kind: 'unknown' };
  if (status >= 500) return { kind: 'failed' };
  return { kind: status === 422 ? refusalOf(body) : 'refused' };
}

/** A scope that is missing has an id of its own; another 403 is about what was asked for, and says nothing of the grant. */
function notGranted(answer: ProviderAnswer): Error {
  const problem = new OutreachNotGranted();
  return hasErrorOf(answer, 'unauthorizedOauthScope') ? new ScopeRefused(problem, 'named') : problem;
}

function hasErrorOf({ body }: ProviderAnswer, id: string): boolean {
  const errors = jsonObject(body)?.errors;
  return Array.isArray(errors) && errors.some((error) => objectOf(error)?.id === id);
}

/** Errors are told by their id; where Outreach has one id for several, by its English sentence (FACTS D). */
function refusalOf(body: string): 'duplicate' | 'opted_out' | 'refused' {
  const errors = jsonObject(body)?.errors;
  const found = (Array.isArray(errors) ? errors : []).map(objectOf);
  const says = (words: RegExp): boolean => found.some((error) => words.test(String(error?.detail ?? error?.details)));
  if (found.some((error) => error?.id === 'validationDuplicateValueError') || says(/\balready\b/i)) return 'duplicate';
  return says(/\bopted[ -]?out\b/i) ? 'opted_out' : 'refused';
}

/** `Retry-After`, else `x-ratelimit-reset` in epoch seconds; it can be a list. */
function waitOf({ headers }: ProviderAnswer): number {
  const reset = Number(headers['x-ratelimit-reset']?.split(',')[0]);
  return retryAfterOf(headers['retry-after']) ?? secondsUntil(reset * 1_000) ?? DEFAULT_WAIT;
}

function jsonOf({ body }: ProviderAnswer): Readonly<Record<string, unknown>> {
  const json = jsonObject(body);
  if (json === undefined) throw new OutreachInvalid();
  return json;
}

function isResource(value: unknown): boolean {
  const id = objectOf(value)?.id;
  return (typeof id === 'number' && Number.isSafeInteger(id)) || (typeof id === 'string' && /^\d{1,18}$/.test(id));
}

function resourceOf(value: unknown): Resource {
  if (!isResource(value)) throw new OutreachInvalid();
  const { id, attributes } = value as { readonly id: number | string; readonly attributes?: unknown };
  return { id: String(id), attributes: objectOf(attributes) ?? {} };
}
