import { randomUUID } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import type { OutgoingMail } from './delivery.ts';

/**
 * A mail as RFC 5322 text with CR LF, for Gmail, which puts the account's own address in From. The library encodes names,
 * subjects and bodies of any script and folds headers; what could begin a new header was refused before (send-input.ts).
 */
export async function mimeOf({ to, subject, html, text }: OutgoingMail): Promise<Buffer> {
  const mail = new MailComposer({
    to: { name: to.name ?? '', address: to.address },
    subject,
    html,
    text,
    newline: 'windows',
    // Not the library's default, which would name this machine.
    messageId: `<${randomUUID()}@oneshot.invalid>`,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return new Promise((resolve, reject) => {
    mail.compile().build((error, message) => {
      if (error === null) resolve(message);
      else reject(error);
    });
  });
}
