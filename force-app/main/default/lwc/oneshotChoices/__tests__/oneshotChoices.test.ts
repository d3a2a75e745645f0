import OneshotChoices, { type Choice } from 'c/oneshotChoices';
import { all, hear, mount } from '../../../../../test/mount';

const choices: Choice[] = [
  { value: '1', label: 'First', note: '', isDisabled: false },
  { value: '2', label: 'Second', note: 'Locked', isDisabled: true },
  { value: '3', label: 'Third', note: '', isDisabled: false },
];
const show = (value: string | null): Promise<HTMLElement> =>
  mount('c-oneshot-choices', OneshotChoices, { label: 'Sequence', choices, value });

afterEach(() => document.body.replaceChildren());

test('shows all, with the reason beside what cannot be chosen', async () => {
  const element = await show('3');
  const inputs = all<HTMLInputElement>(element, 'input');
  expect(inputs.map(({ checked, disabled }) => [checked, disabled])).toEqual([
    [false, false],
    [false, true],
    [true, false],
  ]);
  expect(all(element, '.note').map(({ textContent }) => textContent)).toEqual(['Locked']);
  expect(all(element, 'label')[1]?.textContent).toContain('Locked');
  await expect(element).toBeAccessible();
});

test('tells what was chosen', async () => {
  const element = await show(null);
  const change = hear(element, 'change');
  all<HTMLInputElement>(element, 'input')[0]?.click();
  expect(change).toHaveBeenCalledWith({ value: '1' });
});

test('two groups on a page do not exclude each other', async () => {
  const names = [await show(null), await show(null)].map((each) => all<HTMLInputElement>(each, 'input')[0]?.name);
  expect(names[0]).not.toBe(names[1]);
});
