/** One utility: tells the component inside which utility it lies in, as LWC context. */
import { LightningElement, api, createContextProvider } from 'lwc';
import { EnclosingUtilityId } from 'lightning/platformUtilityBarApi';

const provideUtilityId = createContextProvider(EnclosingUtilityId);

export default class Utility extends LightningElement {
  @api utilityId: string | undefined;
  @api component: typeof LightningElement | undefined;
  @api properties: Record<string, unknown> = {};

  override connectedCallback(): void {
    provideUtilityId(this, {
      consumerConnectedCallback: (consumer) => consumer.provide({ utilityId: this.utilityId }),
    });
  }
}
