/**
 * Pulls a list, works with it, erases it, and prints a heap snapshot of itself: `node erasure-child.mjs <source> <way> [plant]`.
 * It is told neither names nor words, so whatever a snapshot holds came through the list.
 */
import { getHeapSnapshot } from 'node:v8';
import { PayingAccounts } from '../dist/accounts/paying-accounts.js';
import { createLog } from '../dist/http/log.js';
import { openCrmConnection } from '../dist/salesforce/connect.js';
import { CrmTransport } from '../dist/salesforce/transport.js';
import { defaultSettings } from '../dist/settings/defaults.js';
import { Secret } from '../dist/vault/secret.js';

const [, , instanceUrl, way, plant] = process.argv;
const base = { ...defaultSettings('us'), products: { source: 'assets' } };
const settings =
  {
    expiry: { ...base, cache: { enabled: true, minutes: 0.05 } },
    off: { ...base, cache: { enabled: false, minutes: 60 } },
  }[way] ?? base;

const accounts = new PayingAccounts({
  settingsOf: async () => ({ settings, isSaved: true }),
  log: createLog('silent'),
});
const buffers = [];
accounts.memory.watch((buffer) => buffers.push(buffer));
const transport = new CrmTransport();
const rep = {
  orgId: 'org_1',
  userId: 'usr_1',
  sessionId: 'ses_1',
  salesforceUserId: '005000000000001AAA',
  signedInAt: Date.now(),
  crm: openCrmConnection({ instanceUrl, accessToken: Secret.of('token') }, transport),
};
const signal = new AbortController().signal;

async function ask(query) {
  const full = { sort: 'arr', order: 'desc', offset: 0, limit: 50, ...query };
  const body = await accounts.withList(rep, { signal, isPartial: query.isPartial === true, order: full }, ({ list }) =>
    list.page(full, () => ({ before: '{"rows":', after: '}' })),
  );
  return JSON.parse(body.toString('utf8'));
}

async function work() {
  await ask({ isPartial: true });
  const { rows, facets } = await ask({});
  for (const sort of ['name', 'industry', 'country', 'modified']) await ask({ sort, order: 'asc' });
  const { name, city, industry, owner, products } = rows[0];
  for (const search of [name, city, owner.name]) await ask({ search });
  await ask({ industry: [industry], owner: [owner.id], product: products, country: [facets.country[0].value] });
  if (way === 'refresh') {
    await accounts.refresh(rep, signal);
    await ask({});
  }
  if (plant === 'plant') globalThis.planted = rows[0];
  return rows.length;
}

const rows = await work();
if (way === 'expiry') await new Promise((resolve) => setTimeout(resolve, 3_500));
else if (way !== 'off')
  accounts.sessionsEnded({ scope: 'session', orgId: 'org_1', userId: 'usr_1', sessionIds: ['ses_1'] });
await new Promise((resolve) => setTimeout(resolve, 50));
const left = buffers.filter((buffer) => buffer.some((byte) => byte !== 0)).length;
globalThis.gc();
process.stdout.write(`${JSON.stringify({ rows, buffers: buffers.length, left })}\n`);
await transport.close();
getHeapSnapshot().pipe(process.stdout);
