import { createHash, randomBytes } from 'node:crypto';

/** Signs a person of the demo org in, as the component does with its popup. @returns the JWT */
export async function signIn(backend: string, origin: string, username: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const query = new URLSearchParams({ challenge, origin }).toString();
  const start = await fetch(`${backend}/v1/auth/salesforce/start?${query}`, { redirect: 'manual' });
  const authorize = start.headers.get('location') ?? '';
  const cookie = (start.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const form = await (await fetch(authorize)).text();
  const action = /<form[^>]*\saction="([^"]+)"/.exec(form)?.[1] ?? '';
  const fields = new URLSearchParams({ username, decision: 'allow' });
  for (const [, name, value] of form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g))
    fields.set(name!, plain(value!));
  const consent = await fetch(new URL(plain(action), authorize), { method: 'POST', body: fields, redirect: 'manual' });
  const callback = new URL(consent.headers.get('location') ?? '');
  const page = await (await fetch(backend + callback.pathname + callback.search, { headers: { cookie } })).text();
  const message = /<script type="application\/json" id="message">([^<]*)<\/script>/.exec(page)?.[1] ?? '{}';
  const { code } = JSON.parse(message) as { code?: string };
  const answer = await fetch(`${backend}/v1/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ code, verifier }),
  });
  const { token } = (await answer.json()) as { token?: string };
  if (token === undefined) throw new Error(`Sign-in failed: ${answer.status}`);
  return token;
}

function plain(html: string): string {
  return html.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
