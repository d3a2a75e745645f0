import OneshotUtility from 'c/oneshotUtility';
import { all, find, mount } from '../../../../../test/mount';

afterEach(() => document.body.replaceChildren());

test('has a tab each for customers, the mail that is written, and what was sent', async () => {
  const utility = await mount('c-oneshot-utility', OneshotUtility);
  const tabs = all<HTMLElement & { label: string; value: string }>(utility, 'lightning-tab');
  expect(tabs.map(({ label }) => label)).toEqual(['Customers', 'Write', 'Activity']);
  expect(find(utility, 'c-oneshot-workspace')).not.toBeNull();
  expect(find(utility, 'c-oneshot-activity-list')).not.toBeNull();
  expect(find(utility, 'c-oneshot-home-region')).not.toBeNull();
  expect(find(utility, 'c-oneshot-utility-state')).not.toBeNull();
});
