import { Problem } from 'c/oneshotApi';
import OneshotProblem from 'c/oneshotProblem';
import { settle } from '../../../../../test/backend';
import { find, hear, mount } from '../../../../../test/mount';

type Button = HTMLElement & { label: string; disabled: boolean };
const show = (problem: Problem, properties: object = {}): Promise<HTMLElement> =>
  mount('c-oneshot-problem', OneshotProblem, { problem, ...properties });

afterEach(() => {
  jest.useRealTimers();
  document.body.replaceChildren();
});

test('says what it is, for whom, and gives the number for support', async () => {
  const element = await show(new Problem({ code: 'crm_limit', status: 503, requestId: 'req-7' }));
  expect(element.shadowRoot?.textContent).toContain('used up its Salesforce API calls');
  expect(element.shadowRoot?.textContent).toContain('Number for support: req-7');
  expect(find<Button>(element, 'lightning-button').label).toBe('Try again');
  await expect(element).toBeAccessible();
});

test.each([
  [{ code: 'bad_answer', status: 503 }, 'OneShot is away for a moment.'],
  [{ code: 'bad_answer', status: 200 }, "OneShot's answer could not be read."],
  [{ code: 'whatever', status: 429 }, 'That was a lot at once.'],
  [{ code: 'constructor', status: 500 }, 'Something went wrong on our side.'],
])('%j', async (detail, words) => {
  const element = await show(new Problem(detail));
  expect(element.shadowRoot?.textContent).toContain(words);
});

test('the button waits as long as the backend asked for', async () => {
  jest.useFakeTimers();
  const element = await show(new Problem({ code: 'rate', status: 429, retryAfter: 30 }));
  const button = find<Button>(element, 'lightning-button');
  expect(button.disabled).toBe(true);
  await jest.advanceTimersByTimeAsync(29_999);
  expect(button.disabled).toBe(true);
  await jest.advanceTimersByTimeAsync(1);
  await settle();
  expect(button.disabled).toBe(false);
});

test('the wrong region is one button to the right one, or none where it is not in the list', async () => {
  const problem = new Problem({ code: 'wrong_region', status: 421 });
  const element = await show(problem, { region: 'eu' });
  const [go, retry] = [hear(element, 'continue'), hear(element, 'retry')];
  find(element, 'lightning-button').click();
  expect([go.mock.calls.length, retry.mock.calls.length]).toEqual([1, 0]);
  const unknown = await show(problem);
  expect(unknown.shadowRoot?.textContent).toContain("Your company's data lives in another region.");
  expect(unknown.shadowRoot?.querySelector('lightning-button')).toBeNull();
});
