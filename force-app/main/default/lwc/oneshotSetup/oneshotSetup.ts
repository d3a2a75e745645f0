import { LightningElement } from 'lwc';
import Toast from 'lightning/toast';
import lang from '@salesforce/i18n/lang';
import {
  type Check,
  isAborted,
  type OrgSettings,
  Problem,
  type RepChoice,
  type SettingsFields,
  type TemplateChoice,
  type Usage,
  type VersionedSettings,
} from 'c/oneshotApi';
import ChangesModal from 'c/oneshotChangesModal';
import { fill, formatCount } from 'c/oneshotFormat';
import * as session from 'c/oneshotSession';
import { differences, type Difference, productSources, settingLabel } from 'c/oneshotSettingNames';
import { label } from './labels';
import { checksOf, LOOKS_AT_REP, type Step, STEPS } from './steps';

/** Sets OneShot up: six steps on a live checklist, and one save that shows what it changes. For admins. */
export default class OneshotSetup extends LightningElement {
  label = label;
  names = settingLabel;
  steps = STEPS;

  current: string = STEPS[0].value;
  checks: readonly Check[] = [];
  fields: SettingsFields | null = null;
  reps: readonly RepChoice[] = [];
  repId = '';
  templates: readonly TemplateChoice[] | null = null;
  usage: Usage | null = null;
  accountCount = 0;
  problem: Problem | null = null;
  isLoading = false;
  isChecking = false;
  isSaving = false;
  announcement = '';
  /** As the backend has them. */
  private stored: VersionedSettings | null = null;
  /** As the form has them; null until they were read. */
  draft: OrgSettings | null = null;
  private checking: AbortController | undefined;

  connectedCallback(): void {
    window.addEventListener('beforeunload', this.handleUnload);
  }

  renderedCallback(): void {
    // The marks only show where one is: the buttons below them say it and do it.
    this.refs?.dots?.setAttribute('inert', '');
  }

  disconnectedCallback(): void {
    this.checking?.abort();
    window.removeEventListener('beforeunload', this.handleUnload);
  }

  handleSignIn(): void {
    void this.load();
  }

  handleSignOut(): void {
    this.stored = null;
    this.draft = null;
    this.checks = [];
    this.problem = null;
  }

  /** Everything that the wizard shows. What was typed before a new sign-in stays. */
  private async load(): Promise<void> {
    this.isLoading = true;
    this.problem = null;
    try {
      const [stored, fields, reps] = await Promise.all([
        session.readSettings(),
        session.readFields(),
        session.listReps(),
      ]);
      this.stored = stored;
      this.draft ??= stored.settings;
      this.fields = fields;
      this.reps = reps;
      await this.check();
      void this.loadExtras();
    } catch (error) {
      this.fail(error);
    } finally {
      this.isLoading = false;
    }
  }

  /** What helps to decide, and without which deciding goes on. */
  private async loadExtras(): Promise<void> {
    const payingField = this.draft?.payingField;
    const [usage, templates, counted] = await Promise.allSettled([
      session.readUsage(),
      session.listFooterTemplates(),
      session.readFields(payingField),
    ]);
    if (usage.status === 'fulfilled') this.usage = usage.value;
    if (templates.status === 'fulfilled') this.templates = templates.value;
    if (counted.status === 'fulfilled') this.accountCount = counted.value.count ?? 0;
  }

  private async check(): Promise<void> {
    this.checking?.abort();
    const controller = new AbortController();
    this.checking = controller;
    this.isChecking = true;
    this.announcement = label.checking;
    try {
      this.checks = await session.readChecklist(this.repId || undefined, lang, controller.signal);
      this.announcement = fill(label.checked, ...this.counts(this.checks));
    } finally {
      if (this.checking === controller) this.isChecking = false;
    }
  }

  private fail(error: unknown): void {
    if (isAborted(error)) return;
    this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
  }

  // What is shown

  get isReady(): boolean {
    return this.draft !== null;
  }

  get step(): Step {
    return STEPS.find(({ value }) => value === this.current) ?? STEPS[0];
  }

  get stepChecks(): Check[] {
    return checksOf(this.step, this.checks);
  }

  private counts(checks: readonly Check[]): [string, string] {
    return [formatCount(checks.filter(({ state }) => state === 'ok').length), formatCount(checks.length)];
  }

  get doneText(): string {
    return fill(label.doneOf, ...this.counts(this.checks));
  }

  get marked(): object[] {
    return STEPS.map((step, index) => {
      const checks = checksOf(step, this.checks);
      const open = checks.filter(({ state }) => state === 'todo').length;
      return {
        ...step,
        number: formatCount(index + 1),
        isDone: checks.length > 0 && checks.every(({ state }) => state === 'ok'),
        open: open === 0 ? '' : formatCount(open),
        aria: step.value === this.current ? 'step' : null,
        className: step.value === this.current ? 'jump jump_current' : 'jump',
      };
    });
  }

  get isFirst(): boolean {
    return this.step === STEPS[0];
  }

  get isLast(): boolean {
    return this.step === STEPS[STEPS.length - 1];
  }

  get isPaying(): boolean {
    return this.step.value === 'paying';
  }

  get isProducts(): boolean {
    return this.step.value === 'products';
  }

  get isPolicies(): boolean {
    return this.step.value === 'policies';
  }

  get looksAtRep(): boolean {
    return LOOKS_AT_REP.includes(this.step.value) && this.reps.length > 0;
  }

