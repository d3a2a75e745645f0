import { EnclosingUtilityId, getInfo, updateUtility } from 'lightning/platformUtilityBarApi';
import { subscribe as subscribeConnections } from 'c/oneshotConnections';
import { subscribe } from 'c/oneshotSession';
import OneshotUtilityState from 'c/oneshotUtilityState';
import { settle } from '../../../../../test/backend';
import { mount } from '../../../../../test/mount';

jest.mock('c/oneshotSession', () => ({ subscribe: jest.fn() }));
jest.mock('c/oneshotConnections', () => ({ subscribe: jest.fn() }));
const emit = (EnclosingUtilityId as unknown as { emit: (id: unknown) => void }).emit.bind(EnclosingUtilityId);
let tell: (view: { status: string }) => void;
let tellConnections: (view: { rows: { connection: { status: string } }[] }) => void;

beforeEach(() => {
  jest.mocked(updateUtility).mockClear();
  jest.mocked(subscribe).mockImplementation((listener) => {
    tell = listener as typeof tell;
    tell({ status: 'signedOut' });
    return () => undefined;
  });
  jest.mocked(subscribeConnections).mockImplementation((listener) => {
    tellConnections = listener as unknown as typeof tellConnections;
    tellConnections({ rows: [] });
    return () => undefined;
  });
});
afterEach(() => document.body.replaceChildren());

const shown = (): unknown[] => jest.mocked(updateUtility).mock.calls.map(([, attributes]) => attributes);

test('the icon says whether the rep is signed in, once for each change', async () => {
  await mount('c-oneshot-utility-state', OneshotUtilityState);
  emit('utility-1');
  await settle();
  tell({ status: 'signedIn' });
  tell({ status: 'signedIn' });
  tell({ status: 'expired' });
  expect(jest.mocked(updateUtility).mock.calls[0]?.[0]).toBe('utility-1');
  expect(shown()).toEqual([
    { icon: 'people', label: 'OneShot', highlighted: false },
    { icon: 'user', label: 'OneShot', highlighted: false },
    { icon: 'lock', label: 'OneShot', highlighted: false },
  ]);
});

test('a connection that needs the rep is said by icon and label, until it is mended', async () => {
  await mount('c-oneshot-utility-state', OneshotUtilityState);
  emit('utility-1');
  tell({ status: 'signedIn' });
  await settle();
  tellConnections({ rows: [{ connection: { status: 'connected' } }, { connection: { status: 'reconnect' } }] });
  tellConnections({ rows: [{ connection: { status: 'connected' } }] });
  expect(shown().slice(-2)).toEqual([
    { icon: 'warning', label: 'OneShot: reconnect', highlighted: true },
    { icon: 'user', label: 'OneShot', highlighted: false },
  ]);
});

test('a bar that does not tell its label keeps it', async () => {
  jest.mocked(getInfo).mockRejectedValueOnce(new Error('not now'));
  await mount('c-oneshot-utility-state', OneshotUtilityState);
  emit('utility-1');
  await settle();
  expect(shown()).toEqual([{ icon: 'people', highlighted: false }]);
});

test('outside a utility bar nothing is asked of it', async () => {
  await mount('c-oneshot-utility-state', OneshotUtilityState);
  emit(undefined);
  tell({ status: 'signedIn' });
  tellConnections({ rows: [{ connection: { status: 'reconnect' } }] });
  expect(updateUtility).not.toHaveBeenCalled();
});
