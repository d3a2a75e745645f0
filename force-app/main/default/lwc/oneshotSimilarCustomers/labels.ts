import checkAgreed from '@salesforce/label/c.Check_Agreed';
import copied from '@salesforce/label/c.Copied';
import copy from '@salesforce/label/c.Copy';
import copyByHand from '@salesforce/label/c.Copy_By_Hand';
import copyFor from '@salesforce/label/c.Copy_For';
import copySentence from '@salesforce/label/c.Copy_Sentence';
import insert from '@salesforce/label/c.Insert';
import inserted from '@salesforce/label/c.Announce_Inserted';
import insertFor from '@salesforce/label/c.Insert_For';
import insertSentence from '@salesforce/label/c.Insert_Sentence';
import largest from '@salesforce/label/c.Show_Largest_In_Industry';
import largestTitle from '@salesforce/label/c.Largest_Title';
import leaveOut from '@salesforce/label/c.Leave_Out';
import list from '@salesforce/label/c.Similar_List';
import loading from '@salesforce/label/c.Similar_Loading';
import moreActions from '@salesforce/label/c.Actions_For';
import nameInSentence from '@salesforce/label/c.Name_In_Sentence';
import noName from '@salesforce/label/c.No_Name';
import none from '@salesforce/label/c.Similar_None';
import nonePay from '@salesforce/label/c.Similar_No_Customers';
import open from '@salesforce/label/c.Open';
import openInNewTab from '@salesforce/label/c.Open_In_New_Tab';
import sentence from '@salesforce/label/c.Reference_Sentence';
import showMore from '@salesforce/label/c.Show_More';
import signInAndMore from '@salesforce/label/c.Sign_In_And_More';
import signInAndShow from '@salesforce/label/c.Sign_In_And_Show';

export const label = {
  checkAgreed,
  copied,
  copy,
  copyByHand,
  copyFor,
  copySentence,
  insert,
  inserted,
  insertFor,
  insertSentence,
  largest,
  largestTitle,
  leaveOut,
  list,
  loading,
  moreActions,
  nameInSentence,
  noName,
  none,
  nonePay,
  open,
  openInNewTab,
  sentence,
  showMore,
  signInAndMore,
  signInAndShow,
};
