import erase from '@salesforce/label/c.People_Erase';
import help from '@salesforce/label/c.People_Erase_Help';
import title from '@salesforce/label/c.People_Erase_Title';
import type from '@salesforce/label/c.People_Erase_Type';
import cancel from '@salesforce/label/c.Setup_Cancel';

/** What the erasure asks. */
export const texts = {
  cancel,
  erase,
  help,
  title,
  type,
};
