/** The app page as the package lays it out: one region. */
import { LightningElement } from 'lwc';
import { appPage, labels } from 'preview/pages';

export default class HomePage extends LightningElement {
  /** Lightning gives each app page a heading of its own, for screen readers. */
  heading = labels.tab;
  placements = appPage.placements;
}
