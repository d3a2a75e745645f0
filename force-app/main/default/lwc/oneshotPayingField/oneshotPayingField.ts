import { api, LightningElement } from 'lwc';
import Toast from 'lightning/toast';
import { type FieldChoice, isAborted, Problem } from 'c/oneshotApi';
import { copyText } from 'c/oneshotClipboard';
import { fill, formatCount, formatNames } from 'c/oneshotFormat';
import { messageOf } from 'c/oneshotMessages';
import { readFields } from 'c/oneshotSession';
import { label } from './labels';

/** Fields shown at once; typing narrows them down. */
const SHOWN = 8;

/** Where nothing counts money: who is marked as a customer counts 1. Values are the org's own. */
export const FORMULA = 'CASE(Type, "Customer - Direct", 1, "Customer - Channel", 1, 0)';

/** As Setup names the type; Salesforce's API says int, double or long of what Setup calls a number. */
function typeName(type: string): string {
  if (type === 'currency') return label.currency;
  return type === 'percent' ? label.percent : label.number;
}

/** The field that says who pays: found by label or name, tried on the org's own accounts. Fires `choose`. */
export default class OneshotPayingField extends LightningElement {
  @api fields: readonly FieldChoice[] = [];

  label = label;
  formula = FORMULA;
  search = '';
  counted = '';
  largest = '';
  isCounting = false;
  error = '';
  private chosen = '';
  private counting: AbortController | undefined;

  @api get value(): string {
    return this.chosen;
  }
  set value(value: string) {
    this.take(value);
  }

  private take(name: string): void {
    if (name === this.chosen) return;
    this.chosen = name;
    void this.count();
  }

  disconnectedCallback(): void {
    this.counting?.abort();
  }

  get isEmpty(): boolean {
    return this.fields.length === 0;
  }

  private get matching(): readonly FieldChoice[] {
    const words = this.search.trim().toLowerCase().split(/\s+/);
    const fits = ({ name, label: text }: FieldChoice): boolean =>
      words.every((word) => `${text} ${name}`.toLowerCase().includes(word));
    const found = this.fields.filter(fits);
    // What is chosen stays in sight.
    const chosen = this.fields.filter(({ name }) => name === this.chosen);
    return [...chosen, ...found.filter(({ name }) => name !== this.chosen)];
  }

  get options(): { label: string; value: string }[] {
    return this.matching.slice(0, SHOWN).map(({ name, label: text, type }) => ({
      label: text === name ? `${name} · ${typeName(type)}` : `${text} (${name}) · ${typeName(type)}`,
      value: name,
    }));
  }

  get hasNoMatch(): boolean {
    return this.search.trim() !== '' && this.matching.every(({ name }) => name === this.chosen);
  }

  get moreText(): string {
    const more = this.matching.length - SHOWN;
    return more > 0 ? fill(label.more, formatCount(more)) : '';
  }

  handleSearch(event: CustomEvent<{ value: string }>): void {
    this.search = event.detail.value;
  }

  handleChoose(event: CustomEvent<{ value: string }>): void {
    this.take(event.detail.value);
    this.dispatchEvent(new CustomEvent('choose', { detail: { name: this.chosen } }));
  }

  async handleCopy(): Promise<void> {
    if (await copyText(FORMULA))
      void Toast.show({ label: label.copied, variant: 'success', mode: 'dismissible' }, this as unknown as HTMLElement);
  }

  /** Asks Salesforce how many accounts the field would show, and which are the largest. */
  private async count(): Promise<void> {
    this.counting?.abort();
    this.counted = '';
    this.largest = '';
    this.error = '';
    const name = this.chosen;
    if (!this.fields.some((field) => field.name === name)) return;
    const controller = new AbortController();
    this.counting = controller;
    this.isCounting = true;
    try {
      const { count, examples = [] } = await readFields(name, controller.signal);
      this.counted = fill(label.count, formatCount(count ?? 0));
      this.largest = examples.length > 0 ? fill(label.largest, formatNames(examples)) : '';
    } catch (error) {
      if (!isAborted(error)) this.error = error instanceof Problem ? messageOf(error) : '';
    } finally {
      if (this.counting === controller) this.isCounting = false;
    }
  }
}
