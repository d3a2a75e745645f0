import { randomUUID } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import type { OutgoingMail } from './delivery.ts';

/**
 * A mail as RFC 5322 text with CR LF. The library encodes names, subjects and bodies of any script and folds headers; what
 * could begin a new header was refused before (send-input.ts).
 * @param sender address of the account that sends
 */
export async function mimeOf({ senderName, to, subject, html, text }: OutgoingMail, sender: string): Promise<Buffer> {
  const mail = new MailComposer({
    from: { name: senderName ?? '', address: sender },
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
