import { afterAll, beforeAll, expect, test } from '@jest/globals';
import jsforce from 'jsforce';
import { REP_ONE, REP_TWO, startRest, type RestServer } from '../testing/rest.ts';

let server: RestServer;

beforeAll(async () => {
  server = await startRest(3_600);
});
afterAll(() => server.close());

const connect = (username: string): jsforce.Connection =>
  new jsforce.Connection({ instanceUrl: server.url, accessToken: username, version: '66.0' });

test('queryMore follows nextRecordsUrl below the path prefix of the instance URL', async () => {
  const connection = connect('admin@demo.example');
  const first = await connection.query('SELECT Id, Name, Owner.Name FROM Account');
  expect(first).toMatchObject({ totalSize: 3_600, done: false });
  expect(first.records).toHaveLength(2_000);
  expect(first.nextRecordsUrl).toMatch(/\/services\/data\/v66\.0\/query\/01g\w{15}-2000$/);
  const second = await connection.queryMore(first.nextRecordsUrl ?? '');
  expect(second.done).toBe(true);
  expect(second.records).toHaveLength(1_600);
  expect(new Set([...first.records, ...second.records].map((record) => record.Id)).size).toBe(3_600);
  expect(connection.limitInfo.apiUsage).toMatchObject({ limit: 100_000 });
});

test('autoFetch reads all pages', async () => {
  const query = connect('admin@demo.example').query('SELECT Id FROM Account');
  const { records } = await query.execute({ autoFetch: true, maxFetch: 10_000 });
  expect(records).toHaveLength(3_600);
});

test('describe, create, retrieve, update, upsert and delete', async () => {
  const connection = connect(REP_ONE);
  const describe = await connection.sobject('Account').describe();
  expect(describe.fields.find(({ name }) => name === 'ActiveARR__c')).toMatchObject({
    type: 'currency',
    filterable: true,
  });
  const tasks = connection.sobject('Task');
  const created = await tasks.create({ Subject: 'E-mail', Status: 'Completed', TaskSubtype: 'Email' });
  expect(created).toMatchObject({ success: true, errors: [] });
  const id = created.id ?? '';
  await tasks.update({ Id: id, Subject: 'Later' });
  expect(await tasks.retrieve(id)).toMatchObject({ Subject: 'Later', Status: 'Completed', IsClosed: true });
  await tasks.delete(id);
  await expect(tasks.retrieve(id)).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
  const key = await connection
    .sobject('OneShotKey__c')
    .upsert({ UserId__c: '0055g00000000001', Half__c: 'x' }, 'UserId__c');
  expect(key).toMatchObject({ success: true, created: true });
});

test('a hidden field is an error that jsforce names', async () => {
  await expect(connect(REP_TWO).query('SELECT Id, Industry FROM Account')).rejects.toMatchObject({
    errorCode: 'INVALID_FIELD',
  });
});
