import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../test/harness.ts';
import { openSends, type SendsProcess } from '../../test/sends.ts';
import { newId } from '../database/new-id.ts';
import { DailyLimit, IdempotencyMismatch, InProgress } from './problems.ts';
import type { SendRequest, SendRun } from './sends.ts';

const CONTACT = '003000000000001AAA';
const ACCOUNT = '001000000000001AAA';
const never = new AbortController().signal;
/** Of processes that are to be lost, or held up for longer. */
const SHORT_LEASE_MS = 600;
/** Of a process that is not to be lost, and works for longer: its renewals, three a lease, may come late. */
const LONGER_LEASE_MS = 2_000;

let stack: Stack;
let one: SendsProcess;
let other: SendsProcess;
let rep: { readonly orgId: string; readonly userId: string };

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '20' });
  const client = await stack.signIn('rep.one@demo.example');
  rep = { orgId: client.org.id, userId: client.user.id };
  // With the lease of production: on a slow machine nobody is taken for lost who is not.
  [one, other] = await Promise.all([openSends(stack), openSends(stack)]);
}, 240_000);
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await stack.close();
});

let keys = 0;
const fresh = (more: Partial<SendRequest> = {}): SendRequest => {
  keys += 1;
  return {
    route: 'emails',
    key: `key-${String(keys).padStart(20, '0')}`,
    channel: 'gmail',
    contactId: CONTACT,
    ...more,
  };
};

/** Work that is begun, and held until it is let go. */
function held(): { readonly work: (run: SendRun) => Promise<void>; readonly begun: Promise<void>; letGo: () => void } {
  let begin = (): void => undefined;
  let letGo = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const opened = new Promise<void>((resolve) => (letGo = resolve));
  return {
    begun,
    letGo,
    work: async (run) => {
      await run.asking(ACCOUNT);
      begin();
      await opened;
      await run.settle('accepted', { task: 'none' });
    },
  };
}

/** Work that is accepted, and counts how often it was done. */
function accepting(): { readonly work: (run: SendRun) => Promise<void>; readonly times: () => number } {
  let times = 0;
  return {
    times: () => times,
    work: async (run) => {
      await run.asking(ACCOUNT);
      times += 1;
      await delay(30);
      await run.settle('accepted', { task: 'none' });
    },
  };
}

const stored = (contactId: string): Promise<readonly object[]> =>
  one.models.activities.find({ orgId: rep.orgId, contactId }).lean();

