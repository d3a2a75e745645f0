/** The app page as the package lays it out: one region. */
import { api, LightningElement } from 'lwc';
import { appPage, labels, tabs } from 'preview/pages';

export default class HomePage extends LightningElement {
  /** Of the tab whose page this is; an unknown one shows the app page. */
  @api apiName = '';

  /** Lightning gives each app page a heading of its own, for screen readers. */
  get heading(): string {
    return this.tab?.label ?? labels.tab;
  }
  get placements(): typeof appPage.placements {
    return (this.tab ?? appPage).placements;
  }
  get tab(): (typeof tabs)[number] | undefined {
    return tabs.find(({ name }) => name === this.apiName);
  }
}
