import dismiss from '@salesforce/label/c.Dismiss';
import downloaded from '@salesforce/label/c.Evidence_Downloaded';
import backups from '@salesforce/label/c.Receipt_Backups';
import completed from '@salesforce/label/c.Receipt_Completed';
import counts from '@salesforce/label/c.Receipt_Counts';
import download from '@salesforce/label/c.Receipt_Download';
import id from '@salesforce/label/c.Receipt_Id';
import needsRep from '@salesforce/label/c.Receipt_Needs_Rep';
import noEndpoint from '@salesforce/label/c.Receipt_No_Endpoint';
import nothing from '@salesforce/label/c.Receipt_Nothing';
import wasRevoked from '@salesforce/label/c.Receipt_Revoked';

/** What the receipt says. */
export const label = { backups, completed, counts, dismiss, download, downloaded, id, nothing };

/** What became of a grant at a provider, by the backend's word for it. */
export const revoked: Record<string, string | undefined> = {
  revoked: wasRevoked,
  no_endpoint: noEndpoint,
  needs_rep: needsRep,
};
