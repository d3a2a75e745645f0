import { EnclosingUtilityId, updateUtility } from 'lightning/platformUtilityBarApi';
import { subscribe } from 'c/oneshotSession';
import OneshotUtilityState from 'c/oneshotUtilityState';
import { settle } from '../../../../../test/backend';
import { mount } from '../../../../../test/mount';

jest.mock('c/oneshotSession', () => ({ subscribe: jest.fn() }));
const emit = (EnclosingUtilityId as unknown as { emit: (id: unknown) => void }).emit.bind(EnclosingUtilityId);
let tell: (view: { status: string }) => void;

beforeEach(() => {
  jest.mocked(updateUtility).mockClear();
  jest.mocked(subscribe).mockImplementation((listener) => {
    tell = listener as typeof tell;
    return () => undefined;
  });
});
afterEach(() => document.body.replaceChildren());

test('the icon says whether the rep is signed in', async () => {
  await mount('c-oneshot-utility-state', OneshotUtilityState);
  emit('utility-1');
  tell({ status: 'signedIn' });
  tell({ status: 'signedIn' });
  tell({ status: 'expired' });
  await settle();
  expect(jest.mocked(updateUtility).mock.calls).toEqual([
    ['utility-1', { icon: 'people' }],
    ['utility-1', { icon: 'user' }],
    ['utility-1', { icon: 'lock' }],
  ]);
});

test('outside a utility bar nothing is asked of it', async () => {
  await mount('c-oneshot-utility-state', OneshotUtilityState);
  emit(undefined);
  tell({ status: 'signedIn' });
  expect(updateUtility).not.toHaveBeenCalled();
});
