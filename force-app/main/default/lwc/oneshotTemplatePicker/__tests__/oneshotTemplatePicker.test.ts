import { settle } from '../../../../../test/backend';
import { all, find, hear } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

const template = (n: number, name: string | null, folder: string | null): object => {
  return { id: `00X00000000000${String(n)}AAA`, name, folder };
};

let tab: Tab;
beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  await tab.signIn();
  tab.backend.on('GET /v1/email-templates', ({ query }) =>
    query.get('cursor') === null
      ? { body: { rows: [template(1, 'Überblick', 'Sales'), template(2, 'Intro', null)], nextCursor: 'c' } }
      : { body: { rows: [template(3, 'News', 'Marketing')], nextCursor: null } },
  );
});
afterEach(() => tab.close());

test('shows all templates by folder, over all pages', async () => {
  const element = await tab.show('c/oneshotTemplatePicker');
  expect(all(element, '.folder').map(({ textContent }) => textContent)).toEqual([
    'Marketing',
    'Sales',
    'Without a folder',
  ]);
  const choose = hear(element, 'choose');
  await press(element, 'Intro');
  expect(choose).toHaveBeenCalledWith({ id: '00X000000000002AAA', name: 'Intro' });
  await tab.expectAccessible(element);
});

test('search ignores accents and finds by folder too', async () => {
  const element = await tab.show('c/oneshotTemplatePicker');
  const search = async (value: string): Promise<string[]> => {
    find(element, 'lightning-input').dispatchEvent(new CustomEvent('change', { detail: { value } }));
    await settle();
    return all(element, '.template').map(({ textContent }) => textContent ?? '');
  };
  expect(await search('uber')).toEqual(['Überblick']);
  expect(await search('market')).toEqual(['News']);
  expect(await search('nothing')).toEqual([]);
  expect(wordsOf(element)).toContain('Nothing found.');
});

test('Esc closes the picker and nothing else', async () => {
  const element = await tab.show('c/oneshotTemplatePicker');
  const outer = hear(document.body, 'keydown');
  const close = hear(element, 'close');
  const event = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true, cancelable: true });
  find(element, '.picker').dispatchEvent(event);
  expect(close).toHaveBeenCalledTimes(1);
  expect(outer).not.toHaveBeenCalled();
});

test('an org whose templates the rep may not see says so', async () => {
  tab.backend.on('GET /v1/email-templates', { body: { rows: [], nextCursor: null } });
  expect(wordsOf(await tab.show('c/oneshotTemplatePicker'))).toContain('Salesforce shows you no email templates.');
});

test('a problem can be tried again', async () => {
  tab.backend.on('GET /v1/email-templates', { status: 401, body: { error: { code: 'session_ended', message: 'x' } } });
  const element = await tab.show('c/oneshotTemplatePicker');
  tab.backend.on('GET /v1/email-templates', { body: { rows: [template(1, null, 'Sales')], nextCursor: null } });
  find(element, 'c-oneshot-problem').dispatchEvent(new CustomEvent('retry'));
  expect(tab.opened).toHaveLength(2);
  await tab.arrive();
  expect(wordsOf(element)).toContain('(name hidden)');
});
