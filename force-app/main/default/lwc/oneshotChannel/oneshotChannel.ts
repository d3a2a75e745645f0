import { APPLICATION_SCOPE, createMessageContext, publish, subscribe, unsubscribe } from 'lightning/messageService';
import channel from '@salesforce/messageChannel/OneShot__c';

/**
 * What one part of the page tells the others. Ids only: names and text stay in the modules that hold them.
 * `write`: a draft for this contact was opened. `writeToSeveral`: a mail to several was begun. `wrote`: a mail to this
 * contact was accepted.
 */
export interface Signal {
  action: 'write' | 'writeToSeveral' | 'wrote';
  contactId?: string;
  accountId?: string;
}

const context = createMessageContext();

export function tell(signal: Signal): void {
  publish(context, channel, signal);
}

/** Hears every signal of the page, wherever in it; the returned function ends it. */
export function hear(listener: (signal: Signal) => void): () => void {
  const subscription = subscribe(context, channel, (message) => listener(message as Signal), {
    scope: APPLICATION_SCOPE,
  });
  return () => unsubscribe(subscription);
}
