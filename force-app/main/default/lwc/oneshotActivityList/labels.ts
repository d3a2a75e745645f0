import empty from '@salesforce/label/c.Activity_Empty';
import hint from '@salesforce/label/c.Activity_Hint';
import loading from '@salesforce/label/c.Activity_Loading';
import more from '@salesforce/label/c.Show_More';
import refresh from '@salesforce/label/c.Refresh';
import show from '@salesforce/label/c.Activity_Show';
import shown from '@salesforce/label/c.Activity_Shown';
import signInAndShow from '@salesforce/label/c.Sign_In_And_Show_Activity';
import title from '@salesforce/label/c.Activity_Title';

export const label = { empty, hint, loading, more, refresh, show, shown, signInAndShow, title };
