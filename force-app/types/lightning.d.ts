/** The platform's modules that @salesforce/lightning-types does not describe, as far as this package uses them. */

declare module 'lightning/navigation' {
  import type { LightningElement, WireAdapterConstructor } from 'lwc';

  export interface PageReference {
    type: string;
    attributes: Record<string, unknown>;
    state: Record<string, string | undefined>;
  }
  export const CurrentPageReference: WireAdapterConstructor<Record<string, never>, PageReference>;
  interface Navigation {
    [NavigationMixin.Navigate](reference: Partial<PageReference>, replace?: boolean): void;
    [NavigationMixin.GenerateUrl](reference: Partial<PageReference>): Promise<string>;
  }
  export function NavigationMixin(base: typeof LightningElement): new () => LightningElement & Navigation;
  export namespace NavigationMixin {
    const Navigate: unique symbol;
    const GenerateUrl: unique symbol;
  }
}

declare module 'lightning/graphql' {
  import type { WireAdapterConstructor } from 'lwc';

  export interface GraphqlResult<T> {
    data?: T;
    errors?: { message: string }[];
  }
  export function gql(parts: TemplateStringsArray): object;
  export const graphql: WireAdapterConstructor<{ query: object; variables?: object }, GraphqlResult<unknown>>;
}

declare module 'lightning/platformUtilityBarApi' {
  import type { WireAdapterConstructor } from 'lwc';

  /** The id of the utility that this component lies in; undefined anywhere else. */
  export const EnclosingUtilityId: WireAdapterConstructor<Record<string, never>, string | undefined>;
  export function getInfo(utilityId: string): Promise<{ utilityLabel: string }>;
  /** Opens the utility's panel. @returns false where it could not be opened */
  export function open(utilityId: string, options?: { autoFocus?: boolean }): Promise<boolean>;
  export function minimize(utilityId: string): Promise<boolean>;
  export function updateUtility(
    utilityId: string,
    attributes: { icon?: string; label?: string; highlighted?: boolean },
  ): Promise<boolean>;
}

declare module 'lightning/messageService' {
  interface Channel {
    readonly channelName: string;
  }
  interface Subscription {
    readonly subscription?: unknown;
  }
  /** Hears and reaches the whole application, not the active area alone. */
  export const APPLICATION_SCOPE: symbol;
  /** The context of a module, which has no @wire. */
  export function createMessageContext(): object;
  export function publish(context: object, channel: Channel, message?: object): void;
  export function subscribe(
    context: object,
    channel: Channel,
    listener: (message: unknown) => void,
    options?: { scope?: symbol },
  ): Subscription;
  export function unsubscribe(subscription: Subscription): void;
}

declare module 'lightning/uiRecordApi' {
  import type { WireAdapterConstructor } from 'lwc';

  interface FieldReference {
    readonly fieldApiName: string;
    readonly objectApiName: string;
  }
  export interface RecordData {
    readonly id?: string;
  }
  export interface RecordResult {
    readonly data?: RecordData;
    readonly error?: unknown;
  }
  /** Lightning's own copy of a record, as the user may see it; fields that are hidden are left out. */
  export const getRecord: WireAdapterConstructor<
    { recordId: string; fields?: readonly FieldReference[]; optionalFields?: readonly FieldReference[] },
    RecordResult
  >;
  /** Undefined where the record or the field is not there. */
  export function getFieldValue(record: RecordData | undefined, field: FieldReference): unknown;
}

declare module 'lightning/actions' {
  /** Closes the dialog of a record quick action. */
  export class CloseActionScreenEvent extends CustomEvent<undefined> {
    constructor();
  }
}

declare module 'lightning/datatable' {
  import { LightningElement } from 'lwc';

  export default class LightningDatatable extends LightningElement {
    static customTypes: Record<string, unknown>;
  }
}
