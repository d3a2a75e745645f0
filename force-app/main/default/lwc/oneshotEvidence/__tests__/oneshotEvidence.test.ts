import { AdminBench, start } from '../../../../../test/admin';

const promise = (number: number, holds: boolean | null, title = `Promise ${number}`): object => ({
  number,
  title,
  holds,
  figure: `figure ${number}`,
  test: `test ${number}`,
});
const all = (...changed: object[]): object[] => [
  ...Array.from({ length: 11 - changed.length }, (_, index) => promise(index + 1, true)),
  ...changed,
];
const canary = {
  ranAt: '2026-11-24T03:00:00.000Z',
  planted: 900,
  found: 0,
  files: 40,
  fileBytes: 1_000_000,
  logBytes: 2000,
  heapBytes: 3000,
  databaseDocuments: 12,
  searchWorks: true,
  holds: true,
  signature: 'kid.canary',
};
const evidence = (promises: object[], more: object = {}): object => ({
  computedAt: new Date(start).toISOString(),
  promises,
  collections: [
    {
      name: 'users',
      fields: ['email', 'username'],
      count: 1200,
      oldestAt: '2026-11-01T10:00:00.000Z',
      keyVersions: ['d1'],
    },
    { name: 'sends', fields: [], count: 0, oldestAt: null, keyVersions: [] },
  ],
  caches: [
    { rep: 'usr-1', rows: 12_300, fetchedAt: '2026-11-24T11:30:00.000Z', expiresAt: '2026-11-24T12:30:00.000Z' },
  ],
  logFields: ['event', 'problem'],
  canary,
  ...more,
});

let bench: AdminBench;

beforeEach(async () => {
  bench = new AdminBench();
  await bench.open('c-oneshot-evidence');
  bench.backend.on('GET /v1/privacy/evidence', { body: evidence(all()) });
});
afterEach(() => bench.close());

const words = (selector: string): string[] =>
  [...(bench.element.shadowRoot?.querySelectorAll(selector) ?? [])].map((one) =>
    (one.textContent ?? '').replace(/\s+/g, ' ').trim(),
  );
const states = (): (string | undefined)[] =>
  [...(bench.element.shadowRoot?.querySelectorAll<HTMLElement>('[data-promise]') ?? [])].map(
    ({ dataset }) => dataset.state,
  );

test('before the sign-in: one button, nothing asked; then eleven lines and what is held', async () => {
  expect(bench.find('[data-promise]')).toBeNull();
  expect(bench.backend.of('GET /v1/privacy/evidence')).toEqual([]);
  await bench.expectAccessible();
  await bench.signIn();
  const asked = bench.backend.of('GET /v1/privacy/evidence');
  expect(asked.map(({ headers }) => headers['accept-language'])).toEqual(['en']);
  expect(words('.headline-text')).toEqual(['11 of 11 hold, measured now']);
  expect(states()).toEqual(Array(11).fill('holds'));
  expect(words('[data-promise=p3]')).toEqual(['3. Promise 3Holdsfigure 3Test:test 3']);
  expect(words('.collections tbody tr:first-child > *')).toEqual([
    'users',
    '1,200',
    'Nov 1, 2026, 11:00 AM',
    'd1',
    'email, username',
  ]);
  expect(words('.collections tbody tr:last-child > *')).toEqual(['sends', '0', 'None', 'None', 'None']);
  expect(words('.caches tbody tr > *').slice(0, 2)).toEqual(['usr-1', '12,300']);
  expect(words('.log')).toEqual(['event, problem']);
  expect(words('.canary p')[1]).toBe('0 of 900 planted values were found.');
  expect(words('.contact a')).toEqual(['infosec@oneshot.ai']);
  await bench.expectAccessible();
});

