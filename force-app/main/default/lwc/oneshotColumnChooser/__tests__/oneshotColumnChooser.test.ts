import OneshotColumnChooser from 'c/oneshotColumnChooser';
import { hideable } from 'c/oneshotCustomerColumns';
import { all, find, hear, mount } from '../../../../../test/mount';

afterEach(() => document.body.replaceChildren());

test('says how many columns are hidden and lets one be shown or hidden', async () => {
  const element = await mount('c-oneshot-column-chooser', OneshotColumnChooser, {
    columns: hideable,
    hiddenNames: ['city', 'website'],
  });
  const menu = find<HTMLElement & { label: string }>(element, 'lightning-button-menu');
  expect(menu.label).toBe('Columns +2');
  expect(all(element, 'lightning-menu-item')).toHaveLength(8);
  const choose = hear(element, 'choose');
  menu.dispatchEvent(new CustomEvent('select', { detail: { value: 'city' } }));
  expect(choose).toHaveBeenLastCalledWith({ hidden: ['website'] });
  menu.dispatchEvent(new CustomEvent('select', { detail: { value: 'arr' } }));
  expect(choose).toHaveBeenLastCalledWith({ hidden: ['city', 'website', 'arr'] });
  await expect(element).toBeAccessible();
});
