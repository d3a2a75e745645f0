import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from './connect.ts';
import { startStack, type Backend, type Stack } from './harness.ts';
import { Correspondence, freshKey } from './sending-stack.ts';
import { textOf, type Json, type RepClient } from './sign-in.ts';

/**
 * Many sends while the provider cuts lines before and after the effect at random, and the browser repeats each POST by
 * itself, in two processes: no contact gets two mails for one key, every accepted mail is in the list, and what nobody can
 * know is unknown.
 */
const SENDS = Number(process.env.ONESHOT_SENDS ?? '1000');
const AT_ONCE = 10;
const TIMEOUT_MS = 30 * 60_000;

let stack: Stack;
let second: Backend;
let write: Correspondence;
let rep: RepClient;

beforeAll(async () => {
  const limits = { RATE_LIMIT_PER_MINUTE: '1000000', OPEN_RATE_LIMIT_PER_MINUTE: '1000000' };
  stack = await startStack({ SANDBOX_ACCOUNTS: '20', ...limits });
  second = await stack.addBackend(limits);
  write = new Correspondence(stack);
  rep = await stack.signIn('rep.one@demo.example');
  for (const provider of ['gmail', 'outlook'] as const) expect((await connect(rep, provider)).status).toBe(200);
  await write.save(await stack.signIn('admin@demo.example'), { sendsPerRepAndDay: 2_000 });
}, 60_000);
afterAll(() => stack.close());

interface Sent {
  readonly address: string;
  readonly contactId: string;
  readonly states: readonly unknown[];
}

async function one(accountId: string, number: number): Promise<Sent> {
  const channel = number % 2 === 0 ? 'gmail' : 'outlook';
  const address = `deep.${number}.x@c.example`;
  const contactId = await write.contact(accountId, { Email: address });
  const fault = Math.random();
  if (fault < 0.3) {
    const drop = fault < 0.15 ? 'before' : 'after';
    const pathPattern = channel === 'gmail' ? '/messages/send' : '/me/sendMail';
    await stack.sandbox.fault({ pathPattern, times: 1, drop }, channel === 'gmail' ? 'google' : 'microsoft');
  }
  const key = freshKey();
  const there = rep.at(second.url);
  const answers = await Promise.all([
    write.send(rep, { contactId, channel }, key),
    write.send(there, { contactId, channel }, key),
  ]);
  answers.push(await write.send(there, { contactId, channel }, key));
  expect(answers.map(({ status }) => [200, 201].includes(status))).toEqual([true, true, true]);
  return { address, contactId, states: answers.map(({ body }) => body.state) };
}

test(
  `${SENDS} sends with lines that are cut and requests that are repeated`,
  async () => {
    const accountId = await write.account();
    const sent: Sent[] = [];
    for (let from = 0; from < SENDS; from += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, SENDS - from) }, (_, index) => from + index);
      sent.push(...(await Promise.all(numbers.map((number) => one(accountId, number)))));
    }
    const mails = (await stack.sandbox.mail()).map(({ raw }) => raw);
    const outcomes = new Map<string, string>();
    let cursor = '';
    do {
      const { body } = await rep.get(`/v1/activity${cursor === '' ? '' : `?cursor=${cursor}`}`);
      for (const { contact, outcome } of body.rows as unknown as Json[])
        outcomes.set(textOf(contact?.id), textOf(outcome));
      cursor = (body.nextCursor as unknown as string | null) ?? '';
    } while (cursor !== '');
    expect(outcomes.size).toBe(SENDS);
    let mailsOfUnknown = 0;
    for (const { address, contactId, states } of sent) {
      const arrived = mails.filter((raw) => raw.includes(address)).length;
      const [state] = states;
      expect([address, new Set(states).size, arrived <= 1]).toEqual([address, 1, true]);
      expect([address, outcomes.get(contactId)]).toEqual([address, state]);
      if (state === 'accepted') expect([address, arrived]).toEqual([address, 1]);
      else mailsOfUnknown += arrived;
    }
    const unknown = sent.filter(({ states }) => states[0] === 'unknown').length;
    expect(unknown).toBeGreaterThan(0);
    expect(unknown).toBeLessThan(SENDS / 2);
    process.stdout.write(
      `${SENDS} sends, each asked for three times: ${SENDS - unknown} accepted, one mail each; ${unknown} unknown, of which ${mailsOfUnknown} had gone\n`,
    );
  },
  TIMEOUT_MS,
);
