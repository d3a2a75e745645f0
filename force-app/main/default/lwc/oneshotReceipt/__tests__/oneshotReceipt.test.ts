import { createElement } from 'lwc';
import OneshotReceipt from 'c/oneshotReceipt';
import type { Receipt } from 'c/oneshotApi';

const receipt: Receipt = {
  id: 'abcdefghijkl-rest-of-it',
  state: 'complete',
  counts: { users: 1, connections: 2, activities: 1200, sessions: 0 },
  revocations: [
    { provider: 'gmail', result: 'revoked' },
    { provider: 'outlook', result: 'no_endpoint' },
    { provider: 'outreach', result: 'needs_rep' },
  ],
  backupsGoneAt: '2026-12-29T12:01:00.000Z',
  completedAt: '2026-11-24T12:01:00.000Z',
  signature: 'kid.signature',
};

function show(shown: Receipt): HTMLElement {
  const element = createElement('c-oneshot-receipt', { is: OneshotReceipt });
  element.receipt = shown;
  element.heading = 'What was held about Rita Rep is erased.';
  document.body.appendChild(element);
  return element;
}

const facts = (element: HTMLElement): (string | null)[] =>
  [...(element.shadowRoot?.querySelectorAll('li') ?? [])].map((one) => one.textContent);

afterEach(() => document.body.replaceChildren());

test('how much went, which grants somebody ends where, when the last backup is gone; focus is led to it', async () => {
  const element = show(receipt);
  expect(facts(element)).toEqual([
    expect.stringMatching(/^Complete since Nov 24, 2026/),
    'Erased: users (1), connections (2), and activities (1,200).',
    'Gmail: the grant was ended at the provider.',
    expect.stringMatching(/^Outlook: .*from outside/),
    expect.stringMatching(/^Outreach: .*Only the person/),
    expect.stringMatching(/^The last backup that still holds the keys is gone on Dec 29, 2026/),
  ]);
  expect(element.shadowRoot?.activeElement?.textContent).toBe('What was held about Rita Rep is erased.');
  await expect(element).toBeAccessible();
});

test('nothing held, a word of the backend that is new: shown as far as it is known', () => {
  const element = show({
    ...receipt,
    counts: {},
    revocations: [{ provider: 'fax', result: 'burned' }],
    backupsGoneAt: null,
    completedAt: null,
  });
  expect(facts(element)).toEqual(['Nothing was held.', 'burned']);
});

test('the download is the very document, so that its signature holds', async () => {
  const blobs: Blob[] = [];
  URL.createObjectURL = (blob: Blob) => {
    blobs.push(blob);
    return 'blob:x';
  };
  const clicked = jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    expect(this.download).toBe('oneshot-receipt-abcdefghijkl.json');
  });
  const element = show(receipt);
  element.shadowRoot?.querySelector('lightning-button')?.dispatchEvent(new CustomEvent('click'));
  await Promise.resolve();
  expect(clicked).toHaveBeenCalledTimes(1);
  const text = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsText(blobs[0] as Blob);
  });
  expect(JSON.parse(String(text))).toEqual(receipt);
  expect(element.shadowRoot?.querySelector('[role=status]')?.textContent).toContain(
    'oneshot-receipt-abcdefghijkl.json',
  );
});
