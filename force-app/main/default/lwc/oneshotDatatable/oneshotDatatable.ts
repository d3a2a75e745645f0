import LightningDatatable from 'lightning/datatable';
import titled from './titled.html';

/** lightning-datatable with one more cell: text whose title says the rest (a converted amount, all products). */
export default class OneshotDatatable extends LightningDatatable {
  static override customTypes = {
    titled: { template: titled, standardCellLayout: true, typeAttributes: ['title'] },
  };
}
