import ask from '@salesforce/label/c.Disconnect_Ask';
import byHand from '@salesforce/label/c.Copy_By_Hand';
import cancel from '@salesforce/label/c.Cancel';
import checkAgain from '@salesforce/label/c.Check_Again';
import connect from '@salesforce/label/c.Connect';
import copied from '@salesforce/label/c.Copied_Link';
import copyLink from '@salesforce/label/c.Connection_Copy_Link';
import disconnect from '@salesforce/label/c.Disconnect';
import dismiss from '@salesforce/label/c.Dismiss';
import ends from '@salesforce/label/c.Connection_Ends';
import openGrants from '@salesforce/label/c.Connection_Open_Grants';
import reconnect from '@salesforce/label/c.Reconnect';
import signInAgain from '@salesforce/label/c.Sign_In_Again';
import since from '@salesforce/label/c.Connection_Since';

export const label = {
  ask,
  byHand,
  cancel,
  checkAgain,
  connect,
  copied,
  copyLink,
  disconnect,
  dismiss,
  ends,
  openGrants,
  reconnect,
  signInAgain,
  since,
};
