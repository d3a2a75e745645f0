import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { Person } from './policy.ts';

/** Text made safe for HTML content and quoted attributes. */
function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

const style = `
:root { color-scheme: light dark; --ink: #1d2b3a; --soft: #52606d; --line: #8a97a5; --card: #fff; --page: #eef2f6; --go: #0b5cab; --on-go: #fff; --bad: #a31515; --mark: #e3effb }
@media (prefers-color-scheme: dark) { :root { --ink: #eef2f6; --soft: #b4c0cc; --line: #7d8b99; --card: #1b242e; --page: #10161c; --go: #8cc2f8; --on-go: #0b1a2a; --bad: #ffa39e; --mark: #24384c } }
* { box-sizing: border-box }
body { margin: 0; padding: 1.5rem 1rem; background: var(--page); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 28rem; margin: 0 auto; padding: 1.5rem; background: var(--card); border-radius: .75rem; box-shadow: 0 1px 4px #0003 }
h1 { margin: 0 0 .25rem; font-size: 1.25rem } h2 { margin: 1.25rem 0 .25rem; font-size: 1rem } p { margin: .5rem 0; overflow-wrap: anywhere }
.note, small { color: var(--soft) } .error { color: var(--bad); font-weight: 600 }
ul { margin: .25rem 0; padding-left: 1.25rem } .people { padding: 0; list-style: none }
.people a { display: block; padding: .375rem .625rem; border-radius: .375rem; color: var(--go) } .people a[aria-current] { background: var(--mark) }
label { display: block; margin-top: 1rem; font-weight: 600 }
input:not([type=checkbox]) { width: 100%; padding: .5rem .625rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .375rem }
.buttons { display: flex; gap: .75rem; margin-top: 1.25rem }
button { flex: 1; padding: .625rem; font: inherit; font-weight: 600; border-radius: .375rem; border: 1px solid var(--go); background: none; color: var(--go); cursor: pointer }
button[value=allow] { background: var(--go); color: var(--on-go) }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px }`;

/** Sends a page that nobody may frame, cache or add a script to. */
function sendPage(reply: FastifyReply, status: number, title: string, body: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return reply
    .status(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
    })
    .send(
      `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`,
    );
}

/** What the consent page shows. */
export interface ConsentPage {
  readonly provider: string;
  readonly clientId: string;
  /** What the app asks for; with a name where the person may leave it out. */
  readonly scopes: readonly { readonly line: string; readonly name: string | undefined }[];
  /** Where the form goes. */
  readonly action: string;
  /** Value of the hidden field `request`. */
  readonly requestId: string;
  readonly people: readonly Person[];
  /** What the username field holds at first. */
  readonly username: string;
  /** The same request with another person chosen; undefined where the link cannot be built any more. */
  readonly linkFor: ((username: string) => string) | undefined;
  readonly error: string | undefined;
}

/** Sign-in and consent in one plain form: it needs neither JavaScript nor a cookie. */
export function sendConsentPage(reply: FastifyReply, page: ConsentPage): FastifyReply {
  const { linkFor } = page;
  const person = ({ username, name, active }: Person) => {
    const current = username === page.username ? ' aria-current="true"' : '';
    const label = `${escape(name)} <small>${escape(username)}${active ? '' : ' (inactive)'}</small>`;
    return `<li>${linkFor ? `<a href="${escape(linkFor(username))}"${current}>${label}</a>` : label}</li>`;
  };
  const isRefused = page.error !== undefined;
  const hasBoxes = page.scopes.some(({ name }) => name !== undefined);
  const body = `<h1>Log in to ${escape(page.provider)} and allow access?</h1>
<p class="note">This is the sandbox, a stand-in for development. No password is asked for.</p>
<p><strong>${escape(page.clientId)}</strong> asks for:</p>
<ul>
${page.scopes.map(({ line }) => `<li>${escape(line)}</li>`).join('\n')}
</ul>
<h2 id="people">People of the demo</h2>
<ul class="people" aria-labelledby="people">
${page.people.map(person).join('\n')}
</ul>
<form method="post" action="${escape(page.action)}">
<input type="hidden" name="request" value="${escape(page.requestId)}">
<label for="username">Username</label>
<input id="username" name="username" value="${escape(page.username)}" autocomplete="username" autocapitalize="none" spellcheck="false"${isRefused ? ' aria-invalid="true" aria-describedby="error"' : ''}>
${isRefused ? `<p class="error" id="error" role="alert">${escape(page.error)}</p>` : ''}
${tickBoxes(page.scopes)}
<div class="buttons">
<button type="submit" name="decision" value="allow"${hasBoxes ? ` formaction="${escape(page.action)}?boxes=shown"` : ''}>Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</div>
</form>`;
  return sendPage(reply, isRefused ? 400 : 200, `Log in | ${page.provider}`, body);
}

/**
 * One box for each scope that may be left out. The address that the button sends to tells a form with every box unticked
 * from a caller who fills in the fields, knows of no boxes and so allows everything.
 */
function tickBoxes(scopes: ConsentPage['scopes']): string {
  const boxes = scopes.flatMap(({ line, name }) =>
    name === undefined
      ? []
      : [`<label><input type="checkbox" name="scope" value="${escape(name)}" checked> ${escape(line)}</label>`],
  );
  if (boxes.length === 0) return '';
  const legend = '<legend>Select what the app may do</legend>';
  return `<fieldset>${legend}\n${boxes.join('\n')}\n</fieldset>`;
}

/** A refusal that stays at the provider: the browser is not sent back to the app. */
export function sendErrorPage(
  reply: FastifyReply,
  page: { provider: string; status: number; error: string; description: string },
): FastifyReply {
  const body = `<h1>${escape(page.provider)} cannot go on</h1>
<p class="error" role="alert">${escape(page.description)}</p>
<p class="note"><code>error=${escape(page.error)}&amp;error_description=${escape(page.description)}</code></p>`;
  return sendPage(reply, page.status, `Problem | ${page.provider}`, body);
}
