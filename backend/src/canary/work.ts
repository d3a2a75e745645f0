import { createHash, randomBytes } from 'node:crypto';
import { request } from 'undici';
import type { Plants } from './plants.ts';
import { accountId, CONTACT, TEMPLATE, type CanarySalesforce } from './salesforce.ts';

/** The page that signs in; nothing listens there. */
export const ORIGIN = 'http://127.0.0.1:46001';

type Headers = Readonly<Record<string, string>>;

/**
 * A rep's day, twice: sign in, look, search, open, connect a mailbox, read contacts and templates, write a mail, type
 * something wrong. The first day ends with a sign-out, the second one with the erasure of the rep.
 * @throws Error a step was answered otherwise than it must be: then nothing was proved
 */
export async function workTwoDays(url: string, plants: Plants, salesforce: CanarySalesforce): Promise<void> {
  const first = await signedIn(url);
  await lookAtCustomers(url, first, plants, salesforce.accounts);
  await connectGmail(url, first);
  await writeToContact(url, first, plants, salesforce);
  await mistype(url, first, plants);
  await send(`${url}/v1/auth/sign-out`, 204, first, 'POST');
  const second = await signedIn(url);
  await lookAtCustomers(url, second, plants, salesforce.accounts);
  await send(`${url}/v1/privacy/export`, 200, second);
  await send(`${url}/v1/privacy/me`, 200, second, 'DELETE');
  // What a parser and a socket hold of their last request is overwritten by the next ones.
  for (let count = 0; count < 20; count += 1) await send(`${url}/healthz`, 200);
}

async function signedIn(url: string): Promise<Headers> {
  const { verifier, challenge } = pair();
  const query = new URLSearchParams({ challenge, origin: ORIGIN });
  const code = await passPopup(`${url}/v1/auth/salesforce/start?${query.toString()}`, `${url}/v1/auth/salesforce`);
  const answer = await send(`${url}/v1/auth/token`, 200, { origin: ORIGIN }, 'POST', { code, verifier });
  const { token } = JSON.parse(answer.body) as { readonly token: string };
  return { authorization: `Bearer ${token}`, origin: ORIGIN };
}

async function lookAtCustomers(url: string, rep: Headers, plants: Plants, accounts: number): Promise<void> {
  const list = await send(`${url}/v1/accounts?limit=200`, 200, rep);
  const { total } = JSON.parse(list.body) as { readonly total: number };
  if (total !== accounts) throw new Error('The canary accounts did not come through');
  mustHold(list.body, [plants.accountName, plants.city, plants.website, plants.industry, plants.owner]);
  for (const search of [
    `search=${plants.city}`,
    `search=${plants.owner}`,
    `search=${plants.searched}`,
    `industry=${plants.industry}&sort=name`,
  ])
    await send(`${url}/v1/accounts?${search}`, 200, rep);
  await send(`${url}/v1/accounts/${accountId(1)}`, 200, rep);
  await send(`${url}/v1/accounts/${accountId(1)}/similar`, 200, rep);
  await send(`${url}/v1/accounts/refresh`, 202, rep, 'POST');
  await send(`${url}/v1/me`, 200, rep);
}

async function connectGmail(url: string, rep: Headers): Promise<void> {
  const { verifier, challenge } = pair();
  const base = `${url}/v1/connections/gmail`;
  const started = await send(`${base}/start`, 200, rep, 'POST', { challenge, origin: ORIGIN });
  const code = await passPopup((JSON.parse(started.body) as { readonly url: string }).url, base);
  await send(`${base}/finish`, 200, rep, 'POST', { code, verifier });
}

async function writeToContact(url: string, rep: Headers, plants: Plants, salesforce: CanarySalesforce): Promise<void> {
  const { contactName, contactTitle, contactPhone, contactMail, mailSubject, mailText } = plants;
  const contacts = await send(`${url}/v1/accounts/${accountId(1)}/contacts`, 200, rep);
  mustHold(contacts.body, [contactName, contactTitle, contactPhone, contactMail]);
  await send(`${url}/v1/contacts/${CONTACT}`, 200, rep);
  mustHold((await send(`${url}/v1/email-templates`, 200, rep)).body, [plants.templateName]);
  const rendered = await send(`${url}/v1/email-templates/${TEMPLATE}/render`, 200, rep, 'POST', { contactId: CONTACT });
  mustHold(rendered.body, [plants.templateSubject, plants.templateText, contactName]);
  const key = { ...rep, 'idempotency-key': randomBytes(24).toString('base64url') };
  const mail = {
    contactId: CONTACT,
    channel: 'gmail',
    subject: mailSubject,
    html: `<p>${mailText}</p>`,
    logToSalesforce: true,
  };
  await send(`${url}/v1/emails`, 201, key, 'POST', mail);
  mustHold(salesforce.google.mails.join('\n'), [mailSubject, mailText, contactMail]);
  if (salesforce.tasks !== 1) throw new Error('The canary mail left no task');
  mustHold((await send(`${url}/v1/activity`, 200, rep)).body, [contactName]);
}

async function mistype(url: string, rep: Headers, { mistyped }: Plants): Promise<void> {
  await send(`${url}/v1/accounts?${mistyped}=${mistyped}`, 400, rep);
  await send(`${url}/v1/accounts/${mistyped}`, 400, rep);
  await send(`${url}/v1/email-templates/${mistyped}/render`, 400, rep, 'POST', { contactId: mistyped });
  const key = { ...rep, 'idempotency-key': randomBytes(24).toString('base64url') };
  const mail = { contactId: mistyped, channel: 'gmail', subject: `${mistyped}\n`, html: mistyped, bcc: mistyped };
  await send(`${url}/v1/emails`, 400, key, 'POST', mail);
}

/** A value that did not come through could not have been left behind. */
function mustHold(body: string, values: readonly string[]): void {
  if (!values.every((value) => body.includes(value))) throw new Error('A canary value did not come through');
}

function pair(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** To the provider and back. @returns the one-time code that the page would post to its opener */
async function passPopup(address: string, base: string): Promise<string> {
  const started = await send(address, 302);
  const state = new URL(started.location).searchParams.get('state') ?? '';
  const page = await send(`${base}/callback?code=c&state=${state}`, 200, { cookie: started.cookie });
  return /"code":"([A-Za-z0-9_-]+)"/.exec(page.body)?.[1] ?? '';
}

interface Sent {
  readonly body: string;
  readonly location: string;
  readonly cookie: string;
}

async function send(
  url: string,
  expected: number,
  headers: Headers = {},
  method: 'GET' | 'POST' | 'DELETE' = 'GET',
  body?: object,
): Promise<Sent> {
  const answer = await request(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== expected) {
    const code = /"code":"([a-z_]+)"/.exec(text)?.[1] ?? '';
    // The path's own words only: ids may be canaries.
    throw new Error(
      `${method} ${new URL(url).pathname.replace(/canary\w+/g, '...')} answered ${answer.statusCode} ${code}`,
    );
  }
  const { location, 'set-cookie': cookie } = answer.headers;
  return { body: text, location: String(location ?? ''), cookie: String(cookie ?? '').split(';')[0] ?? '' };
}
