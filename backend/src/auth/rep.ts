import type { CrmConnection } from '../salesforce/connection.ts';

/**
 * Who makes this request: the signed-in rep, from the session (never from the token's claims or a header).
 * Ids that begin with `usr_`, `org_`, `ses_` are ours and opaque; the `salesforce...Id`s are 18-character CRM ids and
 * must not be logged.
 */
export interface Rep {
  readonly userId: string;
  readonly orgId: string;
  readonly sessionId: string;
  readonly salesforceUserId: string;
  readonly salesforceOrgId: string;
  readonly isAdmin: boolean;
  /** The Lightning origin that this session was made for. */
  readonly origin: string;
  /** Epoch milliseconds of the sign-in: a list pulled before it never serves this session. */
  readonly signedInAt: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Reads and writes the customer's Salesforce as this rep; opened from the sealed session. */
  readonly crm: CrmConnection;
}
