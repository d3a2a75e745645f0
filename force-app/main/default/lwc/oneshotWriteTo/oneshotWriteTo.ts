import formFactor from '@salesforce/client/formFactor';
import { tell } from 'c/oneshotChannel';
import { nameOf } from 'c/oneshotContacts';
import { type Addressee, openDraft } from 'c/oneshotDrafts';
import { beginQueue, type Chosen } from 'c/oneshotQueue';
import WriteModal from 'c/oneshotWriteModal';
import title from '@salesforce/label/c.Write';

/**
 * Where a mail is written: in the utility bar where the app has our utility, so that it stays while the rep goes from
 * record to record; else in a dialog. A phone has no utility bar.
 */

let docks = 0;

/** Called by the utility while it is there; the returned function ends it. */
export function dock(): () => void {
  docks += 1;
  return () => {
    docks -= 1;
  };
}

export function isDocked(): boolean {
  return docks > 0 && formFactor !== 'Small';
}

/** Shows what is being written. */
export async function showWriting(contactId?: string): Promise<void> {
  if (isDocked()) {
    tell(contactId === undefined ? { action: 'writeToSeveral' } : { action: 'write', contactId });
    return;
  }
  await WriteModal.open({ size: 'medium', label: title });
}

/** Opens the draft for a contact, or makes one. */
export function writeTo(addressee: Addressee): void {
  openDraft(addressee);
  void showWriting(addressee.contactId);
}

/** Begins one mail to several; to one alone it is a draft like any other. */
export function writeToSeveral(chosen: readonly Chosen[]): void {
  const [first, ...others] = chosen;
  if (first?.contact.canEmail && others.length === 0) {
    const { id, accountId } = first.contact;
    return writeTo({ contactId: id, accountId, name: nameOf(first.contact) });
  }
  beginQueue(chosen);
  void showWriting();
}
