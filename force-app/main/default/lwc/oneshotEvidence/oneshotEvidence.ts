import { LightningElement } from 'lwc';
import lang from '@salesforce/i18n/lang';
import { type Evidence, Problem } from 'c/oneshotApi';
import { fill } from 'c/oneshotFormat';
import * as session from 'c/oneshotSession';
import { downloadJson } from 'c/oneshotDownload';
import { label } from './labels';
import { cacheRows, canaryLines, canaryLook, collectionRows, headlineOf, promiseRows } from './rows';

const CONTACT = 'infosec@oneshot.ai';
const MINUTE_MS = 60_000;

/** Whether each promise holds, and what is held of the org, measured when asked; for the customer's security team. */
export default class OneshotEvidence extends LightningElement {
  label = label;
  contact = CONTACT;
  contactUrl = `mailto:${CONTACT}`;

  evidence: Evidence | null = null;
  problem: Problem | null = null;
  isLoading = false;
  announcement = '';
  now = session.serverNow();
  private timer: ReturnType<typeof setInterval> | undefined;
  /** Counts what was asked for. A sign-in measures, and what the person had pressed comes on top. */
  private turn = 0;
  /** What failed: Try again does this and not something else. */
  private again: () => void = () => this.handleMeasure();

  connectedCallback(): void {
    this.timer = setInterval(() => (this.now = session.serverNow()), MINUTE_MS);
  }

  disconnectedCallback(): void {
    clearInterval(this.timer);
  }

  handleSignIn(): void {
    void this.measure();
  }

  /** Whoever signed out leaves nothing on the screen, also of what is still on its way. */
  handleSignOut(): void {
    this.turn += 1;
    this.isLoading = false;
    this.evidence = null;
  }

  private measure(): Promise<void> {
    this.again = () => this.handleMeasure();
    return this.show(() => session.readEvidence(lang));
  }

  private async download(): Promise<void> {
    this.again = () => this.handleDownload();
    await this.show(async () => {
      const signed = await session.readSignedEvidence(lang);
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
      if (turn !== this.turn) return;
      this.evidence = evidence;
      this.now = session.serverNow();
      this.announcement ||= this.headline?.text ?? '';
    } catch (error) {
      if (turn === this.turn) this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
    } finally {
      if (turn === this.turn) this.isLoading = false;
    }
  }

  get isReady(): boolean {
    return this.evidence !== null;
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

  handleStart(): void {
    if (this.evidence === null && !this.isLoading) void this.measure();
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

  handleDismiss(): void {
    this.problem = null;
  }
}
