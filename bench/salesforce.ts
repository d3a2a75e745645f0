/** A process that serves made-up accounts as Salesforce does: `node salesforce.js <accounts> <latency in ms>`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ACCOUNT_FIELDS, makeRecords } from './records.ts';

const PAGE = 2_000;
const count = Number(process.argv[2]);
const latencyMs = Number(process.argv[3] ?? 0);

const records = makeRecords(count);
const pages: Buffer[] = [];
for (let from = 0; from < Math.max(count, 1); from += PAGE) {
  const to = from + PAGE;
  const more = to < count ? { done: false, nextRecordsUrl: `/services/data/v66.0/query/01g-${to}` } : { done: true };
  pages.push(Buffer.from(JSON.stringify({ totalSize: count, ...more, records: records.slice(from, to) })));
}
const describe = Buffer.from(
  JSON.stringify({
    name: 'Account',
    // A real describe has some hundred fields with many properties each.
    fields: [...ACCOUNT_FIELDS, ...Array.from({ length: 150 }, (_, index) => `Custom${index}__c`)].map((name) => ({
      name,
      label: name,
      type: name === 'ActiveARR__c' ? 'currency' : 'string',
      picklistValues: [],
      filterable: true,
      sortable: true,
      custom: name.endsWith('__c'),
      soapType: 'xsd:string',
      length: 255,
    })),
  }),
);

/** How an org with one currency answers to who asks for its currencies. */
const oneCurrency = Buffer.from(
  JSON.stringify([{ errorCode: 'INVALID_TYPE', message: "sObject type 'CurrencyType' is not supported." }]),
);

const server = createServer((request, response) => {
  const url = request.url ?? '';
  const isRefused = url.includes('CurrencyType');
  const body = isRefused
    ? oneCurrency
    : url.endsWith('/describe')
      ? describe
      : pages[Number(/01g-(\d+)$/.exec(url)?.[1] ?? 0) / PAGE];
  const answer = (): void => {
    response.writeHead(isRefused ? 400 : 200, {
      'content-type': 'application/json;charset=UTF-8',
      'content-length': body?.length ?? 0,
    });
    response.end(body);
  };
  if (latencyMs === 0) answer();
  else setTimeout(answer, latencyMs);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
});
