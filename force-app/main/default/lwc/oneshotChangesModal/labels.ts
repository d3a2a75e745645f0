import cancel from '@salesforce/label/c.Setup_Cancel';
import conflict from '@salesforce/label/c.Setup_Conflict';
import theirs from '@salesforce/label/c.Setup_Conflict_Theirs';
import conflictTitle from '@salesforce/label/c.Setup_Conflict_Title';
import yours from '@salesforce/label/c.Setup_Conflict_Yours';
import first from '@salesforce/label/c.Setup_Diff_First';
import after from '@salesforce/label/c.Setup_Diff_New';
import now from '@salesforce/label/c.Setup_Diff_Now';
import setting from '@salesforce/label/c.Setup_Diff_Setting';
import title from '@salesforce/label/c.Setup_Diff_Title';
import keepMine from '@salesforce/label/c.Setup_Keep_Mine';
import save from '@salesforce/label/c.Setup_Save';
import useTheirs from '@salesforce/label/c.Setup_Use_Theirs';

/** What the list of changes says. */
export const label = {
  after,
  cancel,
  conflict,
  conflictTitle,
  first,
  keepMine,
  now,
  save,
  setting,
  theirs,
  title,
  useTheirs,
  yours,
};