test('a headline that is honest: what is broken and what was not measured, by name; time goes on', async () => {
  const promises = all(promise(10, false, 'No personal data in logs'), promise(11, null, 'Right to leave'));
  bench.backend.on('GET /v1/privacy/evidence', { body: evidence(promises, { canary: null, caches: [] }) });
  await bench.signIn();
  expect(words('.headline-text')).toEqual(['9 of 11 hold, measured now']);
  expect(words('.detail').slice(0, 2)).toEqual(['Broken: No personal data in logs.', 'Not measured: Right to leave.']);
  expect(states().slice(-3)).toEqual(['holds', 'broken', 'unknown']);
  expect(words('.badge').slice(8, 11)).toEqual(['Holds', 'Broken', 'Not measured']);
  const icons = [...(bench.element.shadowRoot?.querySelectorAll('[data-promise] lightning-icon') ?? [])];
  expect(new Set(icons.map((icon) => (icon as unknown as { iconName: string }).iconName)).size).toBe(3);
  expect(words('.canary')).toEqual(['It has not run here yet.']);
  expect(bench.find('.caches')).toBeNull();
  jest.advanceTimersByTime(120_000);
  await bench.fire('.headline', 'settle');
  expect(words('.headline-text')).toEqual(['9 of 11 hold, measured 2 min. ago']);
  await bench.expectAccessible();
});

test('measuring again; what fails can be tried again, and what was measured stays', async () => {
  await bench.signIn();
  bench.backend.on('GET /v1/privacy/evidence', { status: 500, body: { error: { code: 'internal', message: 'x' } } });
  await bench.fire('[data-do=measure]', 'click');
  await bench.fire('.headline', 'settle');
  expect(bench.find('c-oneshot-problem')).not.toBeNull();
  expect(states()).toHaveLength(11);
  bench.backend.on('GET /v1/privacy/evidence', { body: evidence(all(promise(11, false))) });
  await bench.fire('c-oneshot-problem', 'retry');
  await bench.fire('.headline', 'settle');
  expect(bench.find('c-oneshot-problem')).toBeNull();
  expect(words('.headline-text')).toEqual(['10 of 11 hold, measured now']);
});

test('the signed document is downloaded whole, and is what the page then shows', async () => {
  const signed = { ...evidence(all(promise(11, null))), signature: 'kid.evidence' };
  bench.backend.on('GET /v1/privacy/evidence/signed', { body: signed });
  const blobs: Blob[] = [];
  URL.createObjectURL = (blob: Blob) => {
    blobs.push(blob);
    return 'blob:one';
  };
  URL.revokeObjectURL = jest.fn();
  const clicked: string[] = [];
  jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    clicked.push(`${this.href} ${this.download}`);
  });
  await bench.signIn();
  await bench.fire('[data-do=download]', 'click');
  await bench.fire('.headline', 'settle');
  expect(clicked).toEqual(['blob:one oneshot-evidence-2026-11-24T12-01-00-000Z.json']);
  expect(blobs[0]?.type).toBe('application/json');
  const reader = new FileReader();
  jest.useRealTimers();
  const text = await new Promise<string>((resolve) => {
    reader.onload = () => resolve(reader.result as string);
    reader.readAsText(blobs[0] as Blob);
  });
  expect(JSON.parse(text)).toEqual(signed);
  expect(words('.headline-text')).toEqual(['10 of 11 hold, measured now']);
});

test('prints', async () => {
  window.print = jest.fn();
  await bench.signIn();
  await bench.fire('[data-do=print]', 'click');
  expect(window.print).toHaveBeenCalledTimes(1);
});

test('who is no admin is told whom to ask, and sees no figure', async () => {
  bench.backend.on('GET /v1/privacy/evidence', { status: 403, body: { error: { code: 'not_admin', message: 'x' } } });
  await bench.signIn();
  expect(bench.find('[data-promise]')).toBeNull();
  expect(bench.child<HTMLElement & { problem: { code: string } }>('c-oneshot-problem').problem.code).toBe('not_admin');
});

test('signing out clears the page', async () => {
  await bench.signIn();
  await bench.session.signOut();
  await bench.fire('.page', 'settle');
  expect(bench.find('[data-promise]')).toBeNull();
});
