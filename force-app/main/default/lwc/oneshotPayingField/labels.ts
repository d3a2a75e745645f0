import formula from '@salesforce/label/c.Setup_Formula';
import copied from '@salesforce/label/c.Setup_Formula_Copied';
import copyFormula from '@salesforce/label/c.Setup_Formula_Copy';
import formulaHelp from '@salesforce/label/c.Setup_Formula_Help';
import formulaTitle from '@salesforce/label/c.Setup_Formula_Title';
import choose from '@salesforce/label/c.Setup_Paying_Choose';
import count from '@salesforce/label/c.Setup_Paying_Count';
import counting from '@salesforce/label/c.Setup_Paying_Counting';
import empty from '@salesforce/label/c.Setup_Paying_Empty';
import help from '@salesforce/label/c.Setup_Paying_Help';
import largest from '@salesforce/label/c.Setup_Paying_Largest';
import more from '@salesforce/label/c.Setup_Paying_More';
import noMatch from '@salesforce/label/c.Setup_Paying_None';
import search from '@salesforce/label/c.Setup_Paying_Search';
import currency from '@salesforce/label/c.Setup_Type_Currency';
import number from '@salesforce/label/c.Setup_Type_Number';
import percent from '@salesforce/label/c.Setup_Type_Percent';

/** What the choice of the paying field says. */
export const label = {
  choose,
  copied,
  copyFormula,
  count,
  counting,
  currency,
  empty,
  formula,
  formulaHelp,
  formulaTitle,
  help,
  largest,
  more,
  noMatch,
  number,
  percent,
  search,
};
