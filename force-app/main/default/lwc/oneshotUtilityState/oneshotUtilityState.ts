import { LightningElement, wire } from 'lwc';
import { EnclosingUtilityId, updateUtility } from 'lightning/platformUtilityBarApi';
import { type SessionView, subscribe } from 'c/oneshotSession';

/** What the icon in the utility bar says. */
const ICONS: Record<SessionView['status'], string> = {
  signedOut: 'people',
  signedIn: 'user',
  expired: 'lock',
};

/** Shows in the utility bar's icon whether the rep is signed in. Does nothing anywhere else. Shows nothing itself. */
export default class OneshotUtilityState extends LightningElement {
  private utilityId: string | undefined;
  private status: SessionView['status'] = 'signedOut';
  private unsubscribe: (() => void) | undefined;

  @wire(EnclosingUtilityId)
  readUtility(id: string | undefined): void {
    this.utilityId = id;
    this.show();
  }

  connectedCallback(): void {
    this.unsubscribe = subscribe(({ status }) => {
      if (status === this.status) return;
      this.status = status;
      this.show();
    });
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
  }

  private show(): void {
    if (this.utilityId === undefined) return;
    // A bar that refuses loses nothing but the icon.
    updateUtility(this.utilityId, { icon: ICONS[this.status] }).catch(() => undefined);
  }
}
