import activityDays from '@salesforce/label/c.Setup_Activity_Days';
import cache from '@salesforce/label/c.Setup_Cache';
import cacheMinutes from '@salesforce/label/c.Setup_Cache_Minutes';
import channels from '@salesforce/label/c.Setup_Channels';
import footer from '@salesforce/label/c.Setup_Footer';
import footerNone from '@salesforce/label/c.Setup_Footer_None';
import logAlways from '@salesforce/label/c.Setup_Log_Always';
import logAsk from '@salesforce/label/c.Setup_Log_Ask';
import logNever from '@salesforce/label/c.Setup_Log_Never';
import logging from '@salesforce/label/c.Setup_Logging';
import none from '@salesforce/label/c.Setup_Nothing';
import off from '@salesforce/label/c.Setup_Off';
import on from '@salesforce/label/c.Setup_On';
import payingField from '@salesforce/label/c.Setup_Paying_Choose';
import productsField from '@salesforce/label/c.Setup_Products_Account_Field';
import productsAssets from '@salesforce/label/c.Setup_Products_Assets';
import productField from '@salesforce/label/c.Setup_Products_Field';
import productsLines from '@salesforce/label/c.Setup_Products_Lines';
import productsNone from '@salesforce/label/c.Setup_Products_None';
import productSource from '@salesforce/label/c.Setup_Products_Source';
import region from '@salesforce/label/c.Setup_Region';
import asia from '@salesforce/label/c.Setup_Region_asia';
import eu from '@salesforce/label/c.Setup_Region_eu';
import us from '@salesforce/label/c.Setup_Region_us';
import sends from '@salesforce/label/c.Setup_Sends';
import session from '@salesforce/label/c.Setup_Session';

/** Names of settings and of their values. */
export const label = {
  activityDays,
  asia,
  cache,
  cacheMinutes,
  channels,
  eu,
  footer,
  footerNone,
  logAlways,
  logAsk,
  logNever,
  logging,
  none,
  off,
  on,
  payingField,
  productField,
  productSource,
  productsAssets,
  productsField,
  productsLines,
  productsNone,
  region,
  sends,
  session,
  us,
};
