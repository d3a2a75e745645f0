/** A record page: highlights with actions, details, and the column of 320 to 400 px that shows the package's components. */
import { LightningElement, api, wire } from 'lwc';
import { getFieldValue, getRecord, type RecordData } from 'lightning/uiRecordApi';
import ActionDialog from 'preview/actionDialog';
import { attributesOf } from 'preview/attributes';
import { actions, appPage, recordPages } from 'preview/pages';

interface NameField {
  objectApiName: string;
  fieldApiName: string;
}

export default class RecordPage extends LightningElement {
  @api recordId: string | undefined;
  @api objectApiName: string | undefined;
  name = '';

  get nameField(): NameField[] {
    return this.objectApiName === undefined ? [] : [{ objectApiName: this.objectApiName, fieldApiName: 'Name' }];
  }

  @wire(getRecord, { recordId: '$recordId', optionalFields: '$nameField' })
  readName({ data }: { data?: RecordData | undefined }): void {
    const [field] = this.nameField;
    const name = field && data ? getFieldValue(data, field) : undefined;
    this.name = typeof name === 'string' ? name : '';
  }

  get heading(): string {
    return this.name === '' ? (this.recordId ?? '') : this.name;
  }

  get placements(): { name: string; constructor: typeof LightningElement; properties: Record<string, unknown> }[] {
    const placements = recordPages[this.objectApiName ?? ''] ?? appPage.placements;
    const attributes = attributesOf(window.location.search);
    return placements.map((placement) => ({
      ...placement,
      properties: {
        ...placement.properties,
        ...attributes,
        recordId: this.recordId,
        objectApiName: this.objectApiName,
      },
    }));
  }

  get buttons(): { label: string }[] {
    return actions.filter(({ object }) => object === this.objectApiName);
  }

  get iconName(): string {
    const known = ['account', 'opportunity', 'contact'];
    const name = (this.objectApiName ?? '').toLowerCase();
    return `standard:${known.includes(name) ? name : 'record'}`;
  }

  handleAction(event: Event): void {
    const { label } = (event.currentTarget as HTMLElement).dataset;
    const action = actions.find((one) => one.object === this.objectApiName && one.label === label);
    if (!action) return;
    const { recordId, objectApiName } = this;
    void ActionDialog.open({ label, size: 'medium', component: action.constructor, recordId, objectApiName });
  }
}
