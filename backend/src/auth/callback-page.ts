import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** What a popup tells the page that opened it (API.md, "Callback pages"). */
export type CallbackMessage =
  | { readonly source: 'oneshot'; readonly type: 'sign-in'; readonly code: string }
  | { readonly source: 'oneshot'; readonly type: 'sign-in-error'; readonly error: CallbackError }
  | { readonly source: 'oneshot'; readonly type: 'connection'; readonly provider: string; readonly code: string }
  | {
      readonly source: 'oneshot';
      readonly type: 'connection-error';
      readonly provider: string;
      readonly error: CallbackError;
    };

/** The same as in a JSON answer. */
export interface CallbackError {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

export interface CallbackPage {
  readonly status: number;
  readonly message: CallbackMessage;
  /** The one origin that the message is posted to; undefined where none was accepted, and then nothing is posted. */
  readonly target: string | undefined;
}

/**
 * Headers of every step that the popup passes. `unsafe-none` keeps `window.opener`: any other policy of ours would cut
 * the page that waits for the message (FACTS C). No step may be kept, framed, or named to another site.
 */
export function popupHeaders(reply: FastifyReply): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .header('cross-origin-opener-policy', 'unsafe-none')
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .header('x-frame-options', 'DENY');
}

/** Sends the page that posts its message to `window.opener` and closes, or says what to do where it cannot. */
export function sendCallbackPage(reply: FastifyReply, page: CallbackPage): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return popupHeaders(reply)
    .code(page.status)
    .header(
      'content-security-policy',
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    .type('text/html; charset=utf-8')
    .send(html(page, nonce));
}

const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; text-align: center;
  font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 26rem; padding: 2rem; }
h1 { font-size: 1.25rem; }`;

/** Without an opener a sign-in did its work at Salesforce all the same: the second trip passes no page that asks. */
const SCRIPT = `
const message = JSON.parse(document.getElementById('message').textContent);
const { target } = document.documentElement.dataset;
const isHeard = target !== undefined && window.opener !== null;
document.getElementById(isHeard ? 'heard' : 'severed').hidden = false;
if (isHeard) {
  window.opener.postMessage(message, target);
  window.close();
}`;

function html({ message, target }: CallbackPage, nonce: string): string {
  const words = wordsOf(message);
  return `<!doctype html>
<html lang="en"${target === undefined ? '' : ` data-target="${escapeHtml(target)}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(words.title)} - OneShot</title>
<style nonce="${nonce}">${STYLE}
</style>
</head>
<body>
<main>
<h1>${escapeHtml(words.title)}</h1>
<p id="heard" hidden>${escapeHtml(words.heard)}</p>
<p id="severed" hidden>${escapeHtml(words.severed)}</p>
</main>
<script type="application/json" id="message">${scriptJson(message)}</script>
<script nonce="${nonce}">${SCRIPT}
</script>
</body>
</html>
`;
}

function wordsOf(message: CallbackMessage): {
  readonly title: string;
  readonly heard: string;
  readonly severed: string;
} {
  if (message.type === 'sign-in') {
    return {
      title: 'You are signed in now',
      heard: 'This window closes by itself. If it stays open, you can close it.',
      severed: 'Close this window and click again in Salesforce.',
    };
  }
  if (message.type === 'connection') {
    return {
      title: 'Almost connected',
      heard: 'This window closes by itself. If it stays open, you can close it.',
      severed: 'Close this window and click Connect again in Salesforce.',
    };
  }
  if (message.error.code === 'admin_approved')
    return { title: 'Approved', heard: message.error.message, severed: message.error.message };
  const title = message.type === 'sign-in-error' ? 'Signing in did not work' : 'Connecting did not work';
  return { title, heard: message.error.message, severed: message.error.message };
}

/** JSON that cannot end its script element: `<` starts every way out (`</script`, `<!--`). */
function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
