/** The app page as the package lays it out: one region. */
import { LightningElement } from 'lwc';
import { appPage } from 'preview/pages';

export default class HomePage extends LightningElement {
  placements = appPage.placements;
}
