import type { CrmConnection } from '../salesforce/connection.ts';
import { CrmInvalid, CrmRefused, CrmUnavailable } from '../salesforce/errors.ts';
import type { OrgSettings } from '../settings/settings.ts';

/** Length of Task.Subject in Salesforce, characters. */
const MAX_SUBJECT = 255;
/** Length of Task.Description in Salesforce, characters. */
const MAX_DESCRIPTION = 32_000;

/** Whether a send is written down in the customer's own Salesforce. @param wish what the rep chose, where they are asked */
export function logsToSalesforce(setting: OrgSettings['logSendsToSalesforce'], wish: boolean | undefined): boolean {
  return setting === 'always' || (setting === 'ask' && wish === true);
}

export interface SentMail {
  readonly contactId: string;
  readonly accountId: string | null;
  readonly subject: string;
  readonly text: string;
  /** When it was sent. */
  readonly at: Date;
}

/**
 * Writes a completed Task of the kind Email beside the contact, as the rep (FACTS B, "Log email"). A write is never
 * repeated: where Salesforce did not answer, nobody knows.
 */
export async function logTask(
  crm: CrmConnection,
  { contactId, accountId, subject, text, at }: SentMail,
  signal: AbortSignal,
): Promise<'created' | 'failed' | 'unknown'> {
  const task = {
    Subject: cut(`Email: ${subject}`, MAX_SUBJECT),
    Status: 'Completed',
    TaskSubtype: 'Email',
    ActivityDate: at.toISOString().slice(0, 10),
    WhoId: contactId,
    ...(accountId === null ? {} : { WhatId: accountId }),
    Description: cut(text, MAX_DESCRIPTION),
  };
  try {
    await crm.create('Task', task, signal);
    return 'created';
  } catch (error) {
    if (error instanceof CrmRefused) return 'failed';
    const isUnclear = error instanceof CrmUnavailable || error instanceof CrmInvalid || signal.aborted;
    return isUnclear ? 'unknown' : 'failed';
  }
}

/** The beginning of a text, not ending within a pair of UTF-16. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/\p{Cs}$/u, '');
}
