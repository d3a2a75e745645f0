import { AdminBench } from '../../../../../test/admin';

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
  expect(bench.child('.strong').textContent).toBe(
    'Deleting all of them would make 1 connections of 1 people unreadable.',
  );
  await bench.expectAccessible();
});

test('ending the sessions of one person', async () => {
  bench.backend.on('DELETE /v1/admin/users/usr-1/sessions', { status: 204 });
  await bench.signIn();
  await bench.fire('lightning-button-menu[data-id=usr-1]', 'select', { value: 'end' });
  expect(bench.backend.of('DELETE /v1/admin/users/usr-1/sessions')).toHaveLength(1);
  expect(bench.backend.of('GET /v1/admin/users')).toHaveLength(2);
});

test('erasing somebody: name typed, password asked for, then the call', async () => {
  bench.backend.on('DELETE /v1/admin/users/usr-1', { body: { receipt: {} } });
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
});

test('API calls beside the limit of the org', async () => {
  await bench.signIn();
  const usage = bench.child<HTMLElement>('c-oneshot-api-usage').shadowRoot;
  expect(usage?.querySelector('.ours')?.textContent).toBe('12 by OneShot in the last 24 hours');
  expect(usage?.querySelector('.hint')?.textContent).toBe('Your org may make 1,000 in 24 hours; 900 are left.');
});
