import { LightningElement } from 'lwc';
import { type KeptHead, Problem } from 'c/oneshotApi';
import { fill, formatCount, formatMoment } from 'c/oneshotFormat';
import * as session from 'c/oneshotSession';
import { label } from './labels';

const DAY_MS = 24 * 60 * 60_000;
/** The table shows the newest; Salesforce has them all. */
const SHOWN = 5;

/** Heads of the audit trail that are kept in the org's own Salesforce, and the button that keeps today's. */
export default class OneshotKeptHeads extends LightningElement {
  label = label;

  heads: KeptHead[] | null = null;
  problem: Problem | null = null;
  isBusy = false;
  announcement = '';
  /** Of the click that was not answered yet: trying again must not keep a second one. */
  private key: string | undefined;

  connectedCallback(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    await this.run(async () => {
      this.heads = await session.listKeptHeads();
    });
  }

  private async keep(): Promise<void> {
    this.key ??= session.randomToken();
    const { key } = this;
    await this.run(async () => {
      const { seq } = await session.keepHead(key);
      this.key = undefined;
      this.announcement = fill(label.keptNow, formatCount(seq));
      this.heads = await session.listKeptHeads();
    });
  }

  private async run(work: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    this.problem = null;
    this.announcement = '';
    try {
      await work();
    } catch (error) {
      this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
    } finally {
      this.isBusy = false;
    }
  }

  /** The one who must act here is the admin who reads this. */
  get words(): string | undefined {
    return this.problem?.code === 'setup_missing' ? label.missing : undefined;
  }

  get isBroken(): boolean {
    return this.heads?.some(({ holds }) => holds === false) ?? false;
  }

  get isStale(): boolean {
    const newest = this.heads?.[0];
    return newest !== undefined && Date.parse(newest.keptAt) + DAY_MS < session.serverNow();
  }

  get stateText(): string | undefined {
    if (this.heads === null) return undefined;
    const [newest] = this.heads;
    if (newest === undefined) return label.none;
    if (this.isBroken) return label.contradicts;
    const sentence = this.isStale ? label.stale : label.newest;
    return fill(sentence, formatMoment(Date.parse(newest.keptAt)), formatCount(this.heads.length));
  }

  get look(): { icon: string; variant: string } {
    if (this.isBroken) return { icon: 'utility:error', variant: 'error' };
    const isFine = this.hasRows && !this.isStale;
    return isFine ? { icon: 'utility:success', variant: 'success' } : { icon: 'utility:warning', variant: 'warning' };
  }

  get hasRows(): boolean {
    return (this.heads?.length ?? 0) > 0;
  }

  get rows(): { key: string; kept: string; entries: string; result: string; holds: string }[] {
    return (this.heads ?? []).slice(0, SHOWN).map(({ keptAt, seq, signature, holds }) => ({
      key: signature,
      kept: formatMoment(Date.parse(keptAt)),
      entries: formatCount(seq),
      result: holds === null ? label.foreign : holds ? label.holds : label.contradicts,
      holds: String(holds),
    }));
  }

  handleKeep(): void {
    session.whenSignedIn(() => {
      if (!this.isBusy) void this.keep();
    });
  }

  /** What failed was keeping, where there is a key. */
  handleRetry(): void {
    session.whenSignedIn(() => void (this.key === undefined ? this.load() : this.keep()));
  }

  handleDismiss(): void {
    this.problem = null;
  }
}
