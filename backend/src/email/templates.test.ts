import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../test/harness.ts';
import { textOf, type Answer, type Json, type RepClient } from '../../test/sign-in.ts';
import { checksumOf } from '../http/crm-id.ts';

const REP = 'rep.one@demo.example';
const withCheck = (id: string): string => id + checksumOf(id);
const ACCOUNT = withCheck('0019Z0000000001');
const CONTACT = withCheck('0039Z0000000001');

let stack: Stack;
let rep: RepClient;
let made = 0;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '60' });
  rep = await stack.signIn(REP);
  await stack.sandbox.upsert('Account', [
    { Id: ACCOUNT, Name: 'Müller & <Söhne>', Industry: 'Energy', ActiveARR__c: 12.5, NumberOfEmployees: 42 },
  ]);
  await stack.sandbox.upsert('Contact', [
    {
      Id: CONTACT,
      AccountId: ACCOUNT,
      FirstName: 'Ana',
      LastName: `O'Ruiz "<script>alert(1)</script>"`,
      Email: 'a@b.example',
    },
  ]);
}, 240_000);
afterAll(() => stack.close());

async function template(fields: object): Promise<string> {
  made += 1;
  const Id = withCheck(`00X9Z000000${String(made).padStart(4, '0')}`);
  const [folder] = await stack.sandbox.records('Folder');
  await stack.sandbox.upsert('EmailTemplate', [
    {
      ...{ Id, Name: `Test ${made}`, DeveloperName: `Test_${made}`, FolderId: folder?.Id, FolderName: 'Sales' },
      ...{ TemplateType: 'html', IsActive: true, Subject: 'x', ...fields },
    },
  ]);
  return Id;
}

const render = (id: string, contactId = CONTACT, by = rep): Promise<Answer> =>
  by.post(`/v1/email-templates/${id}/render`, { contactId });

async function rendered(fields: object): Promise<Json> {
  const { status, body } = await render(await template(fields));
  expect([status, body]).toEqual([200, expect.anything()]);
  return body;
}

describe('the list', () => {
  test('has the org’s own active templates by name, with their folders, and no code of Visualforce', async () => {
    await template({ Name: 'Zzz code', TemplateType: 'visualforce' });
    await template({ Name: 'Zzz asleep', IsActive: false });
    const { status, body } = await rep.get('/v1/email-templates');
    expect(status).toBe(200);
    const rows = body.rows as unknown as Json[];
    expect(rows.map(({ name, folder }) => [name, folder])).toEqual(
      expect.arrayContaining([
        ['First contact', 'Sales'],
        ['Mail footer', 'Legal'],
      ]),
    );
    expect(rows.some(({ name }) => textOf(name).startsWith('Zzz'))).toBe(false);
    expect(Object.keys(rows[0] ?? {})).toEqual(['id', 'name', 'folder']);
  });

  test('is paged, and finds part of a name, wildcards taken as they are', async () => {
    await stack.sandbox.upsert(
      'EmailTemplate',
      Array.from({ length: 205 }, (_, index) => ({
        Id: withCheck(`00X9Y000000${String(index).padStart(4, '0')}`),
        Name: `Many ${String(index).padStart(3, '0')}${index === 7 ? ' 50%' : ''}`,
        ...{ DeveloperName: `Many_${index}`, FolderId: withCheck('00l000000000001'), FolderName: 'Sales' },
        ...{ TemplateType: 'text', IsActive: true },
      })),
    );
    const first = (await rep.get('/v1/email-templates?search=many')).body;
    const cursor = textOf(first.nextCursor);
    const second = (await rep.get(`/v1/email-templates?search=many&cursor=${cursor}`)).body;
    expect(second.nextCursor).toBeNull();
    const names = [first, second].flatMap(({ rows }) => (rows as unknown as Json[]).map(({ name }) => textOf(name)));
    expect(names).toHaveLength(205);
    expect(names).toEqual([...names].sort());
    const percent = (await rep.get(`/v1/email-templates?search=${encodeURIComponent('50%')}`)).body;
    expect((percent.rows as unknown as Json[]).map(({ name }) => name)).toEqual(['Many 007 50%']);
    expect((await rep.get(`/v1/email-templates?cursor=${cursor}`)).status).toBe(400);
  });
});

