import { LightningElement } from 'lwc';
import Confirm from 'lightning/confirm';
import { NavigationMixin } from 'lightning/navigation';
import Toast from 'lightning/toast';
import { type AdminUser, type KeySwitch, Problem, type Receipt, type Usage } from 'c/oneshotApi';
import EraseModal from 'c/oneshotEraseModal';
import { fill, formatCount } from 'c/oneshotFormat';
import * as session from 'c/oneshotSession';
import { label } from './labels';
import { type PersonRow, toRow } from './rows';

/** @salesforce/lightning-types does not name `open`. */
const confirm = Confirm as unknown as {
  open(options: { label: string; message: string; theme: string; variant: string }): Promise<boolean>;
};

const KEY_OBJECT = 'OneShotKey__c';

/** Who works with OneShot, what needs attention, what it costs, and the key switch. For admins. */
export default class OneshotPeople extends NavigationMixin(LightningElement) {
  label = label;

  users: readonly AdminUser[] | null = null;
  usage: Usage | null = null;
  keySwitch: KeySwitch | null = null;
  /** Of the last erasure, and what it says was erased. */
  receipt: Receipt | null = null;
  receiptHeading = '';
  nextCursor: string | null = null;
  problem: Problem | null = null;
  isLoading = false;
  isErasing = false;
  announcement = '';
  /** Counts what was asked for: an answer that comes after a sign-out shows nothing any more. */
  private turn = 0;
  /** What failed for want of a fresh sign-in; done again after it. */
  private again: (() => void) | undefined;

  handleSignIn(): void {
    void this.load();
  }

  handleSignOut(): void {
    this.turn += 1;
    this.isLoading = false;
    this.users = null;
    this.receipt = null;
    this.again = undefined;
  }

  private async load(): Promise<void> {
    this.turn += 1;
    const { turn } = this;
    this.isLoading = true;
    this.problem = null;
    try {
      const [page, usage, keySwitch] = await Promise.all([
        session.listUsers(),
        session.readUsage(),
        session.readKeySwitch(),
      ]);
      if (turn !== this.turn) return;
      this.users = page.rows;
      this.nextCursor = page.nextCursor;
      this.usage = usage;
      this.keySwitch = keySwitch;
      this.announcement = this.countText;
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    } finally {
      if (turn === this.turn) this.isLoading = false;
    }
  }

  private fail(error: unknown): void {
    this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
  }

  private tell(words: string): void {
    this.announcement = words;
    void Toast.show({ label: words, variant: 'success', mode: 'dismissible' }, this as unknown as HTMLElement);
  }

  get isReady(): boolean {
    return this.users !== null;
  }

  get isBusy(): boolean {
    return this.isLoading || this.isErasing;
  }

  get loadingLabel(): string {
    return this.isErasing ? label.erasing : label.loading;
  }

  get rows(): PersonRow[] {
    const now = session.serverNow();
    return (this.users ?? []).map((user) => toRow(user, now));
  }

  get isEmpty(): boolean {
    return this.users?.length === 0;
  }

  get hasMore(): boolean {
    return this.nextCursor !== null;
  }

  get countText(): string {
    const { length } = this.users ?? [];
    return length === 1 ? label.countOne : fill(label.count, `${formatCount(length)}${this.hasMore ? '+' : ''}`);
  }

  get keysText(): string {
    const { connections, people } = this.keySwitch ?? { connections: 0, people: 0 };
    if (connections === 0) return label.keysNone;
    if (connections === 1) return label.keysOne;
    const words = people === 1 ? label.keysOnePerson : label.keysCount;
    return fill(words, formatCount(connections), formatCount(people));
  }

  handleStart(): void {
    if (!this.isReady && !this.isLoading) void this.load();
  }

  handleRefresh(): void {
    session.whenSignedIn(() => void this.load());
  }

  handleRetry(): void {
    if (this.again) this.withPassword(this.again);
    else if (this.problem?.code === 'not_admin') session.signIn();
    else this.handleRefresh();
  }

  handleDismiss(): void {
    this.again = undefined;
    this.problem = null;
  }

  handleDismissReceipt(): void {
    this.receipt = null;
  }

  handleMore(): void {
    session.whenSignedIn(() => void this.more());
  }

  private async more(): Promise<void> {
    if (this.nextCursor === null) return;
    try {
      const page = await session.listUsers(this.nextCursor);
      this.users = [...(this.users ?? []), ...page.rows];
      this.nextCursor = page.nextCursor;
    } catch (error) {
      this.fail(error);
    }
  }

  handleAction(event: CustomEvent<{ value: 'end' | 'erase' }>): void {
    const { id } = (event.currentTarget as HTMLElement).dataset;
    const user = this.users?.find((one) => one.id === id);
    if (!user) return;
    if (event.detail.value === 'end') session.whenSignedIn(() => void this.end(user));
    else void this.erase(user);
  }

  private async end(user: AdminUser): Promise<void> {
    try {
      await session.endSessions(user.id);
      this.tell(fill(label.ended, user.name ?? user.email));
      await this.load();
    } catch (error) {
      this.fail(error);
    }
  }

  private async erase(user: AdminUser): Promise<void> {
    const name = user.name ?? user.email;
    const erase = (): void => void this.eraseNow(user, name);
    await EraseModal.open({
      size: 'small',
      label: label.erase,
      name,
      onconfirm: () => this.withPassword(erase),
    });
  }

  private async eraseNow(user: AdminUser, name: string): Promise<void> {
    this.isErasing = true;
    this.receipt = null;
    this.problem = null;
    this.announcement = label.erasing;
    try {
      const receipt = await session.eraseUser(user.id);
      this.isErasing = false;
      this.users = (this.users ?? []).filter(({ id }) => id !== user.id);
      this.receiptHeading = fill(label.erased, name);
      this.receipt = receipt;
      this.tell(this.receiptHeading);
      await this.load();
    } catch (error) {
      this.fail(error);
    } finally {
      this.isErasing = false;
    }
  }

  /** Only inside a click. What is to be done stays known until it is done, should the window be blocked or closed. */
  private withPassword(deed: () => void): void {
    this.again = deed;
    session.reauthenticate(() => {
      this.again = undefined;
      deed();
    });
  }

  async handleEndAll(): Promise<void> {
    const isSure = await confirm.open({
      label: label.endAllTitle,
      message: label.endAllText,
      theme: 'warning',
      variant: 'header',
    });
    if (isSure) this.withPassword(() => void this.endAll());
  }

  private async endAll(): Promise<void> {
    try {
      await session.endAllSessions();
      await session.signOut();
      this.tell(label.allEnded);
    } catch (error) {
      this.fail(error);
    }
  }

  handleKeys(): void {
    this[NavigationMixin.Navigate]({
      type: 'standard__objectPage',
      attributes: { objectApiName: KEY_OBJECT, actionName: 'list' },
    });
  }
}