  get repOptions(): { label: string; value: string }[] {
    return this.reps.map(({ id, name }) => ({ label: name, value: id }));
  }

  get payingFields(): SettingsFields['paying'] {
    return this.fields?.paying ?? [];
  }

  get productOptions(): { label: string; value: string }[] {
    return Object.entries(productSources).map(([value, text]) => ({ label: text, value }));
  }

  get productSource(): string {
    return this.draft?.products.source ?? 'none';
  }

  get isProductField(): boolean {
    return this.productSource === 'accountField';
  }

  get productField(): string {
    return this.draft?.products.field ?? '';
  }

  get productFieldOptions(): { label: string; value: string }[] {
    return (this.fields?.products ?? []).map(({ name, label: text }) => ({ label: `${text} (${name})`, value: name }));
  }

  get repCount(): number {
    return this.reps.length;
  }

  get savedRegion(): string {
    return this.stored?.settings.homeRegion ?? '';
  }

  private get changes(): Difference[] {
    return this.stored && this.draft ? differences(this.stored.settings, this.draft) : [];
  }

  get unsavedText(): string {
    const { length } = this.changes;
    if (length === 0) return '';
    return length === 1 ? label.unsavedOne : fill(label.unsaved, formatCount(length));
  }

  get isSaveIdle(): boolean {
    const isSaved = this.checks.some(({ id, state }) => id === 'settings_saved' && state === 'ok');
    return this.isSaving || (isSaved && this.changes.length === 0);
  }

  // What the admin does

  handleStart(): void {
    if (!this.isReady && !this.isLoading) void this.load();
  }

  handleRetry(): void {
    session.whenSignedIn(() => this.handleStart());
  }

  handleDismiss(): void {
    this.problem = null;
  }

  handleStep(event: Event): void {
    const { value } = (event.currentTarget as HTMLElement).dataset;
    this.go(STEPS.findIndex((step) => step.value === value));
  }

  handleBack(): void {
    this.go(STEPS.indexOf(this.step) - 1);
  }

  handleNext(): void {
    this.go(STEPS.indexOf(this.step) + 1);
  }

  private go(index: number): void {
    const step = STEPS[index];
    if (!step) return;
    this.current = step.value;
    // The new step is read from its beginning.
    requestAnimationFrame(() => (this.refs?.heading as HTMLElement | undefined)?.focus());
  }

  handleCheckAgain(): void {
    session.whenSignedIn(() => void this.check().catch((error: unknown) => this.fail(error)));
  }

  handleRep(event: CustomEvent<{ value: string }>): void {
    this.repId = event.detail.value;
    this.handleCheckAgain();
  }

  handlePayingField(event: CustomEvent<{ name: string }>): void {
    this.change({ payingField: event.detail.name });
  }

  handleProductSource(event: CustomEvent<{ value: OrgSettings['products']['source'] }>): void {
    const source = event.detail.value;
    const [first] = this.fields?.products ?? [];
    const field = this.draft?.products.field ?? first?.name;
    this.change({ products: source === 'accountField' && field !== undefined ? { source, field } : { source } });
  }

  handleProductField(event: CustomEvent<{ value: string }>): void {
    this.change({ products: { source: 'accountField', field: event.detail.value } });
  }

  handlePolicies(event: CustomEvent<{ settings: Partial<OrgSettings> }>): void {
    this.change(event.detail.settings);
  }

  private change(settings: Partial<OrgSettings>): void {
    if (this.draft) this.draft = { ...this.draft, ...settings };
  }

  async handleSave(): Promise<void> {
    const { stored, draft } = this;
    const policies = this.template?.querySelector<HTMLElement & { reportValidity(): boolean }>('c-oneshot-policies');
    if (!stored || !draft || policies?.reportValidity() === false) return;
    const decision = await ChangesModal.open({
      size: 'small',
      label: label.save,
      differences: this.changes,
      isConflict: false,
    });
    // The decision is a click in the dialog: a session that is over may open its popup here.
    if (decision !== 'save') return;
    const save = (): void => void this.save({ version: stored.version, settings: draft });
    // Moving to another region cannot be undone.
    if (draft.homeRegion === stored.settings.homeRegion) session.whenSignedIn(save);
    else session.reauthenticate(save);
  }

  private async save(wanted: VersionedSettings): Promise<void> {
    this.isSaving = true;
    this.problem = null;
    try {
      this.stored = await session.saveSettings(wanted);
      this.draft = this.stored.settings;
      this.announcement = label.saved;
      void Toast.show({ label: label.saved, variant: 'success', mode: 'dismissible' }, this as unknown as HTMLElement);
      await this.check();
    } catch (error) {
      await this.saveFailed(error, wanted);
    } finally {
      this.isSaving = false;
    }
  }

  private async saveFailed(error: unknown, wanted: VersionedSettings): Promise<void> {
    if (!(error instanceof Problem) || error.code !== 'version_conflict') return this.fail(error);
    const theirs = error.current as VersionedSettings;
    this.stored = theirs;
    const decision = await ChangesModal.open({
      size: 'small',
      label: label.save,
      differences: differences(theirs.settings, wanted.settings),
      isConflict: true,
    });
    if (decision === 'useTheirs') this.draft = theirs.settings;
    // "Keep mine" leaves the draft as it is: Save then names what it would overwrite.
  }

  handleMenu(): void {
    void session.signOut();
  }

  private handleUnload = (event: BeforeUnloadEvent): void => {
    if (this.changes.length > 0) event.preventDefault();
  };
}
