import always from '@salesforce/label/c.Log_Always';
import cancel from '@salesforce/label/c.Queue_Cancel';
import chooseTemplate from '@salesforce/label/c.Template';
import close from '@salesforce/label/c.Close';
import companyField from '@salesforce/label/c.Insert_Company';
import discard from '@salesforce/label/c.Discard';
import discardAsk from '@salesforce/label/c.Discard_Ask';
import done from '@salesforce/label/c.Queue_Done';
import emptySubject from '@salesforce/label/c.Empty_Subject';
import footer from '@salesforce/label/c.Mail_Footer_Note';
import inThisTab from '@salesforce/label/c.Queue_In_This_Tab';
import keep from '@salesforce/label/c.Keep_Writing';
import lasts from '@salesforce/label/c.Queue_Lasts';
import left from '@salesforce/label/c.Queue_Left';
import log from '@salesforce/label/c.Log_To_Salesforce';
import nameField from '@salesforce/label/c.Insert_Name';
import noneLeft from '@salesforce/label/c.Queue_None';
import pause from '@salesforce/label/c.Queue_Pause';
import paused from '@salesforce/label/c.Queue_Paused';
import progress from '@salesforce/label/c.Queue_Progress';
import removeTemplate from '@salesforce/label/c.Remove_Template';
import resume from '@salesforce/label/c.Queue_Resume';
import send from '@salesforce/label/c.Queue_Send';
import sendWithout from '@salesforce/label/c.Send_Without_Subject';
import signInAndGoOn from '@salesforce/label/c.Queue_Sign_In';
import signInText from '@salesforce/label/c.Queue_Session_Ended';
import skipped from '@salesforce/label/c.Queue_Skipped';
import storedShort from '@salesforce/label/c.Stored_Sends';
import stored from '@salesforce/label/c.Stored_Title';
import subject from '@salesforce/label/c.Subject';
import templateUsed from '@salesforce/label/c.Queue_Template';
import title from '@salesforce/label/c.Draft_To_Several';
import writeSubject from '@salesforce/label/c.Write_Subject';

export const label = {
  always,
  cancel,
  chooseTemplate,
  close,
  companyField,
  discard,
  discardAsk,
  done,
  emptySubject,
  footer,
  inThisTab,
  keep,
  lasts,
  left,
  log,
  nameField,
  noneLeft,
  pause,
  paused,
  progress,
  removeTemplate,
  resume,
  send,
  sendWithout,
  signInAndGoOn,
  signInText,
  skipped,
  stored,
  storedShort,
  subject,
  templateUsed,
  title,
  writeSubject,
};
