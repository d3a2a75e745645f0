import type { IncomingMessage } from 'node:http';
import type { Plants } from './plants.ts';

const SCOPES = 'openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/gmail.send';
const SEND = '/gmail/v1/users/me/messages/send';

/** As much of Google as connecting a mailbox and sending from it need. It keeps what was sent, as nobody else does. */
export class CanaryGoogle {
  readonly #plants: Plants;
  /** Raw mails, as Gmail would deliver them. */
  readonly mails: string[] = [];

  constructor(plants: Plants) {
    this.#plants = plants;
  }

  /** @returns undefined for what there is not */
  async answer(path: string, request: IncomingMessage): Promise<object | undefined> {
    const { mailAccessToken, mailRefreshToken, mailboxAddress } = this.#plants;
    if (path.endsWith('/token'))
      return {
        access_token: `ya29.${mailAccessToken}`,
        refresh_token: `1//${mailRefreshToken}`,
        expires_in: 3_599,
        token_type: 'Bearer',
        scope: SCOPES,
      };
    if (path.endsWith('/v1/userinfo'))
      return { sub: '1', email: `${mailboxAddress}@example.com`, email_verified: true };
    if (path.endsWith('/revoke')) return {};
    if (!path.endsWith(SEND)) return undefined;
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const { raw } = JSON.parse(Buffer.concat(body).toString('utf8')) as { readonly raw: string };
    this.mails.push(Buffer.from(raw, 'base64url').toString('utf8'));
    return { id: 'm1', threadId: 't1', labelIds: ['SENT'] };
  }
}
