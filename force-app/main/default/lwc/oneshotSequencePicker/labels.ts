import connectFirst from '@salesforce/label/c.Sequence_Connect_First';
import found from '@salesforce/label/c.Sequence_Found';
import intro from '@salesforce/label/c.Sequence_Intro';
import loading from '@salesforce/label/c.Sequence_Loading';
import mailbox from '@salesforce/label/c.Sequence_Mailbox';
import more from '@salesforce/label/c.Show_More';
import noMailbox from '@salesforce/label/c.Sequence_No_Mailbox';
import noMatch from '@salesforce/label/c.Sequence_No_Match';
import search from '@salesforce/label/c.Sequence_Search';
import sequence from '@salesforce/label/c.Sequence';
import signIn from '@salesforce/label/c.Sign_In_And_Search';
import start from '@salesforce/label/c.Sequence_Start';

export const label = {
  connectFirst,
  found,
  intro,
  loading,
  mailbox,
  more,
  noMailbox,
  noMatch,
  search,
  sequence,
  signIn,
  start,
};
