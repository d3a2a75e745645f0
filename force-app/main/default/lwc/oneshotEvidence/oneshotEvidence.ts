import { LightningElement } from 'lwc';
import { type Evidence, Problem } from 'c/oneshotApi';
import { fill } from 'c/oneshotFormat';
import * as session from 'c/oneshotSession';
import { downloadJson } from './download';
import { label } from './labels';
import { cacheRows, canaryLines, canaryLook, collectionRows, headlineOf, promiseRows } from './rows';

const CONTACT = 'infosec@oneshot.ai';
const MINUTE_MS = 60_000;

/** Whether each promise holds, and what is held of the org, measured when asked; for the customer's security team. */
export default class OneshotEvidence extends LightningElement {
  label = label;
  contact = CONTACT;
  contactUrl = `mailto:${CONTACT}`;

  session!: session.SessionView;
  evidence: Evidence | null = null;
  problem: Problem | null = null;
  isLoading = false;
  announcement = '';
  now = session.serverNow();
  private unsubscribe: (() => void) | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private seenSignIns = 0;
  /** Counts what was asked for. A sign-in measures, and what the person had pressed comes on top. */
  private turn = 0;
  /** What failed: Try again does this and not something else. */
  private again: () => void = () => this.handleMeasure();

  connectedCallback(): void {
    this.unsubscribe = session.subscribe((view) => this.showSession(view));
    this.timer = setInterval(() => (this.now = session.serverNow()), MINUTE_MS);
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
    clearInterval(this.timer);
  }

  private showSession(view: session.SessionView): void {
    const before = this.session as session.SessionView | undefined;
    this.session = view;
    if (before?.status !== 'signedOut' && view.status === 'signedOut') this.evidence = null;
    if (view.status !== 'signedIn' || view.signIns === this.seenSignIns) return;
    this.seenSignIns = view.signIns;
    void this.measure();
  }

  private measure(): Promise<void> {
    this.again = () => this.handleMeasure();
    return this.show(session.readEvidence);
  }

  private async download(): Promise<void> {
    this.again = () => this.handleDownload();
    await this.show(async () => {
      const signed = await session.readSignedEvidence();
      const name = `oneshot-evidence-${signed.computedAt.replace(/[:.]/g, '-')}.json`;
      downloadJson(name, signed);
      this.announcement = fill(label.downloaded, name);
      return signed;
    });
  }

  /** The page shows what was asked for last: after a download, the very document that was downloaded. */
  private async show(read: () => Promise<Evidence>): Promise<void> {
    this.turn += 1;
    const { turn } = this;
    this.isLoading = true;
    this.problem = null;
    this.announcement = '';
    try {
      const evidence = await read();
      // Whoever signed out meanwhile leaves nothing on the screen.
      if (turn !== this.turn || this.session.status === 'signedOut') return;
      this.evidence = evidence;
      this.now = session.serverNow();
      this.announcement ||= this.headline?.text ?? '';
    } catch (error) {
      if (turn === this.turn) this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
    } finally {
      if (turn === this.turn) this.isLoading = false;
    }
  }

  get showsStart(): boolean {
    return this.evidence === null && !this.isLoading;
  }

  get headline(): ReturnType<typeof headlineOf> | null {
    return this.evidence && headlineOf(this.evidence, this.now);
  }

  get promises(): object[] {
    return this.evidence ? promiseRows(this.evidence) : [];
  }

  get collections(): object[] {
    return this.evidence ? collectionRows(this.evidence) : [];
  }

  get caches(): object[] {
    return this.evidence ? cacheRows(this.evidence) : [];
  }

  get hasNoCaches(): boolean {
    return this.caches.length === 0;
  }

  get logFields(): string {
    return this.evidence?.logFields.join(', ') ?? '';
  }

  get canary(): object {
    return canaryLook(this.evidence?.canary ?? null);
  }

  get canaryLines(): string[] {
    return this.evidence?.canary ? canaryLines(this.evidence.canary) : [label.canaryNone];
  }

  get retryLabel(): string | undefined {
    return this.problem?.needsSignIn || this.problem?.code === 'not_admin' ? label.show : undefined;
  }

  handleStart(): void {
    session.whenSignedIn(() => {
      if (this.evidence === null && !this.isLoading) void this.measure();
    });
  }

  handleMeasure(): void {
    session.whenSignedIn(() => {
      if (!this.isLoading) void this.measure();
    });
  }

  handleDownload(): void {
    session.whenSignedIn(() => void this.download());
  }

  handlePrint(): void {
    window.print();
  }

  handleRetry(): void {
    if (this.problem?.code === 'not_admin') session.signIn();
    else this.again();
  }

  handleContinue(): void {
    session.continueInHomeRegion();
  }

  handleDismiss(): void {
    this.problem = null;
    session.dismissProblem();
  }
}
