import { api, LightningElement } from 'lwc';
import { type EmailTemplate, isAborted, Problem, type Rows } from 'c/oneshotApi';
import { fill, formatCount } from 'c/oneshotFormat';
import * as session from 'c/oneshotSession';
import close from '@salesforce/label/c.Close';
import found from '@salesforce/label/c.Templates_Found';
import loading from '@salesforce/label/c.Loading';
import none from '@salesforce/label/c.Templates_None';
import noName from '@salesforce/label/c.No_Name';
import noneFound from '@salesforce/label/c.Filter_None';
import otherFolder from '@salesforce/label/c.Templates_Other_Folder';
import search from '@salesforce/label/c.Templates_Search';
import title from '@salesforce/label/c.Templates_Choose';

type Named = EmailTemplate & { name: string };

interface Folder {
  name: string;
  templates: Named[];
}

/** An org with more templates than this has folders that nobody reads through: searching asks for no more. */
const MOST = 1_000;

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The org's own email templates, by folder, with a search. Fires `choose` `{ id, name }` and `close`. */
export default class OneshotTemplatePicker extends LightningElement {
  label = { close, loading, search, title };
  templates: readonly Named[] = [];
  problem: Problem | undefined;
  phase: 'loading' | 'ready' = 'loading';
  private text = '';
  private reading = new AbortController();

  connectedCallback(): void {
    this.reading = new AbortController();
    void this.read(this.reading.signal);
  }

  disconnectedCallback(): void {
    this.reading.abort();
  }

  @api focus(): void {
    this.template?.querySelector<HTMLElement>('lightning-input')?.focus();
  }

  get isLoading(): boolean {
    return this.phase === 'loading';
  }

  get folders(): Folder[] {
    const words = fold(this.text).split(/\s+/).filter(Boolean);
    const folders = new Map<string, Named[]>();
    for (const template of this.templates) {
      const folder = template.folder ?? otherFolder;
      const haystack = fold(`${template.name} ${folder}`);
      if (!words.every((word) => haystack.includes(word))) continue;
      folders.set(folder, [...(folders.get(folder) ?? []), template]);
    }
    return [...folders].map(([name, templates]) => ({ name, templates })).sort((a, b) => a.name.localeCompare(b.name));
  }

  get emptyText(): string {
    if (this.phase === 'loading' || this.problem || this.folders.length > 0) return '';
    return this.templates.length === 0 ? none : noneFound;
  }

  get news(): string {
    if (this.phase === 'loading') return '';
    const count = this.folders.reduce((sum, { templates }) => sum + templates.length, 0);
    return fill(found, formatCount(count));
  }

  private async read(signal: AbortSignal): Promise<void> {
    this.phase = 'loading';
    this.problem = undefined;
    try {
      let all: Named[] = [];
      let cursor: string | null = null;
      do {
        const page: Rows<EmailTemplate> = await session.listTemplates(cursor, signal);
        all = [...all, ...page.rows.map((row) => ({ ...row, name: row.name ?? noName }))];
        cursor = page.nextCursor;
      } while (cursor !== null && all.length < MOST);
      this.templates = all;
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

  handleSearch(event: CustomEvent<{ value: string }>): void {
    this.text = event.detail.value;
  }

  handleKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    this.handleClose();
  }

  handleChoose(event: Event): void {
    const { id } = (event.currentTarget as HTMLElement).dataset;
    const template = this.templates.find((one) => one.id === id);
    if (!template) return;
    this.dispatchEvent(new CustomEvent('choose', { detail: { id: template.id, name: template.name } }));
  }

  handleClose(): void {
    this.dispatchEvent(new CustomEvent('close'));
  }
}