describe('one key', () => {
  test('is one effect and one answer, however often and wherever it comes at once', async () => {
    const request = fresh();
    const { work, times } = accepting();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other).sends.once(rep, request, never, work)),
    );
    expect(times()).toBe(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      outcome: 'accepted',
      accountId: ACCOUNT,
      contactId: CONTACT,
      repId: rep.userId,
    });
    expect(await other.sends.once(rep, request, never, work)).toEqual(answers[0]);
    expect(times()).toBe(1);
  });

  test('keeps what promise 5 says, and nothing of the key or of who is written to', async () => {
    const contactId = '003000000000002AAA';
    await one.sends.once(rep, fresh({ contactId, channel: 'outreach', sequenceId: '4711' }), never, async (run) => {
      await run.asking(ACCOUNT);
      await run.settle('accepted', { prospect: 'created', alreadyInSequence: true });
    });
    expect(await stored(contactId)).toEqual([
      {
        _id: expect.stringMatching(/^act_/),
        ...{ ...rep, contactId, accountId: ACCOUNT, channel: 'outreach', outcome: 'accepted' },
        at: expect.any(Date),
        keyMac: expect.stringMatching(/^[\w-]{43}$/),
        sequenceMac: expect.stringMatching(/^[\w-]{43}$/),
        ...{ prospect: 'created', alreadyInSequence: true },
      },
    ]);
  });

  test('with another contact, account, channel or sequence is a mismatch, also while the first runs', async () => {
    const request = fresh({ accountId: ACCOUNT, channel: 'outreach', sequenceId: '1' });
    const { work, times } = accepting();
    const running = held();
    const first = one.sends.once(rep, request, never, running.work);
    await running.begun;
    const changes = [
      { contactId: '003000000000009AAA' },
      { accountId: '001000000000009AAA' },
      { channel: 'gmail' as const },
      { sequenceId: '2' },
    ];
    const refused = async ({ sends }: SendsProcess): Promise<void> => {
      for (const change of changes)
        await expect(sends.once(rep, { ...request, ...change }, never, work)).rejects.toBeInstanceOf(
          IdempotencyMismatch,
        );
    };
    await refused(other);
    running.letGo();
    await first;
    await refused(one);
    expect(times()).toBe(0);
    // Whoever names no account means the contact's.
    expect((await one.sends.once(rep, { ...request, accountId: undefined }, never, work)).outcome).toBe('accepted');
  });

  test('of another rep, org or route is another key', async () => {
    const request = fresh();
    const { work, times } = accepting();
    await one.sends.once(rep, request, never, work);
    await one.sends.once(await one.colleagueOf(rep), { ...request, contactId: '003000000000008AAA' }, never, work);
    await one.sends.once(rep, { ...request, route: 'enrolments' }, never, work);
    expect(times()).toBe(3);
  });

  test('is free again after a refusal before the provider was asked, and leaves nothing', async () => {
    const request = fresh({ contactId: '003000000000003AAA' });
    const refusal = new Error('no consent');
    await expect(one.sends.once(rep, request, never, () => Promise.reject(refusal))).rejects.toBe(refusal);
    const after401 = one.sends.once(rep, request, never, async (run) => {
      await run.asking(ACCOUNT);
      run.nothingHappened();
      throw refusal;
    });
    await expect(after401).rejects.toBe(refusal);
    expect(await stored(request.contactId)).toEqual([]);
    const { work } = accepting();
    expect((await other.sends.once(rep, request, never, work)).outcome).toBe('accepted');
  });

  test('answers unknown again after an error behind the asking', async () => {
    const request = fresh();
    const { work, times } = accepting();
    const failing = one.sends.once(rep, request, never, async (run) => {
      await run.asking(ACCOUNT);
      throw new Error('the line was cut');
    });
    expect((await failing).outcome).toBe('unknown');
    expect((await other.sends.once(rep, request, never, work)).outcome).toBe('unknown');
    expect(times()).toBe(0);
  });

  test.each(['refused', 'limited', 'failed'] as const)('answers %s again', async (outcome) => {
    const request = fresh();
    const { work, times } = accepting();
    await one.sends.once(rep, request, never, async (run) => {
      await run.asking(null);
      await run.settle(outcome);
    });
    expect(await other.sends.once(rep, request, never, work)).toMatchObject({ outcome, accountId: null });
    expect(times()).toBe(0);
  });
});

describe('a process that is lost', () => {
  /** Leaves what a process leaves that dies: a claim that nobody renews. */
  async function die(request: SendRequest, hasAsked: boolean): Promise<void> {
    const dying = await openSends(stack, { leaseMs: SHORT_LEASE_MS });
    await new Promise<void>((resolve, reject) => {
      const died = dying.sends.once(rep, request, never, async (run) => {
        if (hasAsked) await run.asking(ACCOUNT);
        run.stop();
        resolve();
        await new Promise(() => undefined);
      });
      died.catch(reject);
    });
    await dying.close();
  }

  test('before it asked leaves the key to whoever comes', async () => {
    const request = fresh();
    await die(request, false);
    const { work, times } = accepting();
    expect((await one.sends.once(rep, request, never, work)).outcome).toBe('accepted');
    expect(times()).toBe(1);
  });

  test('behind the asking leaves an unknown outcome, which is in the list', async () => {
    const request = fresh({ contactId: '003000000000004AAA' });
    await die(request, true);
    const { work, times } = accepting();
    expect((await one.sends.once(rep, request, never, work)).outcome).toBe('unknown');
    expect(times()).toBe(0);
    const { rows } = await one.activities.page(rep, { contactId: request.contactId });
    expect(rows.map(({ outcome }) => outcome)).toEqual(['unknown']);
  });

  test('is tidied up after by others, though nobody repeats its key', async () => {
    const [asked, claimed] = [fresh({ contactId: '003000000000005AAA' }), fresh({ contactId: '003000000000005AAA' })];
    await Promise.all([die(asked, true), die(claimed, false)]);
    await delay(SHORT_LEASE_MS + 50);
    await one.sends.settleLost(rep.orgId);
    expect(await stored(asked.contactId)).toEqual([
      expect.not.objectContaining({ run: expect.anything(), runningUntil: expect.anything() }),
    ]);
  });
});

