import { type AccountQuery, type ListAnswer, Problem } from 'c/oneshotApi';
import { CustomerList, type ListSource, type ListView } from 'c/oneshotCustomerList';
import { expiresAt, fetchedAt, freshness, page } from '../../../../../test/accounts';

const now = Date.parse(fetchedAt) + 60_000;
type Answer = (query: AccountQuery, etag?: string) => ListAnswer | Promise<ListAnswer>;

let asked: { query: AccountQuery; etag: string | undefined; signal: AbortSignal }[];
let answer: Answer;
let cacheOn: boolean;
let views: ListView[];
let list: CustomerList;

const source: ListSource = {
  list: (query, { etag, signal }) => {
    asked.push({ query, etag, signal });
    return Promise.race([
      Promise.resolve(answer(query, etag)),
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')));
      }),
    ]);
  },
  refresh: () => Promise.resolve(freshness()),
  now: () => Date.now(),
  isCacheOn: () => cacheOn,
};

const whole: Answer = ({ offset = 0, limit = 50 }) => ({ page: page(offset, limit, 120), etag: '"a"' });
const ids = (): string[] => list.view.rows.map((row) => row.id);

beforeEach(() => {
  jest.useFakeTimers({ now });
  asked = [];
  views = [];
  answer = whole;
  cacheOn = true;
  list = new CustomerList(source, (view) => views.push(view));
});
afterEach(() => {
  list.close();
  jest.useRealTimers();
});

describe('paging', () => {
  test('reads fifty, then the next fifty, then the rest, and no further', async () => {
    await list.open();
    expect(asked[0]?.query).toMatchObject({ offset: 0, limit: 50, sort: 'arr', order: 'desc', partial: true });
    await list.more();
    await list.more();
    expect(list.view).toMatchObject({ hasMore: false, total: 120, matched: 120 });
    expect(new Set(ids()).size).toBe(120);
    await list.more();
    expect(asked.map((call) => call.query.offset)).toEqual([0, 50, 100]);
  });

  test('two calls for more at once are one request', async () => {
    await list.open();
    await Promise.all([list.more(), list.more()]);
    expect(asked).toHaveLength(2);
  });

  test('a row that comes twice is shown once', async () => {
    await list.open();
    answer = ({ offset = 0, limit = 50 }) => ({ page: page(offset - 1, limit, 120), etag: '"a"' });
    await list.more();
    expect(new Set(ids()).size).toBe(ids().length);
  });
});

describe('search, filters and order', () => {
  test('a newer search aborts the older, whose answer changes nothing', async () => {
    await list.open();
    let late: (value: ListAnswer) => void = () => undefined;
    answer = () => new Promise((resolve) => (late = resolve));
    const first = list.search('a');
    answer = () => ({ page: page(0, 50, 3), etag: '"b"' });
    await list.search('ab');
    late({ page: page(0, 50, 77), etag: '"c"' });
    await first;
    expect(asked[1]?.signal.aborted).toBe(true);
    expect(list.view).toMatchObject({ search: 'ab', matched: 3, isChanging: false });
  });

  test('the old rows stay until the new ones are there', async () => {
    await list.open();
    const before = ids();
    const change = list.filter('industry', ['Energy']);
    expect(list.view).toMatchObject({ isChanging: true, phase: 'ready' });
    expect(ids()).toEqual(before);
    await change;
    expect(asked[1]?.query).toMatchObject({ industry: ['Energy'], offset: 0 });
  });

  test('clear takes search and filters away', async () => {
    await list.search('x');
    await list.filter('country', ['Germany']);
    await list.clear();
    expect(asked.at(-1)?.query).toMatchObject({ search: '', country: [] });
  });

  test('a failure keeps the rows and says what was being done', async () => {
    await list.open();
    answer = () => Promise.reject(new Problem({ code: 'network' }));
    await list.sort({ key: 'name', order: 'asc' });
    expect(list.view.problem).toMatchObject({ deed: 'sort', error: { code: 'network' } });
    expect(ids()).toHaveLength(50);
    expect(list.view.isChanging).toBe(false);
  });
});

