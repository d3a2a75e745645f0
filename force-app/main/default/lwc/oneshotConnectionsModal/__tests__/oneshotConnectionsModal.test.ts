import OneshotConnectionsModal from 'c/oneshotConnectionsModal';
import { find, hear, mount } from '../../../../../test/mount';

afterEach(() => document.body.replaceChildren());

test('holds the panel, and closes', async () => {
  const modal = await mount('c-oneshot-connections-modal', OneshotConnectionsModal);
  expect(find(modal, 'c-oneshot-connections-panel')).not.toBeNull();
  const closed = hear(modal, 'privateclose');
  find(modal, 'lightning-button').click();
  expect(closed).toHaveBeenCalledTimes(1);
  await expect(modal).toBeAccessible();
});
