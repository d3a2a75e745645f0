import open from '@salesforce/label/c.Setup_Open';
import opensTab from '@salesforce/label/c.Setup_Opens_Tab';
import done from '@salesforce/label/c.Setup_State_Ok';
import todo from '@salesforce/label/c.Setup_State_Todo';
import unknown from '@salesforce/label/c.Setup_State_Unknown';

/** What the checks say. */
export const label = {
  done,
  open,
  opensTab,
  todo,
  unknown,
};
