import { api, LightningElement } from 'lwc';
import * as drafts from 'c/oneshotDrafts';
import { fill, formatCount } from 'c/oneshotFormat';
import * as queue from 'c/oneshotQueue';
import choose from '@salesforce/label/c.Draft_Choose';
import nothing from '@salesforce/label/c.Draft_None';
import toSeveral from '@salesforce/label/c.Draft_To_Several';

/** The value that stands for the mail to several; contact ids begin with 003. */
const SEVERAL = 'several';

/** Everything that is being written in this tab: one mail at a time is shown. Fires `minimise` and `done`. */
export default class OneshotWriteDesk extends LightningElement {
  label = { choose, nothing };
  all: readonly drafts.Draft[] = [];
  several: queue.QueueView = queue.queueView();
  shown: string | undefined;
  private unsubscribe: (() => void)[] = [];

  connectedCallback(): void {
    this.unsubscribe = [
      drafts.subscribe((view) => this.showDrafts(view)),
      queue.subscribe((view) => this.showQueue(view)),
    ];
  }

  disconnectedCallback(): void {
    for (const end of this.unsubscribe) end();
  }

  @api focus(): void {
    this.template?.querySelector<HTMLElement>('c-oneshot-composer, c-oneshot-group-composer')?.focus();
  }

  private showDrafts({ drafts: all, openId }: drafts.DraftsView): void {
    const wasOpen = this.all.length > 0 || this.shown !== undefined;
    this.all = all;
    const isGone = this.shown !== SEVERAL && !all.some(({ contactId }) => contactId === this.shown);
    if (openId !== null && (isGone || openId !== this.lastOpenId)) this.shown = openId;
    else if (isGone && wasOpen) this.shown = this.firstThere;
    this.lastOpenId = openId;
  }
  private lastOpenId: string | null = null;

  private showQueue(view: queue.QueueView): void {
    const began = this.several.phase === 'none' && view.phase !== 'none';
    this.several = view;
    if (began || (this.shown === undefined && view.phase !== 'none')) this.shown = SEVERAL;
    else if (view.phase === 'none' && this.shown === SEVERAL) this.shown = this.firstThere;
  }

  private get firstThere(): string | undefined {
    return this.all[0]?.contactId ?? (this.several.phase === 'none' ? undefined : SEVERAL);
  }

  get options(): { value: string; label: string }[] {
    const several =
      this.several.phase === 'none'
        ? []
        : [{ value: SEVERAL, label: fill(toSeveral, formatCount(this.several.recipients.length)) }];
    return [...several, ...this.all.map(({ contactId, name }) => ({ value: contactId, label: name }))];
  }

  get hasChoice(): boolean {
    return this.options.length > 1;
  }

  get isSeveral(): boolean {
    return this.shown === SEVERAL;
  }

  get contactId(): string | undefined {
    return this.isSeveral ? undefined : this.shown;
  }

  get isEmpty(): boolean {
    return this.shown === undefined;
  }

  handleChoose(event: CustomEvent<{ value: string }>): void {
    this.shown = event.detail.value;
    const draft = this.all.find(({ contactId }) => contactId === this.shown);
    if (draft) drafts.openDraft(draft);
  }

  handleMinimise(): void {
    this.dispatchEvent(new CustomEvent('minimise'));
  }

  /** With another draft waiting, that one is shown; with none there is nothing to do here. */
  handleDone(): void {
    if (this.options.length === 0) this.dispatchEvent(new CustomEvent('done'));
  }
}
