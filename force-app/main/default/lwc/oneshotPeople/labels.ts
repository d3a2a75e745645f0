import keysCount from '@salesforce/label/c.Keys_Count';
import keysNone from '@salesforce/label/c.Keys_Count_None';
import keysOnePerson from '@salesforce/label/c.Keys_Count_One_Person';
import keysOne from '@salesforce/label/c.Keys_Count_One';
import keysOpen from '@salesforce/label/c.Keys_Open';
import keysText from '@salesforce/label/c.Keys_Text';
import keysTitle from '@salesforce/label/c.Keys_Title';
import actions from '@salesforce/label/c.People_Actions';
import allEnded from '@salesforce/label/c.People_All_Ended';
import attention from '@salesforce/label/c.People_Attention';
import blocked from '@salesforce/label/c.People_Blocked';
import connections from '@salesforce/label/c.People_Connections';
import count from '@salesforce/label/c.People_Count';
import countOne from '@salesforce/label/c.People_Count_One';
import empty from '@salesforce/label/c.People_Empty';
import end from '@salesforce/label/c.People_End';
import endAll from '@salesforce/label/c.People_End_All';
import endAllText from '@salesforce/label/c.People_End_All_Text';
import endAllTitle from '@salesforce/label/c.People_End_All_Title';
import ended from '@salesforce/label/c.People_Ended';
import erase from '@salesforce/label/c.People_Erase';
import erased from '@salesforce/label/c.People_Erased';
import erasing from '@salesforce/label/c.People_Erasing';
import inactive from '@salesforce/label/c.People_Inactive';
import intro from '@salesforce/label/c.People_Intro';
import last from '@salesforce/label/c.People_Last';
import loading from '@salesforce/label/c.People_Loading';
import name from '@salesforce/label/c.People_Name';
import noName from '@salesforce/label/c.People_No_Name';
import reconnect from '@salesforce/label/c.People_Reconnect';
import sessions from '@salesforce/label/c.People_Sessions';
import signIn from '@salesforce/label/c.People_Sign_In';
import title from '@salesforce/label/c.People_Title';
import waitingAdmin from '@salesforce/label/c.People_Waiting_Admin';
import refresh from '@salesforce/label/c.Refresh';
import more from '@salesforce/label/c.Show_More';

/** What the page of people says. */
export const label = {
  actions,
  allEnded,
  attention,
  blocked,
  connections,
  count,
  countOne,
  empty,
  end,
  endAll,
  endAllText,
  endAllTitle,
  ended,
  erase,
  erased,
  erasing,
  inactive,
  intro,
  keysCount,
  keysNone,
  keysOne,
  keysOnePerson,
  keysOpen,
  keysText,
  keysTitle,
  last,
  loading,
  more,
  name,
  noName,
  reconnect,
  refresh,
  sessions,
  signIn,
  title,
  waitingAdmin,
};