describe('the first pull', () => {
  let fetched: number;
  const growing: Answer = ({ offset = 0, limit = 50 }) => ({
    page: page(offset, limit, fetched, { complete: fetched === 120, fetched, total: 120 }),
    etag: undefined,
  });

  beforeEach(() => {
    fetched = 20;
    answer = growing;
  });

  test('rows are only ever appended, the first page fills, counts follow', async () => {
    await list.open();
    expect(ids()).toHaveLength(20);
    const seen: string[][] = [];
    for (fetched of [35, 90, 120]) {
      await jest.advanceTimersByTimeAsync(2_000);
      seen.push(ids());
    }
    expect(seen.map((rows) => rows.length)).toEqual([35, 50, 50]);
    expect(seen[2]?.slice(0, 20)).toEqual(seen[0]?.slice(0, 20));
    expect(list.view).toMatchObject({ total: 120, hasMore: true, freshness: { complete: true } });
  });

  test('is asked about less and less often, and no more once complete', async () => {
    await list.open();
    await jest.advanceTimersByTimeAsync(10_000);
    const during = asked.length;
    expect(during).toBeGreaterThan(3);
    expect(during).toBeLessThan(9);
    fetched = 120;
    await jest.advanceTimersByTimeAsync(10_000);
    const after = asked.length;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(after);
  });

  test('another order waits, and is applied when all is there', async () => {
    await list.open();
    await list.sort({ key: 'name', order: 'asc' });
    expect(list.view).toMatchObject({ waitingSort: { key: 'name' }, sort: { key: 'arr' } });
    fetched = 120;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(list.view).toMatchObject({ waitingSort: null, sort: { key: 'name', order: 'asc' } });
    expect(asked.at(-1)?.query).toMatchObject({ sort: 'name', offset: 0 });
  });

  test('one that fails half way is told', async () => {
    await list.open();
    answer = () => Promise.reject(new Problem({ code: 'crm_unavailable', status: 503 }));
    await jest.advanceTimersByTimeAsync(1_000);
    expect(list.view.problem).toMatchObject({ deed: 'open', error: { code: 'crm_unavailable' } });
    expect(ids()).toHaveLength(20);
  });

  test('with the cache off nothing is polled: each list is one live answer', async () => {
    cacheOn = false;
    answer = whole;
    await list.open();
    expect(asked[0]?.query).not.toHaveProperty('partial');
    await jest.advanceTimersByTimeAsync(60_000);
    await list.refresh();
    expect(asked).toHaveLength(2);
  });
});

describe('refreshing', () => {
  test('the old rows stay until a newer complete list is there; 304 means not yet', async () => {
    await list.open();
    await list.more();
    let isNew = false;
    answer = ({ offset = 0, limit = 50 }) =>
      isNew
        ? { page: page(offset, limit, 130, { fetchedAt: '2026-11-24T12:10:00.000Z' }), etag: '"n"' }
        : { page: undefined, etag: '"a"' };
    const done = list.refresh();
    await jest.advanceTimersByTimeAsync(3_000);
    expect(list.view).toMatchObject({ isRenewing: true, total: 120 });
    expect(asked.at(-1)).toMatchObject({ etag: '"a"', query: { offset: 0, limit: 100 } });
    isNew = true;
    await jest.advanceTimersByTimeAsync(5_000);
    await done;
    expect(list.view).toMatchObject({ isRenewing: false, total: 130 });
    expect(ids()).toHaveLength(100);
  });

  test('after a new sign-in the rows stay until the fresh pull is complete', async () => {
    await list.open();
    let complete = false;
    answer = ({ offset = 0, limit = 50 }) => ({
      page: page(offset, limit, complete ? 120 : 4, { complete, fetchedAt: '2026-11-24T12:30:00.000Z' }),
      etag: undefined,
    });
    const done = list.renew();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(ids()).toHaveLength(50);
    complete = true;
    await jest.advanceTimersByTimeAsync(5_000);
    await done;
    expect(list.view.freshness?.fetchedAt).toBe('2026-11-24T12:30:00.000Z');
  });
});

describe('forgetting', () => {
  test('rows, facets and counts leave memory when the backend\u2019s copy ends', async () => {
    await list.open();
    await jest.advanceTimersByTimeAsync(Date.parse(expiresAt) - now - 1);
    expect(ids()).toHaveLength(50);
    await jest.advanceTimersByTimeAsync(1);
    expect(list.view).toMatchObject({
      phase: 'forgotten',
      rows: [],
      total: null,
      freshness: null,
      forgottenAt: expiresAt,
    });
    expect(JSON.stringify(list)).not.toContain('Customer');
  });

  test('a laptop that slept forgets when it wakes up', async () => {
    await list.open();
    jest.setSystemTime(Date.parse(expiresAt) + 1);
    list.checkAge();
    expect(list.view.phase).toBe('forgotten');
  });

  test('an answer that comes after forgetting does not bring rows back', async () => {
    await list.open();
    const more = list.more();
    list.forget();
    await more;
    expect(list.view).toMatchObject({ phase: 'empty', rows: [] });
  });
});
