import { api, LightningElement } from 'lwc';
import { type EnrolmentAnswer, isAborted, type Mailbox, Problem, type Sequence } from 'c/oneshotApi';
import type { Choice } from 'c/oneshotChoices';
import * as connections from 'c/oneshotConnections';
import { fill } from 'c/oneshotFormat';
import { catchFocus } from 'c/oneshotFocus';
import * as session from 'c/oneshotSession';
import { label } from './labels';
import { isUnknown, messageOfEnrolment, resultOf, toMailboxChoice, toSequenceChoice } from './words';

/** What the place around the picker needs to know for its own buttons. */
export interface PickerState {
  /** True where `add()` would add. */
  canAdd: boolean;
  isAdding: boolean;
  isDone: boolean;
}

const SEARCH_WAIT_MS = 250;
const OUTREACH = ['outreach'] as const;

/**
 * Adds a contact to a sequence in Outreach: which one, and from which mailbox. Sequences and mailboxes are read live.
 * Fires `change` with a PickerState, and `enrolled` `{ contactId, alreadyInSequence }`.
 */
export default class OneshotSequencePicker extends LightningElement {
  @api contactId = '';
  @api contactName = '';

  label = label;
  outreach = OUTREACH;
  session!: session.SessionView;
  connections!: connections.ConnectionsView;
  search = '';
  sequences: readonly Sequence[] | undefined;
  isReading = false;
  nextCursor: string | null = null;
  mailboxes: readonly Mailbox[] | undefined;
  chosen: Sequence | undefined;
  mailboxId: string | null = null;
  isAdding = false;
  result: EnrolmentAnswer | undefined;
  problem: Problem | null = null;
  addProblem: Problem | null = null;
  announcement = '';
  /** Made for what is chosen, so that asking again after a lost answer adds nobody twice. */
  private key: string | undefined;
  private isPressed = false;
  private reading: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private leave: (() => void)[] = [];

  connectedCallback(): void {
    this.leave = [
      session.subscribe((view) => (this.session = view)),
      connections.subscribe((view) => {
        const wasUsable = this.connections !== undefined && this.isUsable;
        this.connections = view;
        if (this.isUsable && !wasUsable) this.read();
      }),
      connections.open(),
    ];
    this.tell();
  }

  /** What was pressed is gone: Connect, or Add. Without a focus inside, Esc would not close the dialog around. */
  renderedCallback(): void {
    if (this.isPressed) catchFocus(this.refs?.root as HTMLElement | undefined);
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
    this.reading?.abort();
    for (const stop of this.leave) stop();
  }

  /** The connection can be used: sequences may be asked for. */
  get isUsable(): boolean {
    const outreach = this.connections.rows.find(({ connection }) => connection.provider === 'outreach');
    return outreach !== undefined && ['connected', 'refreshing'].includes(outreach.connection.status);
  }

  /** Signed in or not, the connections panel knows what to do as long as Outreach cannot be used. */
  get needsConnection(): boolean {
    return !this.isUsable && this.result === undefined;
  }

  /** The list of connections is there, and Outreach is what is missing. */
  get isOtherwiseReady(): boolean {
    return this.connections.phase === 'ready';
  }

  get isChoosing(): boolean {
    return this.isUsable && this.result === undefined;
  }

  // Reading

  /** From the start, or on after what is shown. */
  private read(cursor?: string): void {
    this.reading?.abort();
    const controller = new AbortController();
    this.reading = controller;
    this.problem = null;
    void this.readSequences(controller, cursor);
    if (this.mailboxes === undefined) void this.readMailboxes(controller);
  }

  private async readSequences(controller: AbortController, cursor: string | undefined): Promise<void> {
    this.isReading = true;
    try {
      const query = { search: this.search.trim(), cursor };
      const { rows, nextCursor } = await session.listSequences(query, controller.signal);
      if (controller.signal.aborted) return;
      const sequences = cursor === undefined ? rows : [...(this.sequences ?? []), ...rows];
      this.sequences = sequences;
      this.nextCursor = nextCursor;
      this.announcement = sequences.length === 0 ? label.noMatch : fill(label.found, sequences.length);
    } catch (error) {
      this.fail(error, controller);
    }
    if (!controller.signal.aborted) this.isReading = false;
  }

  private async readMailboxes(controller: AbortController): Promise<void> {
    try {
      const mailboxes = await session.listMailboxes(controller.signal);
      if (controller.signal.aborted) return;
      this.mailboxes = mailboxes;
      this.mailboxId ??= mailboxes.find(({ canSend }) => canSend)?.id ?? null;
      this.tell();
    } catch (error) {
      this.fail(error, controller);
    }
  }

  private fail(error: unknown, controller: AbortController): void {
    if (isAborted(error) || controller.signal.aborted) return;
    this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
    this.announcement = messageOfEnrolment(this.problem, this.contactName);
    // Outreach may have ended the connection meanwhile: then the panel says why.
    void connections.read();
  }

