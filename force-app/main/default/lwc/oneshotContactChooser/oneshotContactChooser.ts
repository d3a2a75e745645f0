import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import { type Contact, isAborted, Problem } from 'c/oneshotApi';
import { nameOf, shortRefusalOf } from 'c/oneshotContacts';
import { fill, formatCount } from 'c/oneshotFormat';
import { type Chosen, MOST } from 'c/oneshotQueue';
import * as session from 'c/oneshotSession';
import cancel from '@salesforce/label/c.Cancel';
import loading from '@salesforce/label/c.Loading';
import none from '@salesforce/label/c.Contacts_None';
import showMore from '@salesforce/label/c.Show_More';
import title from '@salesforce/label/c.Choose_Contacts';
import tooMany from '@salesforce/label/c.Choose_Too_Many';
import writeTo from '@salesforce/label/c.Choose_Write';

/** A customer whose contacts are offered. */
export interface ChooserAccount {
  id: string;
  name: string;
}

interface ChooserOptions {
  size: 'medium';
  label: string;
  accounts: readonly ChooserAccount[];
}

interface Group extends ChooserAccount {
  contacts: readonly Contact[];
  cursor: string | null;
  isLoading: boolean;
  problem: Problem | undefined;
}

interface Option {
  id: string;
  name: string;
  detail: string;
  checked: boolean;
}

interface ShownGroup {
  id: string;
  name: string;
  isLoading: boolean;
  isNone: boolean;
  hasMore: boolean;
  problem: Problem | undefined;
  options: Option[];
}

/**
 * The contacts of the chosen customers, to write to. Those who cannot be written to may be chosen as well: they are
 * skipped, with the reason, where everybody can see it. Closes with the chosen ones, or with undefined.
 */
export default class OneshotContactChooser extends LightningModal {
  /** Inherited; @salesforce/lightning-types does not name it. `label` is read by screen readers. */
  declare static open: (options: ChooserOptions) => Promise<Chosen[] | undefined>;

  /**
   * Settles when the dialog has left the screen. It tells its result before that, and gives the focus back to what opened
   * it when it leaves: whoever moves the focus on waits for this.
   */
  static left: Promise<void> = Promise.resolve();

  @api accounts: readonly ChooserAccount[] = [];

  labels = { cancel, loading, none, showMore, title };
  private groups: readonly Group[] = [];
  private chosen: readonly string[] = [];
  private reading = new AbortController();
  private leave: (() => void) | undefined;

  connectedCallback(): void {
    OneshotContactChooser.left = new Promise((resolve) => (this.leave = resolve));
    this.groups = this.accounts.map(({ id, name }) => {
      return { id, name, contacts: [], cursor: null, isLoading: true, problem: undefined };
    });
    void this.readAll();
  }

  disconnectedCallback(): void {
    this.reading.abort();
    this.leave?.();
  }

  /** One account after the other: each is a live read of the CRM. */
  private async readAll(): Promise<void> {
    for (const { id } of this.groups) {
      if (this.reading.signal.aborted) return;
      await this.read(id);
    }
  }

  private put(id: string, next: Partial<Group>): void {
    this.groups = this.groups.map((group) => (group.id === id ? { ...group, ...next } : group));
  }

  private async read(id: string, cursor: string | null = null): Promise<void> {
    this.put(id, { isLoading: true, problem: undefined });
    try {
      const page = await session.listContacts(id, cursor, this.reading.signal);
      const before = cursor === null ? [] : (this.groups.find((group) => group.id === id)?.contacts ?? []);
      this.put(id, { contacts: [...before, ...page.rows], cursor: page.nextCursor, isLoading: false });
    } catch (error) {
      if (isAborted(error) || this.reading.signal.aborted) return;
      const problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
      this.put(id, { isLoading: false, problem });
    }
  }

  get shown(): ShownGroup[] {
    return this.groups.map(({ id, name, contacts, cursor, isLoading, problem }) => ({
      id,
      name,
      isLoading,
      problem,
      isNone: !isLoading && !problem && contacts.length === 0,
      hasMore: cursor !== null && !isLoading,
      options: contacts.map((contact) => ({
        id: contact.id,
        name: nameOf(contact),
        detail: contact.canEmail ? (contact.title ?? '') : shortRefusalOf(contact.reasons),
        checked: this.chosen.includes(contact.id),
      })),
    }));
  }

  get cannotWrite(): boolean {
    return this.chosen.length === 0 || this.chosen.length > MOST;
  }

  get writeLabel(): string {
    return fill(writeTo, formatCount(this.chosen.length));
  }

  get tooManyText(): string {
    return this.chosen.length > MOST ? fill(tooMany, formatCount(MOST)) : '';
  }

  handleChoose(event: Event): void {
    const box = event.currentTarget as HTMLInputElement;
    const id = box.dataset.id ?? '';
    this.chosen = box.checked ? [...this.chosen, id] : this.chosen.filter((other) => other !== id);
  }

  handleRetry(event: Event): void {
    const { id } = (event.currentTarget as HTMLElement).dataset;
    if (id !== undefined) session.whenSignedIn(() => void this.read(id));
  }

  handleMore(event: Event): void {
    const { id } = (event.currentTarget as HTMLElement).dataset;
    const cursor = this.groups.find((group) => group.id === id)?.cursor ?? null;
    if (id !== undefined) session.whenSignedIn(() => void this.read(id, cursor));
  }

  handleDismiss(event: Event): void {
    const { id } = (event.currentTarget as HTMLElement).dataset;
    if (id !== undefined) this.put(id, { problem: undefined });
  }

  handleCancel(): void {
    void this.close(undefined);
  }

  handleWrite(): void {
    const all = this.groups.flatMap(({ name, contacts }) =>
      contacts.map((contact) => ({ contact, accountName: name })),
    );
    const chosen: Chosen[] = all.filter(({ contact }) => this.chosen.includes(contact.id));
    void this.close(chosen);
  }
}
