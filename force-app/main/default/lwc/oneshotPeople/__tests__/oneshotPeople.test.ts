import { AdminBench } from '../../../../../test/admin';
import { settle } from '../../../../../test/backend';

const receipt = {
  id: 'r'.repeat(43),
  state: 'complete',
  counts: { users: 1 },
  revocations: [],
  backupsGoneAt: '2026-12-29T12:01:00.000Z',
  completedAt: '2026-11-24T12:01:00.000Z',
  signature: 'kid.signature',
};

let bench: AdminBench;

beforeEach(async () => {
  bench = new AdminBench();
  await bench.open('c-oneshot-people');
});
afterEach(() => bench.close());

const rows = (): string[][] =>
  [...(bench.element.shadowRoot?.querySelectorAll('.people tbody tr') ?? [])].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) => (cell.textContent ?? '').replace(/\s+/g, ' ').trim()),
  );

test('who is connected, since when, and what needs attention', async () => {
  await bench.signIn();
  expect(rows()).toEqual([
    ['Rita Reprita@demo.example', '1 hour ago', '2', 'Gmail', 'Gmail must be connected again', ''],
    ['Name not readablegone@demo.example', '4 days ago', '0', '', 'Deactivated in Salesforce', ''],
  ]);
  await bench.expectAccessible();
});

test('the key switch counts the whole org, not the people of the page', async () => {
  await bench.signIn();
  expect(bench.child('.strong').textContent).toBe(
    'Deleting all of them would make 70 connections of 52 people unreadable.',
  );
  const counted = async (connections: number, people: number): Promise<string | null> => {
    bench.backend.on('GET /v1/admin/keys', { body: { rows: [], job: null, keySwitch: { connections, people } } });
    await bench.fire('lightning-button[data-do=refresh]', 'click');
    return bench.child('.strong').textContent;
  };
  expect(await counted(2, 1)).toBe('Deleting all of them would make 2 connections of one person unreadable.');
  expect(await counted(1, 1)).toBe('Deleting all of them would make one connection unreadable.');
  expect(await counted(0, 0)).toBe('Nobody has a connection now: deleting them would make nothing unreadable.');
});

test('who signs out while the page loads leaves nothing on it', async () => {
  await bench.signIn();
  let answer: (reply: object) => void = () => undefined;
  bench.backend.on('GET /v1/admin/users', () => new Promise((resolve) => (answer = resolve)) as never);
  await bench.fire('lightning-button[data-do=refresh]', 'click');
  await bench.session.signOut();
  answer({ body: { rows: [], nextCursor: null } });
  await settle();
  expect(bench.find('.people')).toBeNull();
  expect(bench.find('c-oneshot-admin-start')).not.toBeNull();
});

test('ending the sessions of one person', async () => {
  bench.backend.on('DELETE /v1/admin/users/usr-1/sessions', { status: 204 });
  await bench.signIn();
  await bench.fire('lightning-button-menu[data-id=usr-1]', 'select', { value: 'end' });
  expect(bench.backend.of('DELETE /v1/admin/users/usr-1/sessions')).toHaveLength(1);
  expect(bench.backend.of('GET /v1/admin/users')).toHaveLength(2);
});

test('erasing somebody: name typed, signed in again, then the call', async () => {
  bench.backend.on('DELETE /v1/admin/users/usr-1', { body: { receipt } });
  const { default: Modal } = require('c/oneshotEraseModal') as { default: { open: jest.Mock } };
  Modal.open = jest.fn(({ onconfirm }: { onconfirm: () => void }) => {
    onconfirm();
    return Promise.resolve(true);
  });
  await bench.signIn();
  await bench.fire('lightning-button-menu[data-id=usr-1]', 'select', { value: 'erase' });
  expect(Modal.open).toHaveBeenCalledWith(expect.objectContaining({ name: 'Rita Rep' }));
  expect(bench.opened.at(-1)).toContain('reauth=true');
  expect(bench.backend.of('DELETE /v1/admin/users/usr-1')).toEqual([]);
  await bench.arrive();
  expect(bench.backend.of('DELETE /v1/admin/users/usr-1')).toHaveLength(1);
  const shown = bench.child<HTMLElement & { receipt: object; heading: string }>('c-oneshot-receipt');
  expect([shown.receipt, shown.heading]).toEqual([receipt, 'What was held about Rita Rep is erased.']);
  await bench.expectAccessible();
  await bench.fire('c-oneshot-receipt', 'dismiss');
  expect(bench.find('c-oneshot-receipt')).toBeNull();
});

test('an answer without a receipt is no erasure', async () => {
  bench.backend.on('DELETE /v1/admin/users/usr-1', { body: { receipt: {} } });
  const { default: Modal } = require('c/oneshotEraseModal') as { default: { open: jest.Mock } };
  Modal.open = jest.fn(({ onconfirm }: { onconfirm: () => void }) => {
    onconfirm();
    return Promise.resolve(true);
  });
  await bench.signIn();
  await bench.fire('lightning-button-menu[data-id=usr-1]', 'select', { value: 'erase' });
  await bench.arrive();
  expect(bench.find('c-oneshot-receipt')).toBeNull();
  expect(bench.child<HTMLElement & { problem: { code: string } }>('.page-problem').problem.code).toBe('bad_answer');
  expect(rows()).toHaveLength(2);
});

test('API calls beside the limit of the org', async () => {
  await bench.signIn();
  const usage = bench.child<HTMLElement>('c-oneshot-api-usage').shadowRoot;
  expect(usage?.querySelector('.ours')?.textContent).toBe('12 by OneShot in the last 24 hours');
  expect(usage?.querySelector('.hint')?.textContent).toBe('Your org may make 1,000 in 24 hours; 900 are left.');
});
