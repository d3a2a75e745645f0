import { api, LightningElement } from 'lwc';
import type { Freshness } from 'c/oneshotApi';
import { fill, formatCount } from 'c/oneshotFormat';
import loading from '@salesforce/label/c.Pull_Progress';
import starting from '@salesforce/label/c.Pull_Starting';
import waitingSort from '@salesforce/label/c.Pull_Sort_Waits';

/** How far the first pull is; gone when it is complete. */
export default class OneshotPullProgress extends LightningElement {
  @api freshness: Freshness | undefined;
  /** True once the rep chose another order, which has to wait. */
  @api isSortWaiting = false;

  label = { waitingSort };

  get text(): string {
    if (!this.freshness || this.freshness.total === 0) return starting;
    return fill(loading, formatCount(this.freshness.fetched), formatCount(this.freshness.total));
  }

  get percent(): number {
    const { fetched = 0, total = 0 } = this.freshness ?? {};
    return total === 0 ? 0 : Math.min(100, Math.floor((fetched / total) * 100));
  }
}
