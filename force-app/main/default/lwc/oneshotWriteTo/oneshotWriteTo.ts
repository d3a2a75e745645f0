import formFactor from '@salesforce/client/formFactor';
import { tell } from 'c/oneshotChannel';
import { nameOf } from 'c/oneshotContacts';
import { type Addressee, openDraft } from 'c/oneshotDrafts';
import { isFocusLost } from 'c/oneshotFocus';
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

/** Puts the focus back to where writing began; the dialog does so by itself. */
type GiveBack = () => void;
let giveBack: GiveBack | undefined;

/** The utility was put away: where that left the focus nowhere, it goes back to where Write was pressed. */
export function leaveWriting(): void {
  const back = giveBack;
  giveBack = undefined;
  if (isFocusLost()) back?.();
}

/** Shows what is being written. */
export async function showWriting(contactId?: string, back?: GiveBack): Promise<void> {
  if (isDocked()) {
    giveBack = back;
    tell(contactId === undefined ? { action: 'writeToSeveral' } : { action: 'write', contactId });
    return;
  }
  await WriteModal.open({ size: 'medium', label: title });
}

/** Opens the draft for a contact, or makes one. */
export function writeTo(addressee: Addressee, back?: GiveBack): void {
  openDraft(addressee);
  void showWriting(addressee.contactId, back);
}

/** Begins one mail to several; to one alone it is a draft like any other. */
export function writeToSeveral(chosen: readonly Chosen[], back?: GiveBack): void {
  const [first, ...others] = chosen;
  if (first?.contact.canEmail && others.length === 0) {
    const { id, accountId } = first.contact;
    return writeTo({ contactId: id, accountId, name: nameOf(first.contact) }, back);
  }
  beginQueue(chosen);
  void showWriting(undefined, back);
}
