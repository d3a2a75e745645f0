import { createHash, randomBytes } from 'node:crypto';

/** Signs a person of the demo org in, as the component does with its popup. @returns the JWT */
export async function signIn(backend: string, origin: string, username: string): Promise<string> {
  const { verifier, challenge } = pair();
  const query = new URLSearchParams({ challenge, origin }).toString();
  const { code } = await popup(backend, `${backend}/v1/auth/salesforce/start?${query}`, username);
  const answer = await fetch(`${backend}/v1/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ code, verifier }),
  });
  const { token } = (await answer.json()) as { token?: string };
  if (token === undefined) throw new Error(`Sign-in failed: ${answer.status}`);
  return token;
}

/** Connects the Gmail account of that name for who has this JWT, as the panel does with its popup. */
export async function connectGmail(backend: string, origin: string, username: string, token: string): Promise<void> {
  const { verifier, challenge } = pair();
  const post = (step: string, body: object): Promise<Response> =>
    fetch(`${backend}/v1/connections/gmail/${step}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, origin },
      body: JSON.stringify(body),
    });
  const { url } = (await (await post('start', { challenge, origin })).json()) as { url?: string };
  const { code } = await popup(backend, url ?? '', username);
  const finished = await post('finish', { code, verifier });
  if (!finished.ok) throw new Error(`Gmail was not connected: ${finished.status} ${await finished.text()}`);
}

function pair(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** From the address that a popup opens, through the consent page, to the message that it posts. */
async function popup(backend: string, url: string, username: string): Promise<{ code?: string }> {
  const start = await fetch(url, { redirect: 'manual' });
  const authorize = start.headers.get('location') ?? '';
  const cookie = (start.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const form = await (await fetch(authorize)).text();
  // The button's own address says that the boxes were seen.
  const action = /\sformaction="([^"]+)"/.exec(form)?.[1] ?? /<form[^>]*\saction="([^"]+)"/.exec(form)?.[1] ?? '';
  const fields = new URLSearchParams({ username, decision: 'allow' });
  const inputs = /<input type="(?:hidden|checkbox)" name="([^"]+)" value="([^"]*)"/g;
  for (const [, name, value] of form.matchAll(inputs)) fields.append(plain(name!), plain(value!));
  const consent = await fetch(new URL(plain(action), authorize), { method: 'POST', body: fields, redirect: 'manual' });
  const callback = new URL(consent.headers.get('location') ?? '');
  const page = await (await fetch(backend + callback.pathname + callback.search, { headers: { cookie } })).text();
  const message = /<script type="application\/json" id="message">([^<]*)<\/script>/.exec(page)?.[1] ?? '{}';
  return JSON.parse(message) as { code?: string };
}

function plain(html: string): string {
  return html.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
