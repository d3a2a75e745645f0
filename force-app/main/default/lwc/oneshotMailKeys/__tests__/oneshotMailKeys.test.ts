import { onMailKey } from 'c/oneshotMailKeys';

function press(init: KeyboardEventInit, isUsed = false): { send: number; leave: number; event: KeyboardEvent } {
  const [send, leave] = [jest.fn(), jest.fn()];
  const event = new KeyboardEvent('keydown', { cancelable: true, bubbles: true, ...init });
  if (isUsed) event.preventDefault();
  onMailKey(event, { send, leave });
  return { send: send.mock.calls.length, leave: leave.mock.calls.length, event };
}

test.each([{ ctrlKey: true }, { metaKey: true }])('Enter with %j sends', (held) => {
  const { send, leave, event } = press({ key: 'Enter', ...held });
  expect([send, leave, event.defaultPrevented]).toEqual([1, 0, true]);
});

test('Esc leaves, unless a picker inside used it for itself', () => {
  expect(press({ key: 'Escape' })).toMatchObject({ send: 0, leave: 1 });
  expect(press({ key: 'Escape' }, true)).toMatchObject({ send: 0, leave: 0 });
});

test.each(['Enter', 'a', 'Tab'])('%s alone is just a key', (key) => {
  const { send, leave, event } = press({ key });
  expect([send, leave, event.defaultPrevented]).toEqual([0, 0, false]);
});
