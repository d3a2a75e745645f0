import { api, LightningElement } from 'lwc';
import type { OrgSettings, TemplateChoice, Usage } from 'c/oneshotApi';
import { fill, formatCount } from 'c/oneshotFormat';
import { regionLabel } from 'c/oneshotMessages';
import { regions } from 'c/oneshotRegions';
import { channelNames, logChoices, regionName, settingLabel } from 'c/oneshotSettingNames';
import { callsADay } from './cost';
import { label } from './labels';

type Channel = keyof OrgSettings['channels'];

/** Sessions, memory, sending and home region, each with what it means and costs. Fires `change` with what changed. */
export default class OneshotPolicies extends LightningElement {
  @api settings!: OrgSettings;
  /** Region that the org is in now. */
  @api savedRegion = '';
  /** The org's email templates; null where they cannot be listed: then an id is typed. */
  @api templates: readonly TemplateChoice[] | null = null;
  @api usage: Usage | null = null;
  /** Reps who have OneShot. */
  @api repCount = 0;
  /** Accounts that pay. */
  @api accountCount = 0;

  label = label;
  names = settingLabel;

  /** Whether all that was typed is within its limits; shows beside each field what is not, and goes to the first. */
  @api reportValidity(): boolean {
    const inputs = [
      ...(this.template?.querySelectorAll<HTMLElement & { reportValidity(): boolean }>('[data-check]') ?? []),
    ];
    // All of them, so that each shows what is wrong with it.
    const [first] = inputs.filter((input) => !input.reportValidity());
    first?.focus();
    return first === undefined;
  }

  get isCacheOff(): boolean {
    return !this.settings.cache.enabled;
  }

  get costText(): string {
    const each = callsADay(this.settings, this.accountCount);
    if (this.repCount === 0) return fill(label.costOne, formatCount(each));
    return fill(label.cost, formatCount(each), formatCount(each * this.repCount), formatCount(this.repCount));
  }

  get limitText(): string {
    const { orgLimit = null, orgRemaining = null } = this.usage ?? {};
    if (orgLimit === null || orgRemaining === null) return label.limitUnknown;
    return fill(label.limit, formatCount(orgLimit), formatCount(orgRemaining));
  }

  get channelOptions(): { label: string; value: string }[] {
    return Object.entries(channelNames).map(([value, name]) => ({ label: name, value }));
  }

  get channelValues(): string[] {
    return Object.entries(this.settings.channels).flatMap(([name, on]) => (on ? [name] : []));
  }

  get logOptions(): { label: string; value: string }[] {
    return Object.entries(logChoices).map(([value, text]) => ({ label: text, value }));
  }

  get hasTemplates(): boolean {
    return this.templates !== null;
  }

  get templateOptions(): { label: string; value: string }[] {
    const listed = (this.templates ?? []).map(({ id, name, folder }) => ({
      label: folder === null ? name : `${folder} / ${name}`,
      value: id,
    }));
    return [{ label: settingLabel.footerNone, value: '' }, ...listed];
  }

  get template00X(): string {
    return this.settings.mailFooterTemplateId ?? '';
  }

  get regionOptions(): { label: string; value: string }[] {
    return regions.map(({ name }) => ({ label: regionName(name), value: name }));
  }

  get regionWarning(): string {
    const { homeRegion } = this.settings;
    return homeRegion === this.savedRegion ? '' : fill(label.regionChange, regionLabel(homeRegion));
  }

  private change(settings: Partial<OrgSettings>): void {
    this.dispatchEvent(new CustomEvent('change', { detail: { settings } }));
  }

  /** An empty or broken number is kept out of the settings; the field itself says what is wrong with it. */
  private number(event: CustomEvent<{ value: string }>): number | undefined {
    const value = Number(event.detail.value);
    return event.detail.value !== '' && Number.isInteger(value) ? value : undefined;
  }

  handleSession(event: CustomEvent<{ value: string }>): void {
    const sessionMinutes = this.number(event);
    if (sessionMinutes !== undefined) this.change({ sessionMinutes });
  }

  handleCache(event: CustomEvent<{ checked: boolean }>): void {
    this.change({ cache: { ...this.settings.cache, enabled: event.detail.checked } });
  }

  handleMinutes(event: CustomEvent<{ value: string }>): void {
    const minutes = this.number(event);
    if (minutes !== undefined) this.change({ cache: { ...this.settings.cache, minutes } });
  }

  handleChannels(event: CustomEvent<{ value: string[] }>): void {
    const on = (name: Channel): boolean => event.detail.value.includes(name);
    this.change({ channels: { gmail: on('gmail'), outlook: on('outlook'), outreach: on('outreach') } });
  }

  handleLogging(event: CustomEvent<{ value: OrgSettings['logSendsToSalesforce'] }>): void {
    this.change({ logSendsToSalesforce: event.detail.value });
  }

  handleFooter(event: CustomEvent<{ value: string }>): void {
    const id = event.detail.value.trim();
    this.change({ mailFooterTemplateId: id === '' ? null : id });
  }

  handleSends(event: CustomEvent<{ value: string }>): void {
    const sendsPerRepAndDay = this.number(event);
    if (sendsPerRepAndDay !== undefined) this.change({ sendsPerRepAndDay });
  }

  handleDays(event: CustomEvent<{ value: string }>): void {
    const activityDays = this.number(event);
    if (activityDays !== undefined) this.change({ activityDays });
  }

  handleRegion(event: CustomEvent<{ value: string }>): void {
    this.change({ homeRegion: event.detail.value });
  }
}
