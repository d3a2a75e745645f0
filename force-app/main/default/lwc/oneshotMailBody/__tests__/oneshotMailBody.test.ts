import OneshotMailBody from 'c/oneshotMailBody';
import { settle } from '../../../../../test/backend';
import { all, find, hear, mount } from '../../../../../test/mount';
import { press, wordsOf } from '../../../../../test/tab';

type Body = HTMLElement & { html: string; designed: string | null; opening: string; isLocked: boolean };
const show = (properties: Partial<Body>): Promise<HTMLElement & Body> =>
  mount<Body>('c-oneshot-mail-body', OneshotMailBody, properties);

afterEach(() => document.body.replaceChildren());

test('an editor with the text, without formats that mail programs show differently', async () => {
  const element = await show({ html: '<p>Dear Ana</p>' });
  const editor = find<HTMLElement & { value: string; formats: string[] }>(element, 'lightning-input-rich-text');
  expect(editor.value).toBe('<p>Dear Ana</p>');
  expect(editor.formats).not.toContain('image');
  expect(editor.formats).not.toContain('font');
  const change = hear(element, 'change');
  editor.dispatchEvent(new CustomEvent('change', { detail: { value: '<p>x</p>' } }));
  expect(change).toHaveBeenCalledWith({ html: '<p>x</p>' });
});

test('is locked with the draft', async () => {
  const element = await show({ html: '<p>x</p>', isLocked: true });
  expect(find<HTMLElement & { disabled: boolean }>(element, 'lightning-input-rich-text').disabled).toBe(true);
});

test('a designed template is shown and not edited, below an opening line', async () => {
  const element = await show({ designed: '<table><tr><td>News</td></tr></table>', opening: 'Dear Ana' });
  expect(all(element, 'lightning-input-rich-text')).toHaveLength(0);
  expect(find<HTMLElement & { value: string }>(element, 'lightning-formatted-rich-text').value).toContain('News');
  expect(wordsOf(element)).toContain('This template has a layout that an editor would break');
  const change = hear(element, 'change');
  find(element, 'lightning-textarea').dispatchEvent(new CustomEvent('change', { detail: { value: 'Dear Bo' } }));
  expect(change).toHaveBeenCalledWith({ opening: 'Dear Bo' });
  const removed = hear(element, 'removetemplate');
  await press(element, 'Remove template');
  expect(removed).toHaveBeenCalledTimes(1);
  await expect(element).toBeAccessible();
});

describe('on a phone', () => {
  beforeEach(() => {
    jest.resetModules();
    jest.doMock('@salesforce/client/formFactor', () => ({ __esModule: true, default: 'Small' }), { virtual: true });
  });
  afterEach(() => {
    jest.dontMock('@salesforce/client/formFactor');
  });

  test('the text is plain; what is typed stays as it is typed, and goes out as paragraphs', async () => {
    const { default: component } = require('c/oneshotMailBody') as typeof import('c/oneshotMailBody');
    const element = await mount<Body>('c-oneshot-mail-body', component, { html: '<p>Dear <b>Ana</b></p>' });
    const field = find<HTMLElement & { value: string }>(element, 'lightning-textarea');
    expect(field.value).toBe('Dear Ana');
    const change = hear(element, 'change');
    field.dispatchEvent(new CustomEvent('change', { detail: { value: 'Dear Ana,\n\nhello ' } }));
    const { html } = (change.mock.calls[0] as [{ html: string }])[0];
    expect(html).toBe('<p>Dear Ana,</p><p>hello </p>');
    element.html = html;
    await settle();
    // The blank at the end is still there: the cursor does not jump.
    expect(field.value).toBe('Dear Ana,\n\nhello ');
  });
});
