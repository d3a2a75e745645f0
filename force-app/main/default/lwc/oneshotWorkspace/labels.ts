import title from '@salesforce/label/c.My_Customers';
import announceForgotten from '@salesforce/label/c.Announce_Forgotten';
import announceLoaded from '@salesforce/label/c.Announce_Loaded';
import announceMatched from '@salesforce/label/c.Announce_Matched';
import checkAgreed from '@salesforce/label/c.Check_Agreed';
import columnsUnknown from '@salesforce/label/c.Columns_Unknown';
import connections from '@salesforce/label/c.Connections';
import chooseContacts from '@salesforce/label/c.Choose_Contacts';
import copied from '@salesforce/label/c.Copied';
import copiedLink from '@salesforce/label/c.Copied_Link';
import copyAsReferences from '@salesforce/label/c.Copy_As_References';
import copyByHand from '@salesforce/label/c.Copy_By_Hand';
import copyLink from '@salesforce/label/c.Copy_Link';
import countOf from '@salesforce/label/c.Count_Of';
import customersLike from '@salesforce/label/c.Customers_Like';
import endsSoon from '@salesforce/label/c.Ends_Soon';
import menu from '@salesforce/label/c.Menu';
import notTold from '@salesforce/label/c.Sign_Out_Not_Told';
import renewing from '@salesforce/label/c.Freshness_Renewing';
import refresh from '@salesforce/label/c.Refresh';
import selected from '@salesforce/label/c.Selected';
import sessionOver from '@salesforce/label/c.Session_Over';
import signInAndChange from '@salesforce/label/c.Sign_In_And_Change';
import signInAndMore from '@salesforce/label/c.Sign_In_And_More';
import signInAndRefresh from '@salesforce/label/c.Sign_In_And_Refresh';
import signInAndSearch from '@salesforce/label/c.Sign_In_And_Search';
import signInAndShow from '@salesforce/label/c.Sign_In_And_Show';
import signIn from '@salesforce/label/c.Sign_In';
import signOut from '@salesforce/label/c.Sign_Out';
import signedOut from '@salesforce/label/c.Signed_Out';
import stay from '@salesforce/label/c.Stay_Signed_In';
import stored from '@salesforce/label/c.Stored_Title';
import writingAlready from '@salesforce/label/c.Queue_Busy';
import type { Deed } from 'c/oneshotCustomerList';

export const label = {
  announceForgotten,
  announceLoaded,
  announceMatched,
  checkAgreed,
  columnsUnknown,
  connections,
  chooseContacts,
  copied,
  copiedLink,
  copyAsReferences,
  copyByHand,
  copyLink,
  countOf,
  customersLike,
  endsSoon,
  menu,
  notTold,
  refresh,
  renewing,
  selected,
  sessionOver,
  signIn,
  signOut,
  signedOut,
  stay,
  stored,
  title,
  writingAlready,
};

/** "Sign in and ...": what the button does after signing in. */
export const signInAnd: Record<Deed, string> = {
  open: signInAndShow,
  search: signInAndSearch,
  filter: signInAndChange,
  sort: signInAndChange,
  more: signInAndMore,
  refresh: signInAndRefresh,
};
