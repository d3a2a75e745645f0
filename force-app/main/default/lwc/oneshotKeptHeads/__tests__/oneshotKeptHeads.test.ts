import { AdminBench, start } from '../../../../../test/admin';

const HOUR_MS = 3_600_000;
const head = (seq: number, hoursAgo: number, holds: boolean | null = true): object => ({
  org: 'org_x',
  seq,
  hash: 'h',
  at: new Date(start - hoursAgo * HOUR_MS).toISOString(),
  signature: `kid.${seq}`,
  keptAt: new Date(start - hoursAgo * HOUR_MS).toISOString(),
  holds,
});
const rows = (...heads: object[]): object => ({ body: { rows: heads, nextCursor: null } });

let bench: AdminBench;

beforeEach(async () => {
  bench = new AdminBench();
  await bench.open('c-oneshot-kept-heads');
});
afterEach(() => bench.close());

/** The page above shows this component only to who is signed in; here the sign-in comes first. */
async function signedIn(list: object): Promise<void> {
  bench.backend.on('GET /v1/audit/heads', list);
  bench.session.signIn();
  await bench.arrive();
  const { element } = bench;
  element.remove();
  document.body.appendChild(element);
  await bench.fire('.block', 'settle');
  await bench.fire('.block', 'settle');
}

const words = (selector: string): string[] =>
  [...(bench.element.shadowRoot?.querySelectorAll(selector) ?? [])].map((one) =>
    (one.textContent ?? '').replace(/\s+/g, ' ').trim(),
  );

test('says what is kept, and whether the trail still matches', async () => {
  await signedIn(rows(head(1200, 2), head(900, 26), head(3, 50, null)));
  expect(words('.state')).toEqual(['Newest kept Nov 24, 2026, 11:01 AM, 3 in all. All match the trail.']);
  expect(words('tbody tr:first-child > *')).toEqual(['Nov 24, 2026, 11:01 AM', '1,200', 'Matches the trail']);
  expect(words('tbody tr:last-child td:last-child')).toEqual(['Not what OneShot signed']);
  await bench.expectAccessible();
});

test('a day later it asks for the next one; a head that contradicts the trail is red', async () => {
  await signedIn(rows(head(900, 26)));
  expect(words('.state')[0]).toContain('keep one each day');
  await signedIn(rows(head(900, 2), head(800, 26, false)));
  expect(words('.state')[0]).toContain('Contradicts the trail');
  expect(bench.find('[data-holds=false]')).not.toBeNull();
});

test('one click keeps one head; trying again after a cut line uses the same key', async () => {
  await signedIn(rows());
  expect(words('.state')).toEqual(['No head is kept in your Salesforce yet.']);
  bench.backend.on('POST /v1/audit/heads', {
    status: 503,
    body: { error: { code: 'crm_unavailable', message: 'x' } },
  });
  await bench.fire('[data-do=keep]', 'click');
  await bench.fire('.block', 'settle');
  expect(bench.find('c-oneshot-problem')).not.toBeNull();
  bench.backend.on('POST /v1/audit/heads', { status: 201, body: { head: head(1200, 0) } });
  bench.backend.on('GET /v1/audit/heads', rows(head(1200, 0)));
  await bench.fire('c-oneshot-problem', 'retry');
  await bench.fire('.block', 'settle');
  await bench.fire('.block', 'settle');
  expect(words('[role=status]')).toEqual(['Kept: the trail has 1,200 entries. Salesforce holds the signed head now.']);
  await bench.fire('[data-do=keep]', 'click');
  await bench.fire('.block', 'settle');
  const keys = bench.backend.of('POST /v1/audit/heads').map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(3);
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
});

test('an org whose package has no such object is told what to do', async () => {
  await signedIn({ status: 409, body: { error: { code: 'setup_missing', message: 'x' } } });
  const problem = bench.child<HTMLElement & { words: string }>('c-oneshot-problem');
  expect(problem.words).toContain('Upgrade the OneShot package');
});
