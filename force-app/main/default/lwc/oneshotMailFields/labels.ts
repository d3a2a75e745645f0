import always from '@salesforce/label/c.Log_Always';
import chooseTemplate from '@salesforce/label/c.Template';
import emptyText from '@salesforce/label/c.Empty_Text';
import footer from '@salesforce/label/c.Mail_Footer_Note';
import log from '@salesforce/label/c.Log_To_Salesforce';
import removeTemplate from '@salesforce/label/c.Remove_Template';
import subject from '@salesforce/label/c.Subject';
import templateUsed from '@salesforce/label/c.Queue_Template';

export const label = { always, chooseTemplate, emptyText, footer, log, removeTemplate, subject, templateUsed };
