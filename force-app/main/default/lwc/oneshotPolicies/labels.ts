import cacheHelp from '@salesforce/label/c.Setup_Cache_Help';
import cost from '@salesforce/label/c.Setup_Cost';
import assumption from '@salesforce/label/c.Setup_Cost_How';
import costOne from '@salesforce/label/c.Setup_Cost_One';
import footerHelp from '@salesforce/label/c.Setup_Footer_Help';
import footerId from '@salesforce/label/c.Setup_Footer_Id';
import groupSending from '@salesforce/label/c.Setup_Group_Sending';
import groupSession from '@salesforce/label/c.Setup_Group_Session';
import groupRegion from '@salesforce/label/c.Setup_Region';
import regionChange from '@salesforce/label/c.Setup_Region_Change';
import regionHelp from '@salesforce/label/c.Setup_Region_Help';
import sessionHelp from '@salesforce/label/c.Setup_Session_Help';
import limit from '@salesforce/label/c.Usage_Org';
import limitUnknown from '@salesforce/label/c.Usage_Org_Unknown';

/** What the policies say. */
export const label = {
  assumption,
  cacheHelp,
  cost,
  costOne,
  footerHelp,
  footerId,
  groupRegion,
  groupSending,
  groupSession,
  limit,
  limitUnknown,
  regionChange,
  regionHelp,
  sessionHelp,
};
