import { LightningElement, wire } from 'lwc';
import { EnclosingUtilityId, minimize, open } from 'lightning/platformUtilityBarApi';
import { hear } from 'c/oneshotChannel';
import { dock, leaveWriting } from 'c/oneshotWriteTo';
import activity from '@salesforce/label/c.Tab_Activity';
import customers from '@salesforce/label/c.Tab_Customers';
import write from '@salesforce/label/c.Tab_Write';

/**
 * OneShot in the utility bar: customers, the mails that are being written, and what was sent. It is there from the app's first page on, so
 * that a click on Write anywhere opens it; the customers are made only once somebody looks.
 */
export default class OneshotUtility extends LightningElement {
  label = { activity, customers, write };
  tab = 'customers';
  isSeen = false;
  private utilityId: string | undefined;
  private ends: (() => void)[] = [];
  private resize: ResizeObserver | undefined;

  @wire(EnclosingUtilityId)
  readUtility(id: string | undefined): void {
    this.utilityId = id;
  }

  connectedCallback(): void {
    this.ends = [
      dock(),
      hear(({ action }) => {
        if (action === 'write' || action === 'writeToSeveral') void this.showWriting();
      }),
    ];
  }

  renderedCallback(): void {
    const root = this.refs?.root;
    if (this.resize || !root || typeof ResizeObserver === 'undefined') return;
    this.resize = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) this.isSeen = true;
    });
    this.resize.observe(root);
  }

  disconnectedCallback(): void {
    for (const end of this.ends) end();
    this.resize?.disconnect();
    this.resize = undefined;
  }

  private async showWriting(): Promise<void> {
    this.tab = 'write';
    this.isSeen = true;
    // A bar that refuses loses nothing: the draft is in this tab.
    if (this.utilityId !== undefined) await open(this.utilityId, { autoFocus: true }).catch(() => false);
    // What is not painted yet cannot take the focus.
    requestAnimationFrame(() => this.template?.querySelector<HTMLElement>('c-oneshot-write-desk')?.focus());
  }

  handleTab(event: Event): void {
    this.tab = (event.target as HTMLElement & { value: string }).value;
  }

  async handleMinimise(): Promise<void> {
    if (this.utilityId === undefined) return;
    await minimize(this.utilityId).catch(() => false);
    // What is hidden loses the focus when that is painted, which is after the next frame's callbacks.
    requestAnimationFrame(() => requestAnimationFrame(leaveWriting));
  }
}
