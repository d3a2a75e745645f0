/** The app page as the package lays it out: one region. */
import { api, LightningElement } from 'lwc';
import { attributesOf } from 'preview/attributes';
import { appPage, labels, tabs } from 'preview/pages';

export default class HomePage extends LightningElement {
  /** Of the tab whose page this is; an unknown one shows the app page. */
  @api apiName = '';

  /** Lightning gives each app page a heading of its own, for screen readers. */
  get heading(): string {
    return this.tab?.label ?? labels.tab;
  }
  get placements(): typeof appPage.placements {
    const attributes = attributesOf(window.location.search);
    const { placements } = this.tab ?? appPage;
    return placements.map((placement) => ({ ...placement, properties: { ...placement.properties, ...attributes } }));
  }
  get tab(): (typeof tabs)[number] | undefined {
    return tabs.find(({ name }) => name === this.apiName);
  }
}
