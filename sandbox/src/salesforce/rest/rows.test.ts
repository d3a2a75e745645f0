import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ADMIN, REP_ONE, REP_TWO, startRest, type RestServer } from '../testing/rest.ts';

let server: RestServer;

beforeAll(async () => {
  server = await startRest(50);
});
beforeEach(() => {
  server.org.control.reset();
});
afterAll(() => server.close());

async function create(username: string, object: string, fields: object): Promise<string> {
  const { status, body } = await server.call(username, `/sobjects/${object}`, { method: 'POST', body: fields });
  expect({ status, body }).toEqual({ status: 201, body: { id: expect.any(String), success: true, errors: [] } });
  return (body as { id: string }).id;
}

const userId = (username: string): string => server.org.findUser(username)?.id ?? '';

test('a task is made, read, changed and deleted', async () => {
  const id = await create(REP_ONE, 'Task', {
    Subject: 'E-mail',
    Status: 'Completed',
    TaskSubtype: 'Email',
    ActivityDate: '2026-11-23',
  });
  expect(id).toMatch(/^00T\w{15}$/);
  const { body } = await server.call(REP_ONE, `/sobjects/Task/${id}?fields=Subject,OwnerId,Status`);
  expect(body).toEqual({
    attributes: { type: 'Task', url: `/services/data/v66.0/sobjects/Task/${id}` },
    Subject: 'E-mail',
    OwnerId: userId(REP_ONE),
    Status: 'Completed',
    Id: id,
  });
  const changed = await server.call(REP_ONE, `/sobjects/Task/${id}`, { method: 'PATCH', body: { Subject: 'Later' } });
  expect(changed).toMatchObject({ status: 204, body: undefined });
  expect(await server.call(REP_ONE, `/sobjects/Task/${id.slice(0, 15)}`)).toMatchObject({
    body: { Subject: 'Later', IsClosed: true },
  });
  // An empty body with the content type of JSON, as simple-salesforce sends it.
  const gone = await server.call(REP_ONE, `/sobjects/Task/${id}`, { method: 'DELETE', body: '' });
  expect(gone).toMatchObject({ status: 204 });
  expect(await server.call(REP_ONE, `/sobjects/Task/${id}`)).toMatchObject({
    status: 404,
    body: [{ errorCode: 'NOT_FOUND' }],
  });
});

