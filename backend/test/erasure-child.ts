import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { writeHeapSnapshot } from 'node:v8';
import mongoose from 'mongoose';
import { PayingAccounts } from '../src/accounts/paying-accounts.ts';
import { ErasableMemory } from '../src/accounts/list/memory.ts';
import type { ListQuery } from '../src/accounts/list/account-list.ts';
import type { Rep } from '../src/auth/rep.ts';
import { Inventory } from '../src/database/inventory.ts';
import { newId } from '../src/database/new-id.ts';
import { orgModel } from '../src/database/org-model.ts';
import { createLog } from '../src/http/log.ts';
import { FileLedger } from '../src/ledger/file-ledger.ts';
import { Erasure } from '../src/privacy/erasure.ts';
import { privacyModels } from '../src/privacy/model.ts';
import { Receipts } from '../src/privacy/receipts.ts';
import { openCrmConnection } from '../src/salesforce/connect.ts';
import { CrmTransport } from '../src/salesforce/transport.ts';
import { defaultSettings } from '../src/settings/defaults.ts';
import { DataKeys } from '../src/vault/data-keys.ts';
import { openKeyFile } from '../src/vault/key-file.ts';
import { ProofKeys } from '../src/vault/proof-keys.ts';
import { Secret } from '../src/vault/secret.ts';
import { signingKeyModel } from '../src/vault/signing-key-model.ts';

/**
 * A process of the same build that pulls, lists, searches, sorts and counts, erases, and then writes a heap snapshot.
 * It is started by erasure.test.ts with `--expose-gc` and the settings below, and knows no canary but from its pulls.
 */
const { CRM_URL = '', SNAPSHOT = '', ENDING = '', PLANT = '', MONGODB_URI = '' } = process.env;
const ORG = newId('org');
const USER = newId('usr');
const EXPIRY_MINUTES = 0.1;

/** What the process found out, printed as one line of JSON. */
export interface ErasureReport {
  readonly total: number;
  readonly matched: number;
  /** Facet values of the industry that the list counted. */
  readonly facets: number;
  /** Buffers with anything but zeros in them, while the list was in use. */
  readonly filledBefore: number;
  /** Buffers that were ever handed out. */
  readonly buffers: number;
  /** Of these, such with anything but zeros in them after the erasure. */
  readonly filledAfter: number;
  /** Bytes that the memory still counts as held. */
  readonly bytesHeld: number;
}

/**
 * Lives to the end, as in a process that goes on serving others: nothing is erased by being let go. `planted` is what a
 * defect would keep.
 */
const kept = { ...start(), planted: undefined as unknown };
Object.assign(globalThis, { kept });

