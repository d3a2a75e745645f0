/** A record page: highlights, details, and the column of 320 to 400 px that shows the package's component. */
import { LightningElement, api } from 'lwc';
import { recordPage } from 'preview/pages';

export default class RecordPage extends LightningElement {
  @api recordId: string | undefined;
  @api objectApiName: string | undefined;

  get placements(): { name: string; constructor: typeof LightningElement; properties: Record<string, unknown> }[] {
    return recordPage.placements.map((placement) => ({
      ...placement,
      properties: { ...placement.properties, recordId: this.recordId, objectApiName: this.objectApiName },
    }));
  }
  get iconName(): string {
    const known = ['account', 'opportunity', 'contact'];
    const name = (this.objectApiName ?? '').toLowerCase();
    return `standard:${known.includes(name) ? name : 'record'}`;
  }
}
