import contradicts from '@salesforce/label/c.Heads_Contradicts';
import entries from '@salesforce/label/c.Heads_Entries';
import foreign from '@salesforce/label/c.Heads_Foreign';
import holds from '@salesforce/label/c.Heads_Holds';
import keep from '@salesforce/label/c.Heads_Keep';
import kept from '@salesforce/label/c.Heads_Kept';
import keptNow from '@salesforce/label/c.Heads_Kept_Now';
import missing from '@salesforce/label/c.Heads_Missing';
import newest from '@salesforce/label/c.Heads_Newest';
import none from '@salesforce/label/c.Heads_None';
import result from '@salesforce/label/c.Heads_Result';
import stale from '@salesforce/label/c.Heads_Stale';
import text from '@salesforce/label/c.Heads_Text';
import title from '@salesforce/label/c.Heads_Title';

/** What stands around the heads that are kept in Salesforce. */
export const label = {
  contradicts,
  entries,
  foreign,
  holds,
  keep,
  kept,
  keptNow,
  missing,
  newest,
  none,
  result,
  stale,
  text,
  title,
};