test('a run that was taken over writes nothing any more', async () => {
  const request = fresh();
  const { work } = accepting();
  const halting = await openSends(stack, { leaseMs: SHORT_LEASE_MS });
  let taken: unknown;
  const slow = halting.sends.once(rep, request, never, async (run) => {
    run.stop();
    // It waits for the lease of this one, and has the key then.
    taken = await other.sends.once(rep, request, never, work);
    await run.asking(ACCOUNT);
  });
  await expect(slow).rejects.toBeInstanceOf(InProgress);
  expect(taken).toMatchObject({ outcome: 'accepted' });
  await halting.close();
});

test('a repetition waits only so long, and not at all for a client that is gone', async () => {
  const request = fresh();
  const impatient = await openSends(stack, { waitMs: 400 });
  const running = held();
  const first = one.sends.once(rep, request, never, running.work);
  await running.begun;
  const { work } = accepting();
  await expect(impatient.sends.once(rep, request, never, work)).rejects.toBeInstanceOf(InProgress);
  await expect(other.sends.once(rep, request, AbortSignal.timeout(50), work)).rejects.toThrow();
  running.letGo();
  expect((await first).outcome).toBe('accepted');
  expect((await other.sends.once(rep, request, never, work)).outcome).toBe('accepted');
  await impatient.close();
});

test('a run is its own for as long as it works, however short its lease is', async () => {
  const request = fresh();
  const brief = await openSends(stack, { leaseMs: LONGER_LEASE_MS });
  const running = held();
  const first = brief.sends.once(rep, request, never, running.work);
  await running.begun;
  const { work, times } = accepting();
  const second = other.sends.once(rep, request, never, work);
  await delay(LONGER_LEASE_MS * 1.5);
  running.letGo();
  expect((await first).outcome).toBe('accepted');
  expect((await second).outcome).toBe('accepted');
  expect(times()).toBe(0);
  await brief.close();
});

test('a rep’s day has its number of mails, across processes, and what was not sent is given back', async () => {
  const busy = { orgId: rep.orgId, userId: newId('usr') };
  const taken = await Promise.allSettled(
    Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? one : other).dailySends.take(busy, 10)),
  );
  const given = taken.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  expect(given).toHaveLength(10);
  const [refused] = taken.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  expect(refused).toBeInstanceOf(DailyLimit);
  const { retryAfter } = (refused as DailyLimit).problem;
  expect(retryAfter).toBeGreaterThan(0);
  expect(retryAfter).toBeLessThanOrEqual(86_400);
  await given[0]?.();
  await expect(one.dailySends.take(busy, 10)).resolves.toBeDefined();
  await expect(other.dailySends.take(busy, 10)).rejects.toBeInstanceOf(DailyLimit);
  await expect(other.dailySends.take({ ...busy, userId: newId('usr') }, 10)).resolves.toBeDefined();
});

