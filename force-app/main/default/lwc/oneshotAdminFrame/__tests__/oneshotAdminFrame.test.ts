import { AdminBench } from '../../../../../test/admin';
import { settle, tokenAnswer } from '../../../../../test/backend';

/** The frame is the same around each page: what it does is tried on one of them. */
let bench: AdminBench;

beforeEach(async () => {
  bench = new AdminBench();
  await bench.open('c-oneshot-people');
});
afterEach(() => bench.close());

const problemOf = (selector: string): { code: string } | undefined =>
  (bench.find(selector) as (HTMLElement & { problem: { code: string } }) | null)?.problem;
const listed = (): number => bench.backend.of('GET /v1/admin/users').length;

test('before the sign-in: what the page is for, one button, nothing asked', async () => {
  expect(bench.child('h2').textContent).toBe('People');
  expect(bench.find('c-oneshot-admin-start')).not.toBeNull();
  expect(bench.find('.actions')).toBeNull();
  expect(bench.backend.asked).toEqual([]);
  await bench.expectAccessible();
});

test('a sign-in loads once, and again at the next one', async () => {
  await bench.signIn();
  expect(listed()).toBe(1);
  expect(bench.find('c-oneshot-admin-start')).toBeNull();
  bench.session.signIn();
  await bench.arrive();
  expect(listed()).toBe(2);
});

test('the focus of the button that signed in goes to the page', async () => {
  bench.child('c-oneshot-admin-start').click();
  await bench.signIn();
  expect(document.activeElement).toBe(bench.element);
});

test('signing out leaves nothing on the page', async () => {
  await bench.signIn();
  await bench.session.signOut();
  await settle();
  expect(bench.find('.people')).toBeNull();
  expect(bench.find('c-oneshot-admin-start')).not.toBeNull();
});

test('another person who signs in sees nothing of the first, also when their own loading fails', async () => {
  await bench.signIn();
  const other = { id: 'usr-o', name: 'Otto Other', email: 'otto@demo.example', isAdmin: false };
  bench.backend
    .on('POST /v1/auth/token', () => tokenAnswer(Date.now(), 60, other))
    .on('GET /v1/admin/users', { status: 403, body: { error: { code: 'not_admin', message: 'x' } } });
  bench.session.signIn();
  await bench.arrive();
  expect(bench.find('.people')).toBeNull();
  expect(problemOf('.page-problem')?.code).toBe('not_admin');
  expect((bench.child('.page-problem') as unknown as { actionLabel: string }).actionLabel).toBe(
    'Sign in and see who is connected',
  );
});

test('what failed can be tried again or put away', async () => {
  bench.backend.on('GET /v1/admin/users', { status: 400, body: { error: { code: 'odd', message: 'x' } } });
  await bench.signIn();
  expect(problemOf('.page-problem')?.code).toBe('odd');
  await bench.fire('.page-problem', 'retry');
  expect(listed()).toBe(2);
  await bench.fire('.page-problem', 'dismiss');
  expect(problemOf('.page-problem')).toBeUndefined();
});

test('a sign-in that fails is told by the frame, and put away there', async () => {
  bench.backend.on('POST /v1/auth/token', {
    status: 403,
    body: { error: { code: 'permission_missing', message: 'x' } },
  });
  await bench.signIn();
  expect(problemOf('.sign-in-problem')?.code).toBe('permission_missing');
  await bench.fire('.sign-in-problem', 'dismiss');
  expect(problemOf('.sign-in-problem')).toBeUndefined();
});