test.each([
  ['Contact', { FirstName: 'x' }, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [LastName]', ['LastName']],
  [
    'Contact',
    { LastName: 'x', Foo__c: 1 },
    'INVALID_FIELD',
    "No such column 'Foo__c' on sobject of type Contact",
    undefined,
  ],
  [
    'Contact',
    { LastName: 'x', Name: 'y' },
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    'Unable to create/update fields: Name. Please check the security settings of this field and verify that it is read/write for your profile or permission set.',
    ['Name'],
  ],
  [
    'Contact',
    { LastName: 'x', CreatedDate: '2026-01-01T00:00:00Z' },
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    'CreatedDate',
    ['CreatedDate'],
  ],
  ['Contact', { LastName: 5 }, 'JSON_PARSER_ERROR', 'Cannot deserialize instance of string', undefined],
  [
    'Contact',
    { LastName: 'x', HasOptedOutOfEmail: 'yes' },
    'JSON_PARSER_ERROR',
    'Cannot deserialize instance of boolean',
    undefined,
  ],
  ['Contact', { LastName: 'x'.repeat(81) }, 'STRING_TOO_LONG', 'data value too large', ['LastName']],
  ['Contact', { LastName: 'x', Email: 'nobody' }, 'INVALID_EMAIL_ADDRESS', 'invalid email address: nobody', ['Email']],
  ['Contact', { LastName: 'x', AccountId: 'abc' }, 'MALFORMED_ID', 'id value of incorrect type: abc', ['AccountId']],
  [
    'Contact',
    { LastName: 'x', AccountId: '0015g00000zzzzz' },
    'INVALID_CROSS_REFERENCE_KEY',
    'invalid cross reference id',
    ['AccountId'],
  ],
  [
    'Task',
    { TaskSubtype: 'Pigeon' },
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    'bad value for restricted picklist field: Pigeon',
    ['TaskSubtype'],
  ],
  [
    'Opportunity',
    { Name: 'x', StageName: 'Prospecting', CloseDate: '2026-02-30' },
    'JSON_PARSER_ERROR',
    'instance of date',
    undefined,
  ],
  ['User', { LastName: 'x' }, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id', undefined],
  [
    'OneShotOrg__c',
    { HomeRegion__c: 'eu' },
    'INSUFFICIENT_ACCESS_OR_READONLY',
    'insufficient access rights on object id',
    undefined,
  ],
])('%s %j: %s', async (object, body, errorCode, message, fields) => {
  const answer = await server.call(REP_ONE, `/sobjects/${object}`, { method: 'POST', body });
  expect(answer.status).toBe(400);
  const [error] = answer.body as [{ message: string }];
  expect(error).toEqual({
    errorCode,
    message: expect.stringContaining(message),
    ...(fields === undefined ? {} : { fields }),
  });
});

test.each([
  ['{"LastName": ', 'JSON_PARSER_ERROR'],
  ['', 'JSON_PARSER_ERROR'],
  ['[]', 'JSON_PARSER_ERROR'],
  ['"text"', 'JSON_PARSER_ERROR'],
])('the body %j is refused', async (body, errorCode) => {
  expect(await server.call(REP_ONE, '/sobjects/Contact', { method: 'POST', body })).toMatchObject({
    status: 400,
    body: [{ errorCode }],
  });
});

test('a rep makes their key once; another finds it taken without learning whose it is', async () => {
  const body = { UserId__c: userId(REP_ONE), Half__c: 'half', Version__c: 1 };
  const id = await create(REP_ONE, 'OneShotKey__c', body);
  const duplicate = (of: string): unknown => ({
    status: 400,
    body: [
      {
        errorCode: 'DUPLICATE_VALUE',
        message: `duplicate value found: UserId__c duplicates value on record with id: ${of}`,
        fields: [],
      },
    ],
  });
  const again = await server.call(REP_ONE, '/sobjects/OneShotKey__c', { method: 'POST', body });
  expect({ status: again.status, body: again.body }).toEqual(duplicate(id));
  const other = await server.call(REP_TWO, '/sobjects/OneShotKey__c', { method: 'POST', body });
  expect({ status: other.status, body: other.body }).toEqual(duplicate(''));

  const soql = 'SELECT Id, Name, Half__c, OwnerId, CreatedById FROM OneShotKey__c';
  expect((await server.query(REP_ONE, soql)).records).toMatchObject([
    { Id: id, Name: 'KEY-000001', Half__c: 'half', OwnerId: userId(REP_ONE), CreatedById: userId(REP_ONE) },
  ]);
  expect((await server.query(REP_TWO, soql)).records).toEqual([]);
  expect(await server.call(REP_TWO, `/sobjects/OneShotKey__c/${id}`)).toMatchObject({
    status: 404,
    body: [{ errorCode: 'NOT_FOUND' }],
  });
  const change = { method: 'PATCH', body: { Half__c: 'other' } };
  const readOnly = { status: 400, body: [{ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' }] };
  expect(await server.call(REP_ONE, `/sobjects/OneShotKey__c/${id}`, change)).toMatchObject(readOnly);
  expect(await server.call(REP_ONE, `/sobjects/OneShotKey__c/${id}`, { method: 'DELETE' })).toMatchObject(readOnly);
});

test('an admin deletes keys and cannot read the half, nor make one', async () => {
  const id = await create(REP_ONE, 'OneShotKey__c', { UserId__c: userId(REP_ONE), Half__c: 'half' });
  const username = ADMIN;
  const own = await server.call(username, '/sobjects/OneShotKey__c', { method: 'POST', body: { UserId__c: 'x' } });
  expect(own).toMatchObject({ status: 400, body: [{ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' }] });
  expect(await server.call(username, `/sobjects/OneShotKey__c/${id}`)).toMatchObject({ status: 200 });
  expect((await server.call(username, `/sobjects/OneShotKey__c/${id}`)).body).not.toHaveProperty('Half__c');
  expect(await server.call(username, '/query?q=SELECT+Half__c+FROM+OneShotKey__c')).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INVALID_FIELD' }],
  });
  expect(await server.call(username, `/sobjects/OneShotKey__c/${id}`, { method: 'DELETE' })).toMatchObject({
    status: 204,
  });
});

test('with both permission sets somebody reads and changes everybody’s halves, as Salesforce adds rights up', async () => {
  const id = await create(REP_ONE, 'OneShotKey__c', { UserId__c: userId(REP_ONE), Half__c: 'half' });
  const username = 'keeper@demo.example';
  server.org.control.setUser({ username, permissions: ['OneShot_User', 'OneShot_Admin'] });
  const soql = 'SELECT Id, Half__c FROM OneShotKey__c';
  expect((await server.query(username, soql)).records).toMatchObject([{ Id: id, Half__c: 'half' }]);
  const change = { method: 'PATCH', body: { Half__c: 'edited' } };
  expect(await server.call(username, `/sobjects/OneShotKey__c/${id}`, change)).toMatchObject({ status: 204 });
  server.org.control.setUser({ username, permissions: ['OneShot_User'] });
  expect((await server.query(username, soql)).records).toEqual([]);
  expect(await server.call(username, `/sobjects/OneShotKey__c/${id}`, { method: 'DELETE' })).toMatchObject({
    status: 404,
  });
});

test('create withdrawn, a hidden half and a removed object read as in an org', async () => {
  const make = () =>
    server.call(REP_ONE, '/sobjects/OneShotKey__c', {
      method: 'POST',
      body: { UserId__c: userId(REP_ONE), Half__c: 'half' },
    });
  server.org.control.setAccess({ username: REP_ONE, object: 'OneShotKey__c', create: false });
  expect(await make()).toMatchObject({ status: 400, body: [{ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' }] });
  server.org.control.setAccess({ username: REP_ONE, object: 'OneShotKey__c', create: true });
  server.org.control.setAccess({ username: REP_ONE, object: 'OneShotKey__c', field: 'Half__c', read: false });
  expect(await make()).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_FIELD' }] });
  server.org.control.setAccess({
    username: REP_ONE,
    object: 'OneShotKey__c',
    field: 'Half__c',
    read: true,
    create: false,
  });
  expect(await make()).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' }] });
  server.org.control.setSchema({ object: 'OneShotKey__c', remove: ['OneShotKey__c'] });
  expect(await make()).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] });
  expect(await server.call(REP_ONE, '/query?q=SELECT+Id+FROM+OneShotKey__c')).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INVALID_TYPE' }],
  });
});

test('an upsert by external id inserts once and changes afterwards', async () => {
  const path = '/sobjects/Account/Customer_Code__c/X-1';
  const put = (body: object, suffix = ''): Promise<unknown> =>
    server.call(ADMIN, path + suffix, { method: 'PATCH', body });
  expect(await put({ Name: 'New' }, '?updateOnly=true')).toMatchObject({ status: 404 });
  expect(await put({ Name: 'New' })).toMatchObject({ status: 201, body: { created: true, success: true, errors: [] } });
  expect(await put({ Name: 'Changed' })).toMatchObject({ status: 200, body: { created: false } });
  expect(await server.call(ADMIN, path)).toMatchObject({ body: { Name: 'Changed', Customer_Code__c: 'X-1' } });
  expect(await put({ Customer_Code__c: 'Y' })).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_FIELD' }] });
  server.org.control.upsert('Account', [{ Name: 'Second', Customer_Code__c: 'X-1' }]);
  expect(await put({ Name: 'Which?' })).toMatchObject({ status: 300, body: [expect.any(String), expect.any(String)] });
  expect(await server.call(ADMIN, '/sobjects/Account/Name/x')).toMatchObject({
    status: 404,
    body: [{ errorCode: 'NOT_FOUND' }],
  });
});

test('the org’s record is the admin’s to write and everybody’s to read', async () => {
  const id = await create(ADMIN, 'OneShotOrg__c', { HomeRegion__c: 'eu' });
  expect((await server.query(REP_ONE, 'SELECT HomeRegion__c FROM OneShotOrg__c')).records).toMatchObject([
    { HomeRegion__c: 'eu' },
  ]);
  const change = { method: 'PATCH', body: { HomeRegion__c: 'us' } };
  expect(await server.call(REP_ONE, `/sobjects/OneShotOrg__c/${id}`, change)).toMatchObject({ status: 400 });
  expect(await server.call(ADMIN, `/sobjects/OneShotOrg__c/${id}`, change)).toMatchObject({ status: 204 });
});

test('an account of somebody else can be read but not changed', async () => {
  server.org.control.upsert('Account', [{ Id: '0015g00000zzzzz', Name: 'Not mine' }]);
  const path = '/sobjects/Account/0015g00000zzzzz';
  expect(await server.call(REP_ONE, path)).toMatchObject({ status: 200 });
  const change = { method: 'PATCH', body: { Name: 'x' } };
  expect(await server.call(REP_ONE, path, change)).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' }],
  });
  expect(await server.call(ADMIN, path, { ...change, body: { Name: null } })).toMatchObject({
    status: 400,
    body: [{ errorCode: 'REQUIRED_FIELD_MISSING' }],
  });
});

test('describe tells a user the fields that they may see', async () => {
  interface Describe {
    readonly fields: { readonly name: string }[];
    readonly childRelationships: { readonly relationshipName: string }[];
  }
  const describe = async (who: string): Promise<Describe> =>
    (await server.call(who, '/sobjects/Account/describe')).body as Describe;
  const one = await describe(REP_ONE);
  const field = (name: string): unknown => one.fields.find((each) => each.name === name);
  expect(field('Industry')).toMatchObject({ type: 'picklist', nillable: true, filterable: true });
  expect(field('Name')).toMatchObject({ nameField: true, nillable: false, length: 255, soapType: 'xsd:string' });
  expect(field('OwnerId')).toMatchObject({
    type: 'reference',
    referenceTo: ['User'],
    relationshipName: 'Owner',
    soapType: 'tns:ID',
  });
  expect(field('ActiveARR__c')).toMatchObject({
    type: 'currency',
    custom: true,
    label: 'Active ARR',
    precision: 18,
    scale: 2,
  });
  expect(field('Contract_Price_Per_Seat__c')).toMatchObject({ type: 'double', calculated: true, createable: false });
  expect(field('Tax_Number__c')).toMatchObject({ type: 'encryptedstring', encrypted: true, filterable: false });
  expect(field('Notes__c')).toMatchObject({ type: 'textarea', filterable: false, sortable: false });
  expect(field('Products__c')).toMatchObject({ type: 'multipicklist', sortable: false });
  expect(field('acme__Score__c')).toMatchObject({ type: 'double', label: 'Score' });
  expect(field('CurrencyIsoCode')).toMatchObject({ restrictedPicklist: true });
  expect(field('IsPersonAccount')).toBeUndefined();
  expect(one.childRelationships).toContainEqual(
    expect.objectContaining({ childSObject: 'Contact', field: 'AccountId', relationshipName: 'Contacts' }),
  );
  const two = await describe(REP_TWO);
  expect(two.fields.map(({ name }) => name)).toEqual(
    one.fields.map(({ name }) => name).filter((name) => name !== 'Industry'),
  );
  expect((await server.call(REP_TWO, '/sobjects/Account')).body).toMatchObject({
    objectDescribe: { name: 'Account', keyPrefix: '001' },
  });
});

test('what a mail to a contact needs: templates that the rep may see, consent, the parent’s name, a task', async () => {
  const soql =
    "SELECT Name, Subject, HtmlValue, Body, Encoding, TemplateType, Folder.Name FROM EmailTemplate WHERE IsActive = true AND TemplateType IN ('text', 'html')";
  const names = async (who: string) => (await server.query(who, soql)).records.map(({ Name }) => Name);
  expect(await names(REP_TWO)).toContain('Only for me');
  expect(await names(REP_ONE)).not.toContain('Only for me');
  expect(await names(REP_ONE)).not.toContain('Spring offer (over)');
  const hidden = await server.query(REP_TWO, "SELECT Id FROM EmailTemplate WHERE Name = 'Only for me'");
  expect(await server.call(REP_ONE, `/sobjects/EmailTemplate/${String(hidden.records[0]?.Id)}`)).toMatchObject({
    status: 404,
  });

  const { records } = await server.query(
    REP_ONE,
    'SELECT Id, AccountId, Email, HasOptedOutOfEmail, EmailBouncedDate, LastActivityDate, Individual.HasOptedOutSolicit, Individual.HasOptedOutProcessing, Individual.ShouldForget, Account.Parent.Name FROM Contact WHERE IndividualId != null LIMIT 1',
  );
  const contact = records[0];
  expect(contact).toMatchObject({ Individual: { ShouldForget: expect.any(Boolean) } });
  const body = {
    Subject: 'Email: x',
    Status: 'Completed',
    TaskSubtype: 'Email',
    ActivityDate: '2026-11-23',
    WhoId: contact?.Id,
    WhatId: contact?.AccountId,
    Description: 'x',
  };
  const log = (fields: object) =>
    server.call(REP_ONE, '/sobjects/Task', { method: 'POST', body: { ...body, ...fields } });
  expect(await log({})).toMatchObject({ status: 201 });
  expect(await log({ WhoId: contact?.AccountId })).toMatchObject({ status: 400 });
  expect(await log({ WhatId: '0015g00000zzzzzAAA' })).toMatchObject({ status: 400 });
  server.org.control.setAccess({ username: REP_ONE, object: 'Task', field: 'Description', create: false });
  expect(await log({})).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' }] });
  server.org.control.setAccess({ username: REP_ONE, object: 'Task', create: false });
  expect(await log({})).toMatchObject({ status: 400, body: [{ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' }] });
});
