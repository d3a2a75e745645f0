/** The Lightning-like shell: global header, app navigation, the page, utility bar, toasts. */
import { LightningElement } from 'lwc';
import Toast from 'lightning/toast';
import { labels, tabs as ownTabs } from 'preview/pages';
import { currentPage, onPage, urlOf, type PageReference } from 'preview/router';
import { applyTheme, currentSettings, withSetting } from 'preview/theme';

interface ToastDetail {
  title?: string;
  message?: string;
  variant?: string;
  mode?: string;
}

/** An account of the demo org, for whoever opens the record page without coming from a row. */
const ANY_ACCOUNT = '001000000000001AAA';

export default class App extends LightningElement {
  page: PageReference = currentPage();
  settings = currentSettings();
  #stop: (() => void) | undefined;

  override connectedCallback(): void {
    applyTheme(this.settings.theme);
    this.#stop = onPage((page) => (this.page = page));
    this.template?.addEventListener('lightning__showtoast', this.handleToast as EventListener);
    document.title = `${labels.tab} | ${labels.app} preview`;
  }
  override disconnectedCallback(): void {
    this.#stop?.();
  }

  get appName(): string {
    return labels.app;
  }
  get isRecordPage(): boolean {
    return this.page.type === 'standard__recordPage';
  }
  get isObjectPage(): boolean {
    return this.page.type === 'standard__objectPage';
  }
  get recordId(): string | undefined {
    return this.page.attributes.recordId;
  }
  get objectApiName(): string | undefined {
    return this.page.attributes.objectApiName;
  }
  get apiName(): string {
    return this.page.attributes.apiName ?? '';
  }
  get tabs(): { name: string; label: string; url: string; className: string; current: string | null }[] {
    const [first, ...rest] = ownTabs.map(({ name, label }) => ({
      name,
      label,
      page: { type: 'standard__navItemPage', attributes: { apiName: name } },
    }));
    const accounts = {
      name: 'record',
      label: 'Accounts',
      page: {
        type: 'standard__recordPage',
        attributes: { objectApiName: 'Account', recordId: this.recordId ?? ANY_ACCOUNT, actionName: 'view' },
      },
    };
    const tabs = [...(first ? [first] : []), accounts, ...rest];
    const shown = this.isRecordPage || this.isObjectPage ? 'record' : this.apiName;
    return tabs.map(({ name, label, page }) => {
      const active = name === shown;
      return {
        name,
        label,
        url: urlOf(page),
        className: `slds-context-bar__item${active ? ' slds-is-active' : ''}`,
        current: active ? 'page' : null,
      };
    });
  }
  get stageClass(): string {
    return this.settings.width === 'phone' ? 'stage stage_phone' : 'stage';
  }
  get isLight(): boolean {
    return this.settings.theme === 'light';
  }
  get isDark(): boolean {
    return this.settings.theme === 'dark';
  }
  get isSystem(): boolean {
    return this.settings.theme === 'system';
  }
  get isEnglish(): boolean {
    return this.settings.lang === 'en';
  }
  get isGerman(): boolean {
    return this.settings.lang === 'de';
  }
  get isDesktop(): boolean {
    return this.settings.width === 'desktop';
  }
  get isPhone(): boolean {
    return this.settings.width === 'phone';
  }

  /** Values are `theme:dark`, `lang:de`, `width:phone`. A language needs a new page, as in Salesforce. */
  handleSetting(event: CustomEvent<{ value: string }>): void {
    const [name = '', value = ''] = event.detail.value.split(':');
    const url = withSetting(name, value);
    if (name === 'lang') {
      window.location.assign(url);
      return;
    }
    window.history.replaceState(null, '', url);
    this.settings = currentSettings();
    applyTheme(this.settings.theme);
  }

  handleToast = (event: CustomEvent<ToastDetail>): void => {
    const { title, message, variant, mode } = event.detail;
    // The base components' own toast uses the same event with `label`; those are not ours to show.
    if (title === undefined) return;
    event.stopPropagation();
    Toast.show({ label: title, message, variant, mode: mode === 'pester' ? 'dismissible' : mode }, this);
  };
}
