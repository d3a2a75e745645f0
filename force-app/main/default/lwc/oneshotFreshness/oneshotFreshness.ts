import { api, LightningElement } from 'lwc';
import type { Freshness } from 'c/oneshotApi';
import { fill, formatAgo, formatClock, formatNames } from 'c/oneshotFormat';
import { serverNow } from 'c/oneshotSession';
import hidden from '@salesforce/label/c.Freshness_Hidden_Fields';
import live from '@salesforce/label/c.Freshness_Always_Live';
import long from '@salesforce/label/c.Freshness_Long';
import renewing from '@salesforce/label/c.Freshness_Renewing';
import short from '@salesforce/label/c.Freshness_Short';

const MINUTE_MS = 60_000;

/** When the list was read and when it will be forgotten, told again each minute. */
export default class OneshotFreshness extends LightningElement {
  @api freshness: Freshness | undefined;
  /** False where the org keeps no copy. */
  @api isCacheOff = false;
  @api isRenewing = false;
  @api isNarrow = false;

  now = serverNow();
  label = { renewing };
  private timer: ReturnType<typeof setInterval> | undefined;

  connectedCallback(): void {
    this.timer = setInterval(() => (this.now = serverNow()), MINUTE_MS);
  }

  disconnectedCallback(): void {
    clearInterval(this.timer);
  }

  get text(): string {
    return this.isCacheOff ? live : this.told(this.isNarrow ? 'short' : 'long');
  }

  get title(): string {
    return this.isCacheOff ? live : this.told('long');
  }

  get hiddenText(): string {
    const fields = this.freshness?.hiddenFields ?? [];
    return fields.length === 0 ? '' : fill(hidden, formatNames([...fields]));
  }

  private told(style: 'long' | 'short'): string {
    if (!this.freshness) return '';
    // A tick may be older than the list: time never runs backwards.
    const passedMs = Math.max(this.now, serverNow()) - Date.parse(this.freshness.fetchedAt);
    const until = formatClock(Date.parse(this.freshness.expiresAt));
    return fill(style === 'long' ? long : short, formatAgo(passedMs, style), until);
  }
}