const used = await work();
await end();
// As a row would stay whose buffer nobody gives back.
if (PLANT === 'buffer') kept.memory.allocate(16).fill(1);
for (let round = 0; round < 3; round += 1) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  globalThis.gc?.();
}
writeHeapSnapshot(SNAPSHOT);
const report: ErasureReport = {
  ...used,
  buffers: kept.buffers.length,
  filledAfter: filled(),
  bytesHeld: kept.memory.bytes,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
// Keeps the process as it is until its parent has read the report.
await once(createInterface({ input: process.stdin }), 'close');
process.exit(0);

function start() {
  const memory = new ErasableMemory();
  const buffers: Buffer[] = [];
  memory.watch((buffer) => buffers.push(buffer));
  const cache = { enabled: ENDING !== 'cache-off', minutes: ENDING === 'expiry' ? EXPIRY_MINUTES : 60 };
  const products = { source: 'accountField', field: 'Products__c' } as const;
  const settings = { ...defaultSettings('us'), products, cache };
  const accounts = new PayingAccounts({
    settingsOf: () => Promise.resolve({ settings, isSaved: true }),
    log: createLog('info', new Writable({ write: (_chunk, _encoding, done) => done() })),
    memory,
  });
  const transport = new CrmTransport();
  const rep: Rep = {
    userId: USER,
    orgId: ORG,
    sessionId: newId('ses'),
    salesforceUserId: '005000000000001AAA',
    salesforceOrgId: '00D000000000001AAA',
    isAdmin: false,
    origin: 'https://demo.lightning.force.com',
    signedInAt: Date.now(),
    expiresAt: Date.now() + 3_600_000,
    crm: openCrmConnection({ instanceUrl: CRM_URL, accessToken: Secret.of('token') }, transport),
  };
  return { memory, buffers, accounts, transport, rep };
}

/** What a rep does: the list in several orders, a search for the first account's name, a filter by its industry. */
async function work(): Promise<Pick<ErasureReport, 'total' | 'matched' | 'facets' | 'filledBefore'>> {
  const whole = await page({});
  for (const sort of ['name', 'industry', 'country', 'modified'] as const) await page({ sort, order: 'asc' });
  const [first] = whole.rows;
  if (first === undefined) throw new Error('The list is empty');
  if (PLANT === 'value') kept.planted = first.name;
  const found = await page({ search: first.name, industry: [first.industry] });
  return {
    total: whole.total,
    matched: found.matched,
    facets: whole.facets.industry.length,
    filledBefore: found.filledNow,
  };
}

interface Page {
  readonly total: number;
  readonly matched: number;
  readonly rows: readonly { readonly name: string; readonly industry: string }[];
  readonly facets: { readonly industry: readonly unknown[] };
  readonly filledNow: number;
}

async function page(change: Readonly<Record<string, unknown>>): Promise<Page> {
  const query = { sort: 'arr', order: 'desc', offset: 0, limit: 200, ...change } as unknown as ListQuery;
  const signal = new AbortController().signal;
  return kept.accounts.withList(kept.rep, { signal: () => signal, order: query }, ({ list, freshness }) => {
    const body = list.page(query, (matched) => ({
      before: `{"total":${freshness.total},"matched":${matched},"rows":`,
      after: '}',
    }));
    return { ...(JSON.parse(body.toString('utf8')) as Omit<Page, 'filledNow'>), filledNow: filled() };
  });
}

/** The ways in which a list ends. */
async function end(): Promise<void> {
  const { accounts, rep } = kept;
  if (ENDING === 'erasure') await erase();
  if (ENDING === 'sign-out')
    accounts.sessionsEnded({ scope: 'session', orgId: ORG, userId: USER, sessionIds: [rep.sessionId] });
  const deadline = Date.now() + EXPIRY_MINUTES * 60_000 + 60_000;
  while (accounts.cached(ORG).length > 0) {
    if (Date.now() > deadline) throw new Error('The list did not end');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Erases the rep as `DELETE /v1/privacy/me` does, on a database; the list hears of it as it does in app.ts. */
async function erase(): Promise<void> {
  const main = await mongoose.createConnection(MONGODB_URI).asPromise();
  const folder = tmpdir();
  const masterKey = await openKeyFile(folder, true);
  const orgs = orgModel(main);
  const models = privacyModels(main);
  const dataKeys = new DataKeys({ masterKey, region: 'us', read: async () => [] });
  const proofKeys = await ProofKeys.open({ keys: signingKeyModel(main), masterKey, region: 'us' });
  const erasure = new Erasure({
    jobs: models.jobs,
    receipts: new Receipts({ receipts: models.receipts, proofKeys, backupDays: 1 }),
    orgs,
    inventory: new Inventory([main]),
    ledger: await FileLedger.open(join(folder, 'ledger.jsonl')),
    dataKeys,
    rooms: [],
    endSessions: async (orgId, userId) =>
      kept.accounts.sessionsEnded({
        scope: 'rep',
        orgId,
        ...(userId === undefined ? {} : { userId }),
        sessionIds: [kept.rep.sessionId],
      }),
    destroyUserKeys: async () => undefined,
    log: createLog('info', new Writable({ write: (_chunk, _encoding, done) => done() })),
  });
  const receipt = await erasure.erase({ orgId: ORG, userId: USER });
  if (receipt.state !== 'complete') throw new Error('The erasure is not complete');
  await erasure.close();
  await main.close();
}

function filled(): number {
  return kept.buffers.filter((buffer) => buffer.some((byte) => byte !== 0)).length;
}
