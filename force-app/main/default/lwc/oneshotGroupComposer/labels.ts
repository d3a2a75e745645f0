import cancel from '@salesforce/label/c.Queue_Cancel';
import close from '@salesforce/label/c.Close';
import companyField from '@salesforce/label/c.Insert_Company';
import discard from '@salesforce/label/c.Discard';
import discardAsk from '@salesforce/label/c.Discard_Ask';
import done from '@salesforce/label/c.Queue_Done';
import doneAll from '@salesforce/label/c.Queue_Done_All';
import emptySubject from '@salesforce/label/c.Empty_Subject';
import inThisTab from '@salesforce/label/c.Queue_In_This_Tab';
import keep from '@salesforce/label/c.Keep_Writing';
import lasts from '@salesforce/label/c.Queue_Lasts';
import left from '@salesforce/label/c.Queue_Left';
import nameField from '@salesforce/label/c.Insert_Name';
import noneLeft from '@salesforce/label/c.Queue_None';
import pause from '@salesforce/label/c.Queue_Pause';
import paused from '@salesforce/label/c.Queue_Paused';
import progress from '@salesforce/label/c.Queue_Progress';
import resume from '@salesforce/label/c.Queue_Resume';
import send from '@salesforce/label/c.Queue_Send';
import sendWithout from '@salesforce/label/c.Send_Without_Subject';
import signInAndGoOn from '@salesforce/label/c.Queue_Sign_In';
import signInText from '@salesforce/label/c.Queue_Session_Ended';
import skipped from '@salesforce/label/c.Queue_Skipped';
import title from '@salesforce/label/c.Draft_To_Several';
import writeSubject from '@salesforce/label/c.Write_Subject';

export const label = {
  cancel,
  close,
  companyField,
  discard,
  discardAsk,
  done,
  doneAll,
  emptySubject,
  inThisTab,
  keep,
  lasts,
  left,
  nameField,
  noneLeft,
  pause,
  paused,
  progress,
  resume,
  send,
  sendWithout,
  signInAndGoOn,
  signInText,
  skipped,
  title,
  writeSubject,
};
