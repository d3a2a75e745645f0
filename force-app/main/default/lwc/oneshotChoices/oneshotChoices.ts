import { api, LightningElement } from 'lwc';

/** One thing to choose. What cannot be chosen stays in sight, with the reason beside it. */
export interface Choice {
  value: string;
  label: string;
  /** Why it cannot be chosen, or what is special about it. */
  note: string;
  isDisabled: boolean;
}

interface Shown extends Choice {
  id: string;
  group: string;
  isChecked: boolean;
}

let groups = 0;

/**
 * Radio buttons of which some cannot be chosen, which lightning-radio-group does not know. Fires `change` `{ value }`.
 */
export default class OneshotChoices extends LightningElement {
  /** What is chosen here, for the group's name. */
  @api label = '';
  @api choices: readonly Choice[] = [];
  @api value: string | null = null;
  /** True where the name is said elsewhere on the screen. */
  @api isLabelHidden = false;

  /** Buttons of one name exclude each other in the whole page. */
  private group = `oneshot-choices-${String((groups += 1))}`;

  get legendClass(): string {
    return this.isLabelHidden ? 'slds-assistive-text' : 'slds-form-element__label';
  }

  get shown(): Shown[] {
    return this.choices.map((choice, index) => ({
      ...choice,
      id: `choice-${String(index)}`,
      group: this.group,
      isChecked: choice.value === this.value,
    }));
  }

  handleChange(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    this.dispatchEvent(new CustomEvent('change', { detail: { value } }));
  }
}
