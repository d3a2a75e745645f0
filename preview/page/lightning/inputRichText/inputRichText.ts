/**
 * Stand-in for `lightning-input-rich-text`: a toolbar and an editable region, with the attributes and the `change` event
 * `{ value }` as documented. Like the real one it keeps text and simple formats only.
 */
import { LightningElement, api } from 'lwc';

interface Tool {
  command: string;
  icon: string;
  label: string;
}

const TOOLS: Record<string, Tool[]> = {
  bold: [{ command: 'bold', icon: 'utility:bold', label: 'Bold' }],
  italic: [{ command: 'italic', icon: 'utility:italic', label: 'Italic' }],
  underline: [{ command: 'underline', icon: 'utility:underline', label: 'Underline' }],
  list: [
    { command: 'insertUnorderedList', icon: 'utility:richtextbulletedlist', label: 'Bulleted list' },
    { command: 'insertOrderedList', icon: 'utility:richtextnumberedlist', label: 'Numbered list' },
  ],
};

const KEPT = new Set(['A', 'B', 'BR', 'DIV', 'EM', 'I', 'LI', 'OL', 'P', 'SPAN', 'STRONG', 'U', 'UL']);

export default class InputRichText extends LightningElement {
  @api label = '';
  @api labelVisible = false;
  @api placeholder = '';
  @api formats: string[] = Object.keys(TOOLS);
  #value = '';
  #disabled = false;

  @api get value(): string {
    return this.#value;
  }
  set value(value: string | undefined) {
    if (value === this.#value) return;
    this.#value = value ?? '';
    this.show();
  }

  @api get disabled(): boolean {
    return this.#disabled;
  }
  set disabled(disabled: boolean) {
    this.#disabled = disabled;
    this.lock();
  }

  @api focus(): void {
    this.editor?.focus();
  }

  get tools(): Tool[] {
    return this.formats.flatMap((format) => TOOLS[format] ?? []);
  }

  get labelClass(): string {
    return this.labelVisible ? 'slds-form-element__label' : 'slds-assistive-text';
  }

  private get editor(): HTMLElement | undefined {
    return this.template?.querySelector<HTMLElement>('.editor') ?? undefined;
  }

  override renderedCallback(): void {
    if (this.editor?.isContentEditable !== undefined) this.lock();
    this.show();
  }

  private lock(): void {
    this.editor?.setAttribute('contenteditable', String(!this.#disabled));
    this.editor?.setAttribute('aria-disabled', String(this.#disabled));
  }

  private show(): void {
    const editor = this.editor;
    if (!editor || editor.innerHTML === this.#value) return;
    // Parsed apart, where nothing runs; only what the real editor keeps is taken over.
    const parsed = new DOMParser().parseFromString(this.#value, 'text/html').body;
    for (const element of [...parsed.querySelectorAll('*')].reverse()) {
      for (const { name } of [...element.attributes]) if (name !== 'href') element.removeAttribute(name);
      if (!KEPT.has(element.tagName)) element.replaceWith(...element.childNodes);
    }
    editor.replaceChildren(...parsed.childNodes);
  }

  handleInput(): void {
    this.#value = this.editor?.innerHTML ?? '';
    this.dispatchEvent(new CustomEvent('change', { detail: { value: this.#value } }));
  }

  handleTool(event: Event): void {
    this.editor?.focus();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- browsers have nothing else for editing in place
    document.execCommand((event.currentTarget as HTMLElement).dataset.command ?? '');
    this.handleInput();
  }
}
