import done from '@salesforce/label/c.Done';
import menu from '@salesforce/label/c.Menu';
import back from '@salesforce/label/c.Setup_Back';
import checkAgain from '@salesforce/label/c.Setup_Check_Again';
import checked from '@salesforce/label/c.Setup_Checked';
import checking from '@salesforce/label/c.Setup_Checking';
import checks from '@salesforce/label/c.Setup_Checks';
import choosePerson from '@salesforce/label/c.Setup_Choose_Person';
import doneOf from '@salesforce/label/c.Setup_Done_Of';
import helpApp from '@salesforce/label/c.Setup_Help_App';
import helpComponents from '@salesforce/label/c.Setup_Help_Components';
import helpPermissions from '@salesforce/label/c.Setup_Help_Permissions';
import helpPolicies from '@salesforce/label/c.Setup_Help_Policies';
import helpProducts from '@salesforce/label/c.Setup_Help_Products';
import intro from '@salesforce/label/c.Setup_Intro';
import lookAs from '@salesforce/label/c.Setup_Look_As';
import next from '@salesforce/label/c.Setup_Next';
import stepPaying from '@salesforce/label/c.Setup_Paying_Choose';
import helpPaying from '@salesforce/label/c.Setup_Paying_Help';
import save from '@salesforce/label/c.Setup_Save';
import saved from '@salesforce/label/c.Setup_Saved';
import signIn from '@salesforce/label/c.Setup_Sign_In';
import stepApp from '@salesforce/label/c.Setup_Step_App';
import stepComponents from '@salesforce/label/c.Setup_Step_Components';
import stepPermissions from '@salesforce/label/c.Setup_Step_Permissions';
import stepPolicies from '@salesforce/label/c.Setup_Step_Policies';
import stepProducts from '@salesforce/label/c.Setup_Step_Products';
import steps from '@salesforce/label/c.Setup_Steps';
import title from '@salesforce/label/c.Setup_Title';
import unsaved from '@salesforce/label/c.Setup_Unsaved';
import unsavedOne from '@salesforce/label/c.Setup_Unsaved_One';
import signOut from '@salesforce/label/c.Sign_Out';

/** What the set-up says. */
export const label = {
  back,
  checkAgain,
  checked,
  checking,
  checks,
  choosePerson,
  done,
  doneOf,
  helpApp,
  helpComponents,
  helpPaying,
  helpPermissions,
  helpPolicies,
  helpProducts,
  intro,
  lookAs,
  menu,
  next,
  save,
  saved,
  signIn,
  signOut,
  stepApp,
  stepComponents,
  stepPaying,
  stepPermissions,
  stepPolicies,
  stepProducts,
  steps,
  title,
  unsaved,
  unsavedOne,
};