  // What is shown

  get isLoading(): boolean {
    return this.isChoosing && this.sequences === undefined && this.problem === null;
  }

  /** What is chosen stays in sight, whatever is searched for. */
  get sequenceChoices(): Choice[] {
    const found = this.sequences ?? [];
    const isShown = this.chosen === undefined || found.some(({ id }) => id === this.chosen?.id);
    return [...(isShown || !this.chosen ? [] : [this.chosen]), ...found].map(toSequenceChoice);
  }

  get hasNoMatch(): boolean {
    return this.sequences?.length === 0 && this.nextCursor === null;
  }

  get hasMore(): boolean {
    return this.nextCursor !== null;
  }

  get hasSequences(): boolean {
    return this.sequenceChoices.length > 0;
  }

  get chosenId(): string | null {
    return this.chosen?.id ?? null;
  }

  get mailboxChoices(): Choice[] {
    return (this.mailboxes ?? []).map(toMailboxChoice);
  }

  get hasMailboxes(): boolean {
    return this.mailboxChoices.length > 0;
  }

  get noMailbox(): string {
    if (this.mailboxes === undefined || this.mailboxes.some(({ canSend }) => canSend)) return '';
    return label.noMailbox;
  }

  get intro(): string {
    return fill(label.intro, this.contactName);
  }

  get problemText(): string {
    return this.problem ? messageOfEnrolment(this.problem, this.contactName) : '';
  }

  get retryLabel(): string | undefined {
    return this.problem?.needsSignIn ? label.signIn : undefined;
  }

  get addProblemText(): string {
    return this.addProblem ? messageOfEnrolment(this.addProblem, this.contactName) : '';
  }

  get resultIcon(): { name: string; variant: string } {
    const isDoubtful = this.result !== undefined && isUnknown(this.result);
    return isDoubtful
      ? { name: 'utility:warning', variant: 'warning' }
      : { name: 'utility:success', variant: 'success' };
  }

  get resultText(): string {
    return this.result ? resultOf(this.result, this.contactName, this.chosen?.name ?? '') : '';
  }

  // What the rep does

  handleClick(): void {
    this.isPressed = true;
  }

  handleSearch(event: CustomEvent<{ value: string }>): void {
    this.search = event.detail.value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      // Typing opens no popup: the button beside the words does.
      if (session.isSignedIn()) this.read();
      else this.fail(new Problem({ code: 'session_ended', status: 401 }), new AbortController());
    }, SEARCH_WAIT_MS);
  }

  handleMore(): void {
    const cursor = this.nextCursor;
    if (cursor !== null) session.whenSignedIn(() => this.read(cursor));
  }

  handleSequence(event: CustomEvent<{ value: string }>): void {
    this.chosen = this.sequences?.find(({ id }) => id === event.detail.value) ?? this.chosen;
    this.choseAnew();
  }

  handleMailbox(event: CustomEvent<{ value: string }>): void {
    this.mailboxId = event.detail.value;
    this.choseAnew();
  }

  private choseAnew(): void {
    this.key = undefined;
    this.addProblem = null;
    this.tell();
  }

  handleRetry(): void {
    session.whenSignedIn(() => this.read());
  }

  handleDismiss(): void {
    this.problem = null;
  }

  handleDismissAdd(): void {
    this.addProblem = null;
  }

  /** Adds the contact to what is chosen: only inside a click, because a session that is over signs in first. */
  @api add(): void {
    if (this.isAdding || !this.canAdd) return;
    this.isPressed = true;
    session.whenSignedIn(() => void this.enrol());
  }

  handleAdd(): void {
    this.add();
  }

  private async enrol(): Promise<void> {
    if (!this.chosen || this.mailboxId === null) return;
    this.key ??= session.randomToken();
    this.isAdding = true;
    this.addProblem = null;
    this.tell();
    try {
      const enrolment = { contactId: this.contactId, sequenceId: this.chosen.id, mailboxId: this.mailboxId };
      this.result = await session.enrol(enrolment, this.key);
      this.announcement = this.resultText;
      const alreadyInSequence = this.result.alreadyInSequence === true;
      this.dispatchEvent(new CustomEvent('enrolled', { detail: { contactId: this.contactId, alreadyInSequence } }));
    } catch (error) {
      this.addProblem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
      this.announcement = this.addProblemText;
      // Outreach ended the connection: then the panel stands here, with the reason, and what was chosen stays chosen.
      if (this.addProblem.action === 'reconnect') void connections.read();
    }
    this.isAdding = false;
    this.tell();
  }

  private get canAdd(): boolean {
    return this.isChoosing && this.chosen !== undefined && this.mailboxId !== null;
  }

  private tell(): void {
    const { canAdd, isAdding } = this;
    const detail: PickerState = { canAdd, isAdding, isDone: this.result !== undefined };
    this.dispatchEvent(new CustomEvent('change', { detail }));
  }
}