describe('the trail', () => {
  const accepted = async (whose: typeof rep, contactId: string, accountId: string | null): Promise<void> => {
    await one.sends.once(whose, fresh({ contactId }), never, async (run) => {
      await run.asking(accountId);
      await run.settle('accepted');
    });
  };

  test('is the rep’s own, the latest first, in pages, by account and contact', async () => {
    const own = await one.colleagueOf(rep);
    await one.models.activities.insertMany(
      Array.from({ length: 60 }, (_, index) => ({
        ...{ _id: newId('act'), ...own, channel: 'gmail', contactId: '003000000000006AAA', accountId: ACCOUNT },
        // Two at each moment: the id decides.
        ...{ at: new Date(Date.now() - Math.floor(index / 2) * 1_000), outcome: 'accepted', keyMac: `mac ${index}` },
      })),
    );
    await accepted(own, '003000000000007AAA', null);
    await accepted(rep, '003000000000006AAA', ACCOUNT);
    const first = await one.activities.page(own, {});
    expect(first.rows).toHaveLength(50);
    const second = await one.activities.page(own, { cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ nextCursor: null });
    const all = [...first.rows, ...second.rows];
    expect(new Set(all.map(({ id }) => id)).size).toBe(61);
    const times = all.map(({ at }) => at.getTime());
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect((await one.activities.page(own, { contactId: '003000000000007AAA' })).rows).toHaveLength(1);
    expect((await one.activities.page(own, { accountId: ACCOUNT })).rows).toHaveLength(50);
    const sent = await one.activities.lastSent(own, ['003000000000006AAA', '003000000000099AAA']);
    expect([...sent]).toEqual([['003000000000006AAA', all.find(({ accountId }) => accountId === ACCOUNT)?.at]]);
  });

  test('shows no send that still runs', async () => {
    const contactId = '003000000000010AAA';
    let seen: unknown;
    await one.sends.once(rep, fresh({ contactId }), never, async (run) => {
      await run.asking(ACCOUNT);
      seen = (await other.activities.page(rep, { contactId })).rows;
      await run.settle('accepted');
    });
    expect(seen).toEqual([]);
    expect((await other.activities.page(rep, { contactId })).rows).toHaveLength(1);
  });

  test('ends after the org’s days, is not shown before it is deleted, and can be erased and exported', async () => {
    const days = { count: 730 };
    const timed = await openSends(stack, { activityDays: () => days.count });
    const [own, other] = [await one.colleagueOf(rep), await one.colleagueOf(rep)];
    const contactId = '003000000000011AAA';
    for (const whose of [own, own, other]) await accepted(whose, contactId, ACCOUNT);
    const [old] = await timed.models.activities.find({ orgId: rep.orgId, userId: own.userId }).lean();
    await timed.models.activities.updateOne(
      { _id: old?._id ?? '' },
      { $set: { at: new Date(Date.now() - 40 * 86_400_000) } },
    );
    expect((await timed.activities.page(own, {})).rows).toHaveLength(2);
    days.count = 30;
    expect((await timed.activities.page(own, {})).rows).toHaveLength(1);
    expect(await timed.activities.forgetOld(rep.orgId)).toBe(1);
    const exported = [];
    for await (const row of timed.activities.exportUser(own.orgId, own.userId)) exported.push(row);
    expect(exported).toEqual([
      {
        ...{ id: expect.any(String), at: expect.any(Date), channel: 'gmail', outcome: 'accepted' },
        ...{ contactId, accountId: ACCOUNT, task: null, prospect: null, alreadyInSequence: null },
      },
    ]);
    expect(await timed.activities.eraseContact(rep.orgId, contactId)).toBe(2);
    await accepted(own, contactId, ACCOUNT);
    await accepted(other, contactId, ACCOUNT);
    expect(await timed.activities.eraseUser(rep.orgId, own.userId)).toBe(1);
    expect((await timed.activities.page(other, {})).rows).toHaveLength(1);
    await timed.close();
  });
});
