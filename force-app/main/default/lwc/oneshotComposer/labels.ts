import addressNote from '@salesforce/label/c.Address_Note';
import always from '@salesforce/label/c.Log_Always';
import announceInserted from '@salesforce/label/c.Announce_Inserted';
import announceSent from '@salesforce/label/c.Announce_Sent';
import announceUndo from '@salesforce/label/c.Announce_Undo';
import chooseTemplate from '@salesforce/label/c.Template';
import copied from '@salesforce/label/c.Copied';
import copyByHand from '@salesforce/label/c.Copy_By_Hand';
import copyText from '@salesforce/label/c.Copy_Text';
import discard from '@salesforce/label/c.Discard';
import discardAsk from '@salesforce/label/c.Discard_Ask';
import emptySubject from '@salesforce/label/c.Empty_Subject';
import emptyText from '@salesforce/label/c.Empty_Text';
import ended from '@salesforce/label/c.Ended_Half_Written';
import footer from '@salesforce/label/c.Mail_Footer_Note';
import insertReference from '@salesforce/label/c.Insert_Reference';
import keep from '@salesforce/label/c.Keep_Writing';
import log from '@salesforce/label/c.Log_To_Salesforce';
import missing from '@salesforce/label/c.Template_Missing';
import preview from '@salesforce/label/c.Preview';
import putBack from '@salesforce/label/c.Put_Back';
import replaced from '@salesforce/label/c.Template_Replaced';
import send from '@salesforce/label/c.Send';
import sendWithout from '@salesforce/label/c.Send_Without_Subject';
import storedShort from '@salesforce/label/c.Stored_Sends';
import stored from '@salesforce/label/c.Stored_Title';
import subject from '@salesforce/label/c.Subject';
import to from '@salesforce/label/c.Mail_To';
import writeSubject from '@salesforce/label/c.Write_Subject';

export const label = {
  addressNote,
  always,
  announceInserted,
  announceSent,
  announceUndo,
  chooseTemplate,
  copied,
  copyByHand,
  copyText,
  discard,
  discardAsk,
  emptySubject,
  emptyText,
  ended,
  footer,
  insertReference,
  keep,
  log,
  missing,
  preview,
  putBack,
  replaced,
  send,
  sendWithout,
  stored,
  storedShort,
  subject,
  to,
  writeSubject,
};
