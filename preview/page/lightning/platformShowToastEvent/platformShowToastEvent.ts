/** Stand-in for `lightning/platformShowToastEvent`: same event; the page shows it with the base components' toast. */
export interface ToastConfig {
  title: string;
  message?: string;
  variant?: 'info' | 'success' | 'warning' | 'error';
  mode?: 'dismissible' | 'pester' | 'sticky';
  messageData?: unknown[];
}

export const ShowToastEventName = 'lightning__showtoast';

export class ShowToastEvent extends CustomEvent<ToastConfig> {
  constructor(detail: ToastConfig) {
    super(ShowToastEventName, { bubbles: true, composed: true, cancelable: true, detail });
  }
}
