import { api, LightningElement } from 'lwc';
import type { Usage } from 'c/oneshotApi';
import { fill, formatCount } from 'c/oneshotFormat';
import { label } from './labels';

const PURPOSES: readonly (readonly [name: string, text: string])[] = [
  ['customer_list', label.customerList],
  ['records', label.records],
  ['email', label.email],
  ['outreach', label.outreach],
  ['activity', label.activity],
  ['sign_in', label.signIn],
  ['setup', label.setup],
];

/** What OneShot costs the org in API calls, beside what the org may make. */
export default class OneshotApiUsage extends LightningElement {
  @api usage: Usage | null = null;

  label = label;

  get oursText(): string {
    return fill(label.ours, formatCount(this.usage?.apiCallsToday ?? 0));
  }

  get limitText(): string {
    const { orgLimit = null, orgRemaining = null } = this.usage ?? {};
    if (orgLimit === null || orgRemaining === null) return label.limitUnknown;
    return fill(label.limit, formatCount(orgLimit), formatCount(orgRemaining));
  }

  get hasLimit(): boolean {
    return this.usage?.orgLimit != null && this.usage.orgRemaining != null;
  }

  /** Percent of the org's calls that are used, by everything. */
  get used(): number {
    const { orgLimit, orgRemaining } = this.usage ?? {};
    if (!orgLimit || orgRemaining == null) return 0;
    return Math.round(((orgLimit - orgRemaining) / orgLimit) * 100);
  }

  get rows(): { name: string; text: string; calls: string }[] {
    return PURPOSES.map(([name, text]) => ({ name, text, calls: formatCount(this.usage?.byPurpose[name] ?? 0) }));
  }
}
