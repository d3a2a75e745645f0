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
  export function updateUtility(
    utilityId: string,
    attributes: { icon?: string; label?: string; highlighted?: boolean },
  ): Promise<boolean>;
}

declare module 'lightning/datatable' {
  import { LightningElement } from 'lwc';

  export default class LightningDatatable extends LightningElement {
    static customTypes: Record<string, unknown>;
  }
}
