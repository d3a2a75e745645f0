/** The platform's scoped imports that @salesforce/lightning-types does not describe. */
/// <reference types="@salesforce/lightning-types" />

declare module '@salesforce/label/*' {
  const label: string;
  export default label;
}

declare module '@salesforce/i18n/locale' {
  /** BCP 47, the user's locale for numbers and dates, for example `de-DE`. */
  const locale: string;
  export default locale;
}

declare module '@salesforce/i18n/lang' {
  /** BCP 47, the user's language, for example `de`. */
  const lang: string;
  export default lang;
}

declare module '@salesforce/i18n/timeZone' {
  /** IANA name, for example `Europe/Berlin`. */
  const timeZone: string;
  export default timeZone;
}

declare module '@salesforce/schema/*' {
  const reference: { readonly fieldApiName: string; readonly objectApiName: string };
  export default reference;
}

declare module '@salesforce/messageChannel/*' {
  const channel: { readonly channelName: string };
  export default channel;
}
