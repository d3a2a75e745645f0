import { api, LightningElement } from 'lwc';
import { isAborted, Problem, type SimilarCustomer } from 'c/oneshotApi';
import { reasonText, referenceSentence } from 'c/oneshotReferences';
import * as session from 'c/oneshotSession';
import checkAgreed from '@salesforce/label/c.Check_Agreed';
import close from '@salesforce/label/c.Close';
import insert from '@salesforce/label/c.Insert';
import loading from '@salesforce/label/c.Similar_Loading_Short';
import noName from '@salesforce/label/c.No_Name';
import none from '@salesforce/label/c.Similar_None';
import title from '@salesforce/label/c.Insert_Reference';

interface Choice {
  label: string;
  value: string;
}

/** Names enough for a sentence, and to choose from. */
const LIMIT = 6;

/** Customers like the account that is written to, to name in a mail. Fires `choose` `{ sentence }` and `close`. */
export default class OneshotReferencePicker extends LightningElement {
  @api accountId: string | null = null;

  label = { checkAgreed, close, insert, loading, none, title };
  phase: 'loading' | 'ready' = 'loading';
  problem: Problem | undefined;
  chosen: string[] = [];
  private rows: readonly SimilarCustomer[] = [];
  private reading = new AbortController();

  connectedCallback(): void {
    this.reading = new AbortController();
    void this.read(this.reading.signal);
  }

  disconnectedCallback(): void {
    this.reading.abort();
  }

  get isLoading(): boolean {
    return this.phase === 'loading';
  }

  get isEmpty(): boolean {
    return this.phase === 'ready' && !this.problem && this.rows.length === 0;
  }

  get hasChoices(): boolean {
    return this.rows.length > 0;
  }

  get choices(): Choice[] {
    return this.rows.map(({ account, reasons }) => ({
      value: account.id,
      label: [account.name ?? noName, ...reasons.slice(0, 1).map((one) => reasonText(one, { account }))].join(' · '),
    }));
  }

  get isNoneChosen(): boolean {
    return this.chosen.length === 0;
  }

  private async read(signal: AbortSignal): Promise<void> {
    this.phase = 'loading';
    this.problem = undefined;
    try {
      if (this.accountId !== null) this.rows = (await session.listSimilar(this.accountId, LIMIT, signal)).rows;
      this.phase = 'ready';
    } catch (error) {
      if (isAborted(error) || signal.aborted) return;
      this.phase = 'ready';
      this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
    }
  }

  handleRetry(): void {
    session.whenSignedIn(() => void this.read(this.reading.signal));
  }

  handleChange(event: CustomEvent<{ value: string[] }>): void {
    this.chosen = [...event.detail.value];
  }

  handleKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    this.handleClose();
  }

  handleInsert(): void {
    const names = this.rows
      .filter(({ account }) => this.chosen.includes(account.id))
      .map(({ account }) => account.name ?? noName);
    this.dispatchEvent(new CustomEvent('choose', { detail: { sentence: referenceSentence(names) } }));
  }

  handleClose(): void {
    this.dispatchEvent(new CustomEvent('close'));
  }
}