describe('rendering', () => {
  test('fills classic and Lightning merge fields, escaped in HTML and plain in text and subject', async () => {
    const body = await rendered({
      Subject: 'For {!Contact.FirstName} at {!Account.Name}',
      HtmlValue:
        '<p>{!Contact.LastName} / {{{Recipient.FirstName}}} / {!Contact.Account.Name} / {!Contact.Account}</p>',
      Body: '{!Contact.LastName} / {{Recipient.FirstName}} / {{{Recipient.Account.Name}}}',
    });
    expect(body.subject).toBe('For Ana at Müller & <Söhne>');
    expect(body.html).toBe(
      `<p>O'Ruiz "&lt;script&gt;alert(1)&lt;/script&gt;" / Ana / Müller &amp; &lt;Söhne&gt; / Müller &amp; &lt;Söhne&gt;</p>`,
    );
    expect(body.text).toBe(`O'Ruiz "<script>alert(1)</script>" / Ana / Müller & <Söhne>`);
    expect(body.missing).toEqual([]);
  });

  test('knows sender, user and organization, numbers and fields in any case', async () => {
    const body = await rendered({
      HtmlValue:
        '<p>{{{Sender.Name}}}|{!User.FirstName}|{!$User.Email}|{!Organization.Name}|{!account.numberofemployees}</p>',
    });
    expect(body.html).toBe('<p>Robin Onesmith|Robin|rep.one@demo.example|Demo Org|42</p>');
  });

  test('names what is missing, each once, and takes the fallback where there is one', async () => {
    const body = await rendered({
      Subject: '{!Contact.Title}',
      HtmlValue:
        '<p>{!Contact.Title}{!NULLVALUE(Contact.Title, "colleague")} {!BLANKVALUE(Contact.Department, &quot;you&quot;)} {!Contact.Nope__c} {!Lead.Name} {!IF(ISBLANK(Contact.Title), "a", "b")} {{{Recipient.Owner.Name}}}</p>',
    });
    expect(body.html).toMatch(/^<p>colleague you +<\/p>$/);
    expect(body.subject).toBe('');
    expect(body.missing).toEqual([
      'Contact.Title',
      'Contact.Nope__c',
      'Lead.Name',
      'IF(ISBLANK(Contact.Title), "a", "b")',
      'Recipient.Owner.Name',
    ]);
  });

  test('sanitises the template, and a value cannot become a link that runs', async () => {
    await stack.sandbox.upsert('Account', [{ Id: ACCOUNT, Website: 'javascript:alert(1)' }]);
    const { html } = await rendered({
      HtmlValue:
        '<html><head><style>p{}</style></head><body onload="x()"><script>1</script><img src="https://t.example/p.gif"><a href="{!Account.Website}">site</a></body></html>',
    });
    expect(html).toBe('<a>site</a>');
  });

  test('a text template becomes paragraphs, an HTML template without text gets one', async () => {
    const text = await rendered({ TemplateType: 'text', Body: 'Hello {!Contact.FirstName},\n\nbye <b>' });
    expect(text).toMatchObject({ html: '<p>Hello Ana,</p><p>bye &lt;b&gt;</p>', text: 'Hello Ana,\n\nbye <b>' });
    const html = await rendered({ HtmlValue: '<p>Hello {!Contact.FirstName}</p><p>Bye</p>', Body: null });
    expect(html.text).toBe('Hello Ana\n\nBye');
  });

  test('a line break in a value does not get into the subject', async () => {
    await stack.sandbox.upsert('Contact', [{ Id: CONTACT, Description: 'a\r\nBcc: x@y.example' }]);
    expect((await rendered({ Subject: 'x {!Contact.Description}' })).subject).toBe('x a Bcc: x@y.example');
  });

  test('a field that the rep may not see is missing', async () => {
    const id = await template({ HtmlValue: '<p>{!Account.Industry}</p>' });
    await stack.sandbox.access(REP, 'Account', { field: 'Industry', read: false });
    expect((await render(id)).body).toMatchObject({ html: '<p></p>', missing: ['Account.Industry'] });
    await stack.sandbox.access(REP, 'Account', { field: 'Industry', read: true });
  });

  test('what the rep may not see, or is not there, is 404; what is no template or contact names its rule', async () => {
    const hidden = await template({ $visibleTo: [] });
    const asleep = await template({ IsActive: false });
    const code = await template({ TemplateType: 'visualforce' });
    for (const id of [hidden, asleep, code]) expect((await render(id)).status).toBe(404);
    const id = await template({});
    expect((await render(id, withCheck('0039Z0000099999'))).status).toBe(404);
    expect((await render(id, ACCOUNT)).body.error).toMatchObject({ field: 'contactId', rule: 'crm_id' });
    expect((await render(CONTACT)).body.error).toMatchObject({ field: 'id', rule: 'crm_id' });
  });
});
