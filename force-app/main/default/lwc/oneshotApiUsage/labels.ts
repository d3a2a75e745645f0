import activity from '@salesforce/label/c.Usage_Activity';
import bar from '@salesforce/label/c.Usage_Bar';
import calls from '@salesforce/label/c.Usage_Calls';
import customerList from '@salesforce/label/c.Usage_Customer_List';
import email from '@salesforce/label/c.Usage_Email';
import limit from '@salesforce/label/c.Usage_Org';
import limitUnknown from '@salesforce/label/c.Usage_Org_Unknown';
import ours from '@salesforce/label/c.Usage_Ours';
import outreach from '@salesforce/label/c.Usage_Outreach';
import purpose from '@salesforce/label/c.Usage_Purpose';
import records from '@salesforce/label/c.Usage_Records';
import setup from '@salesforce/label/c.Usage_Setup';
import signIn from '@salesforce/label/c.Usage_Sign_In';
import title from '@salesforce/label/c.Usage_Title';

/** What the API usage says. */
export const label = {
  activity,
  bar,
  calls,
  customerList,
  email,
  limit,
  limitUnknown,
  ours,
  outreach,
  purpose,
  records,
  setup,
  signIn,
  title,
};
