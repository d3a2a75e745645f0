import type { CrmConnection } from '../salesforce/connection.ts';
import { CrmFieldHidden } from '../salesforce/errors.ts';

/** A contact's name in its parts, as far as the rep may see them. */
export interface PersonName {
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/** @throws the Crm errors of CrmConnection */
export async function readPerson(crm: CrmConnection, contactId: string, signal: AbortSignal): Promise<PersonName> {
  try {
    const record = await crm.retrieve('Contact', contactId, ['FirstName', 'LastName'], signal);
    return { firstName: textOf(record?.FirstName), lastName: textOf(record?.LastName) };
  } catch (error) {
    if (error instanceof CrmFieldHidden) return { firstName: null, lastName: null };
    throw error;
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
