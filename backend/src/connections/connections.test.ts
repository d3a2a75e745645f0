import { expect, test } from '@jest/globals';
import type { Rep } from '../auth/rep.ts';
import { Connections, type ConnectionsParts } from './connections.ts';
import { PROVIDERS } from './tokens.ts';

test.each(PROVIDERS)('%s: no token leaves the vault where the admin switched the channel off', async (provider) => {
  const asked: string[] = [];
  // Nothing else is there: a refusal that comes later than this one would meet `undefined`.
  const connections = new Connections({
    channelsOf: (orgId: string) => {
      asked.push(orgId);
      return Promise.resolve({ gmail: true, outlook: true, outreach: true, [provider]: false });
    },
  } as unknown as ConnectionsParts);
  const rep = { orgId: 'org_1', userId: 'usr_1' } as Rep;
  const used = connections.withToken(rep, provider, 'enrol', new AbortController().signal, () =>
    Promise.reject(new Error('It was used')),
  );
  await expect(used).rejects.toMatchObject({
    problem: { status: 409, code: 'setup_missing', field: provider, reasons: ['channel_off'] },
  });
  expect(asked).toEqual(['org_1']);
});
