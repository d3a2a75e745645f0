import { api, LightningElement } from 'lwc';
import type { Receipt } from 'c/oneshotApi';
import { downloadJson } from 'c/oneshotDownload';
import { fill, formatCount, formatMoment, formatNames } from 'c/oneshotFormat';
import { channelNames } from 'c/oneshotSettingNames';
import { label, revoked } from './labels';

interface Fact {
  key: string;
  text: string;
}

const moment = (iso: string): string => formatMoment(Date.parse(iso));
const providerName = (provider: string): string => (channelNames as Record<string, string>)[provider] ?? provider;

/**
 * What stays of an erasure: how much went, which grants somebody ends where, and when the last backup is gone. Nothing
 * personal is inside, so it may be kept. Fires `dismiss`.
 */
export default class OneshotReceipt extends LightningElement {
  /** Complete, signed. */
  @api receipt: Receipt | null = null;
  /** What was erased, in a sentence. */
  @api heading = '';

  label = label;
  announcement = '';
  private isFresh = true;

  /** Whoever erased is led to what came of it. */
  renderedCallback(): void {
    if (!this.isFresh || !this.receipt) return;
    this.isFresh = false;
    (this.refs?.heading as HTMLElement | undefined)?.focus();
  }

  get facts(): Fact[] {
    const { receipt } = this;
    if (!receipt) return [];
    const { counts, revocations, backupsGoneAt, completedAt } = receipt;
    const gone = Object.entries(counts).filter(([, count]) => count > 0);
    const list = formatNames(gone.map(([name, count]) => `${name} (${formatCount(count)})`));
    return [
      ...(completedAt === null ? [] : [{ key: 'at', text: fill(label.completed, moment(completedAt)) }]),
      { key: 'gone', text: gone.length === 0 ? label.nothing : fill(label.counts, list) },
      ...revocations.map(({ provider, result }) => ({
        key: provider,
        text: fill(revoked[result] ?? result, providerName(provider)),
      })),
      ...(backupsGoneAt === null ? [] : [{ key: 'backups', text: fill(label.backups, moment(backupsGoneAt)) }]),
    ];
  }

  get idText(): string {
    return fill(label.id, this.receipt?.id ?? '');
  }

  handleDownload(): void {
    if (!this.receipt) return;
    const name = `oneshot-receipt-${this.receipt.id.slice(0, 12)}.json`;
    downloadJson(name, this.receipt);
    this.announcement = fill(label.downloaded, name);
  }

  handleDismiss(): void {
    this.dispatchEvent(new CustomEvent('dismiss'));
  }
}
