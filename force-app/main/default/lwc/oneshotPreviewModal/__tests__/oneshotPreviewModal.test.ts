import OneshotPreviewModal from 'c/oneshotPreviewModal';
import { find, mount } from '../../../../../test/mount';
import { wordsOf } from '../../../../../test/tab';

test('shows to whom, the subject and the mail, and says that a footer may follow', async () => {
  const properties = { name: 'Ana', subject: ' ', html: '<p>Dear Ana</p>' };
  const element = await mount('c-oneshot-preview-modal', OneshotPreviewModal, properties);
  expect(wordsOf(element)).toContain('(no subject)');
  expect(wordsOf(element)).toContain('it is added at sending');
  expect(find<HTMLElement & { value: string }>(element, 'lightning-formatted-rich-text').value).toBe('<p>Dear Ana</p>');
  await expect(element).toBeAccessible();
});
