import { accountSearch, listAccounts, Problem, readMe, refreshAccounts, signInUrl } from 'c/oneshotApi';
import { backendUrl, FakeBackend, settle } from '../../../../../test/backend';

const credentials = { backendUrl, token: 'a.b.c', repId: 'rep-1' };
const freshness = {
  source: 'memory',
  complete: true,
  fetched: 0,
  total: 0,
  fetchedAt: '2026-11-24T12:00:00Z',
  expiresAt: '2026-11-24T13:00:00Z',
  hiddenFields: [],
};
const page = {
  total: 0,
  matched: 0,
  rows: [],
  facets: { industry: [], country: [], owner: [], product: [] },
  freshness,
};

async function problemOf(call: Promise<unknown>): Promise<Problem> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Problem)) throw new Error(`expected a Problem, got ${String(error)}`);
  return error;
}

let backend: FakeBackend;
beforeEach(() => {
  backend = new FakeBackend();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a call', () => {
  test('carries the bearer and the opaque rep id, and no cookie', async () => {
    backend.on('GET /v1/accounts', { body: page });
    const options = jest.spyOn(globalThis, 'fetch');
    await listAccounts(credentials, {});
    expect(backend.asked[0]?.headers).toMatchObject({ authorization: 'Bearer a.b.c', 'x-oneshot-rep': 'rep-1' });
    expect(options.mock.calls[0]?.[1]).toMatchObject({ credentials: 'omit', redirect: 'error', cache: 'no-store' });
  });

  test('repeats facets, leaves empty values out, and asks for a partial answer only when told', () => {
    const search = accountSearch({ search: '', industry: ['A & B', 'C'], sort: 'arr', offset: 0, limit: 50 });
    expect(search.toString()).toBe('industry=A+%26+B&industry=C&sort=arr&offset=0&limit=50');
    expect(accountSearch({ partial: true }).toString()).toBe('partial=true');
  });

  test('sends the ETag and reads 304 as "unchanged"', async () => {
    backend.on('GET /v1/accounts', ({ headers }) =>
      headers['if-none-match'] === '"1"' ? { status: 304 } : { body: page, headers: { etag: '"1"' } },
    );
    const first = await listAccounts(credentials, {});
    expect(first.etag).toBe('"1"');
    await expect(listAccounts(credentials, {}, { etag: '"1"' })).resolves.toEqual({ page: undefined, etag: '"1"' });
  });

  test('makes an address for the popup from the challenge and this page, escaped', () => {
    expect(signInUrl(backendUrl, 'abc', 'https://x.lightning.force.com')).toBe(
      `${backendUrl}/v1/auth/salesforce/start?challenge=abc&origin=https%3A%2F%2Fx.lightning.force.com`,
    );
  });
});

describe('what goes wrong', () => {
  test('an error answer keeps every field of the contract', async () => {
    const error = {
      code: 'crm_field_hidden',
      message: 'm',
      field: 'ActiveARR__c',
      action: 'contact_admin',
      requestId: 'r',
    };
    backend.on('GET /v1/accounts', { status: 409, body: { error } });
    await expect(problemOf(listAccounts(credentials, {}))).resolves.toMatchObject({ ...error, status: 409 });
  });

  test('no connection is "network", in the words of who can help', async () => {
    await expect(problemOf(readMe(credentials))).resolves.toMatchObject({ code: 'network', status: 0 });
  });

  test.each([
    ['HTML of a proxy', { status: 503, text: '<html>' }, 503],
    ['an answer without its parts', { body: { rows: [] } }, 200],
    ['an answer that is no JSON', { text: 'OK' }, 200],
    ['an error without a code', { status: 500, body: { error: { message: 'x' } } }, 500],
  ])('%s is "bad_answer"', async (_name, reply, status) => {
    jest.useFakeTimers();
    backend.on('GET /v1/accounts', reply);
    const problem = problemOf(listAccounts(credentials, {}));
    await jest.advanceTimersByTimeAsync(10_000);
    await expect(problem).resolves.toMatchObject({ code: 'bad_answer', status });
  });

  test('an answer that does not come is "timeout", and its request is aborted', async () => {
    jest.useFakeTimers();
    backend.on('GET /v1/me', () => new Promise(() => undefined));
    const problem = problemOf(readMe(credentials));
    await jest.advanceTimersByTimeAsync(29_999);
    await jest.advanceTimersByTimeAsync(2);
    await expect(problem).resolves.toMatchObject({ code: 'timeout' });
  });

  test('a caller who aborts gets an AbortError, not a problem', async () => {
    backend.on('GET /v1/me', () => new Promise(() => undefined));
    const controller = new AbortController();
    const call = readMe(credentials, controller.signal);
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('Retry-After', () => {
  const busy = (seconds: string): object => ({
    status: 429,
    body: { error: { code: 'too_many_requests' } },
    headers: { 'retry-after': seconds },
  });

  test('a short wait is waited, then the read is repeated', async () => {
    jest.useFakeTimers();
    let calls = 0;
    backend.on('GET /v1/accounts', () => ((calls += 1) === 1 ? busy('2') : { body: page }));
    const answer = listAccounts(credentials, {});
    await jest.advanceTimersByTimeAsync(1_999);
    expect(calls).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    await expect(answer).resolves.toMatchObject({ page });
    expect(calls).toBe(2);
  });

  test('a long wait is the rep\u2019s to decide, with the seconds', async () => {
    backend.on('GET /v1/accounts', busy('120'));
    await expect(problemOf(listAccounts(credentials, {}))).resolves.toMatchObject({ status: 429, retryAfter: 120 });
    expect(backend.asked).toHaveLength(1);
  });

  test('a POST is never repeated by itself', async () => {
    backend.on('POST /v1/accounts/refresh', busy('1'));
    await problemOf(refreshAccounts(credentials));
    await settle();
    expect(backend.asked).toHaveLength(1);
  });

  test('three refusals in a row are told', async () => {
    jest.useFakeTimers();
    backend.on('GET /v1/accounts', busy('1'));
    const problem = problemOf(listAccounts(credentials, {}));
    await jest.advanceTimersByTimeAsync(2_000);
    await expect(problem).resolves.toMatchObject({ status: 429 });
    expect(backend.asked).toHaveLength(3);
  });
});
