import { LightningElement, wire } from 'lwc';
import { EnclosingUtilityId, getInfo, updateUtility } from 'lightning/platformUtilityBarApi';
import { subscribe as subscribeConnections } from 'c/oneshotConnections';
import { isAtStake, subscribe as subscribeDrafts } from 'c/oneshotDrafts';
import { fill } from 'c/oneshotFormat';
import { subscribe as subscribeSession, type SessionView } from 'c/oneshotSession';
import draftWaits from '@salesforce/label/c.Utility_Draft';
import needsReconnect from '@salesforce/label/c.Utility_Reconnect';

/** What the icon in the utility bar says while nothing waits. */
const ICONS: Record<SessionView['status'], string> = {
  signedOut: 'people',
  signedIn: 'user',
  expired: 'lock',
};

/**
 * Shows in the utility bar whether the rep is signed in, and what waits for them: by the icon, and in the label's words.
 * Does nothing anywhere else. Shows nothing itself.
 */
export default class OneshotUtilityState extends LightningElement {
  private utilityId: string | undefined;
  /** As the admin named the utility. */
  private name: string | undefined;
  private status: SessionView['status'] = 'signedOut';
  private isReconnectNeeded = false;
  private isDraftWaiting = false;
  private shown = '';
  private leave: (() => void)[] = [];

  @wire(EnclosingUtilityId)
  readUtility(id: string | undefined): void {
    this.utilityId = id;
    this.shown = '';
    void this.readName(id);
  }

  connectedCallback(): void {
    this.leave = [
      subscribeSession(({ status }) => {
        this.status = status;
        this.show();
      }),
      subscribeDrafts(({ drafts }) => {
        this.isDraftWaiting = drafts.some(isAtStake);
        this.show();
      }),
      subscribeConnections(({ rows }) => {
        this.isReconnectNeeded = rows.some(({ connection }) => connection.status === 'reconnect');
        this.show();
      }),
    ];
  }

  disconnectedCallback(): void {
    for (const stop of this.leave) stop();
  }

  private async readName(id: string | undefined): Promise<void> {
    if (id === undefined) return;
    try {
      this.name ??= (await getInfo(id)).utilityLabel;
    } catch {
      // A bar that does not tell keeps its label; the icon still speaks.
    }
    this.show();
  }

  private news(): { icon: string; label: string } {
    const name = this.name ?? '';
    if (this.isReconnectNeeded) return { icon: 'warning', label: fill(needsReconnect, name) };
    if (this.isDraftWaiting) return { icon: 'email', label: fill(draftWaits, name) };
    return { icon: ICONS[this.status], label: name };
  }

  private show(): void {
    if (this.utilityId === undefined) return;
    const { icon, label } = this.news();
    const shown = `${icon} ${label}`;
    if (shown === this.shown) return;
    this.shown = shown;
    const named = this.name === undefined ? {} : { label };
    // A bar that refuses loses nothing but the icon.
    updateUtility(this.utilityId, { icon, ...named, highlighted: this.isReconnectNeeded || this.isDraftWaiting }).catch(
      () => undefined,
    );
  }
}
