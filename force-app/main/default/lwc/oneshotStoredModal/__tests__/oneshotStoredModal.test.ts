import OneshotStoredModal from 'c/oneshotStoredModal';
import { mount } from '../../../../../test/mount';

afterEach(() => document.body.replaceChildren());

test.each([
  [false, 'in memory only, for 60 minutes at most'],
  [true, 'not kept at all'],
])('says what is kept and what never is; cache off: %s', async (isCacheOff, words) => {
  const element = await mount('c-oneshot-stored-modal', OneshotStoredModal, { isCacheOff });
  expect(element.shadowRoot?.textContent).toContain(words);
  expect(element.shadowRoot?.textContent).toContain(
    'We keep: company, contact, you, channel, time, outcome. Never: address, name, subject or text.',
  );
  await expect(element).toBeAccessible();
});
