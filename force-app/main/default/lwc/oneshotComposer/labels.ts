import addressNote from '@salesforce/label/c.Address_Note';
import announceInserted from '@salesforce/label/c.Announce_Inserted';
import announceSent from '@salesforce/label/c.Announce_Sent';
import announceUndo from '@salesforce/label/c.Announce_Undo';
import copied from '@salesforce/label/c.Copied';
import copyByHand from '@salesforce/label/c.Copy_By_Hand';
import copyText from '@salesforce/label/c.Copy_Text';
import discard from '@salesforce/label/c.Discard';
import discardAsk from '@salesforce/label/c.Discard_Ask';
import emptySubject from '@salesforce/label/c.Empty_Subject';
import ended from '@salesforce/label/c.Ended_Half_Written';
import insertReference from '@salesforce/label/c.Insert_Reference';
import keep from '@salesforce/label/c.Keep_Writing';
import loading from '@salesforce/label/c.Loading';
import missing from '@salesforce/label/c.Template_Missing';
import preview from '@salesforce/label/c.Preview';
import putBack from '@salesforce/label/c.Put_Back';
import replaced from '@salesforce/label/c.Template_Replaced';
import send from '@salesforce/label/c.Send';
import sendWithout from '@salesforce/label/c.Send_Without_Subject';
import to from '@salesforce/label/c.Mail_To';
import writeSubject from '@salesforce/label/c.Write_Subject';

export const label = {
  addressNote,
  announceInserted,
  announceSent,
  announceUndo,
  copied,
  copyByHand,
  copyText,
  discard,
  discardAsk,
  emptySubject,
  ended,
  insertReference,
  keep,
  loading,
  missing,
  preview,
  putBack,
  replaced,
  send,
  sendWithout,
  to,
  writeSubject,
};
