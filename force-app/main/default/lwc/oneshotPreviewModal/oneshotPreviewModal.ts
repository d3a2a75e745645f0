import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import close from '@salesforce/label/c.Close';
import footer from '@salesforce/label/c.Mail_Footer_Note';
import noSubject from '@salesforce/label/c.No_Subject';
import subjectLabel from '@salesforce/label/c.Subject';
import title from '@salesforce/label/c.Preview';
import to from '@salesforce/label/c.Mail_To';

interface PreviewOptions {
  size: 'medium';
  label: string;
  name: string;
  subject: string;
  html: string;
}

/** The mail as it will be sent, but for the footer, which the backend adds. Salesforce's own component sanitises it. */
export default class OneshotPreviewModal extends LightningModal {
  /** Inherited; @salesforce/lightning-types does not name it. `label` is read by screen readers. */
  declare static open: (options: PreviewOptions) => Promise<undefined>;

  @api name = '';
  @api subject = '';
  @api html = '';

  labels = { close, footer, subject: subjectLabel, title, to };

  get subjectText(): string {
    return this.subject.trim() === '' ? noSubject : this.subject;
  }

  handleClose(): void {
    void this.close(undefined);
  }
}
