import again from '@salesforce/label/c.Evidence_Again';
import broken from '@salesforce/label/c.Evidence_Broken';
import caches from '@salesforce/label/c.Evidence_Caches';
import cachesNone from '@salesforce/label/c.Evidence_Caches_None';
import canary from '@salesforce/label/c.Evidence_Canary';
import canaryAt from '@salesforce/label/c.Evidence_Canary_At';
import canaryBlind from '@salesforce/label/c.Evidence_Canary_Blind';
import canaryFound from '@salesforce/label/c.Evidence_Canary_Found';
import canaryNone from '@salesforce/label/c.Evidence_Canary_None';
import canarySearched from '@salesforce/label/c.Evidence_Canary_Searched';
import canaryText from '@salesforce/label/c.Evidence_Canary_Text';
import collection from '@salesforce/label/c.Evidence_Collection';
import collections from '@salesforce/label/c.Evidence_Collections';
import contact from '@salesforce/label/c.Evidence_Contact';
import documents from '@salesforce/label/c.Evidence_Documents';
import download from '@salesforce/label/c.Evidence_Download';
import downloaded from '@salesforce/label/c.Evidence_Downloaded';
import fetched from '@salesforce/label/c.Evidence_Fetched';
import fields from '@salesforce/label/c.Evidence_Fields';
import forgotten from '@salesforce/label/c.Evidence_Forgotten';
import headline from '@salesforce/label/c.Evidence_Headline';
import holds from '@salesforce/label/c.Evidence_Holds';
import intro from '@salesforce/label/c.Evidence_Intro';
import keys from '@salesforce/label/c.Evidence_Keys';
import loading from '@salesforce/label/c.Evidence_Loading';
import log from '@salesforce/label/c.Evidence_Log';
import measuredAt from '@salesforce/label/c.Evidence_Measured_At';
import nothing from '@salesforce/label/c.Evidence_Nothing';
import oldest from '@salesforce/label/c.Evidence_Oldest';
import print from '@salesforce/label/c.Evidence_Print';
import promises from '@salesforce/label/c.Evidence_Promises';
import rows from '@salesforce/label/c.Evidence_Rows';
import show from '@salesforce/label/c.Evidence_Show';
import stateBroken from '@salesforce/label/c.Evidence_State_Broken';
import stateUnknown from '@salesforce/label/c.Evidence_State_Unknown';
import test from '@salesforce/label/c.Evidence_Test';
import title from '@salesforce/label/c.Evidence_Title';
import unmeasured from '@salesforce/label/c.Evidence_Unmeasured';
import user from '@salesforce/label/c.Evidence_User';

/** What the page of the evidence says. */
export const label = {
  again,
  broken,
  caches,
  cachesNone,
  canary,
  canaryAt,
  canaryBlind,
  canaryFound,
  canaryNone,
  canarySearched,
  canaryText,
  collection,
  collections,
  contact,
  documents,
  download,
  downloaded,
  fetched,
  fields,
  forgotten,
  headline,
  holds,
  intro,
  keys,
  loading,
  log,
  measuredAt,
  nothing,
  oldest,
  print,
  promises,
  rows,
  show,
  stateBroken,
  stateUnknown,
  test,
  title,
  unmeasured,
  user,
};
