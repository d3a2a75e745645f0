/** Modules that only the bundler knows: base components, and the package's pages (written by src/bundle/pages.ts). */
declare module 'lightning/toast' {
  const Toast: { show(config: object, source: EventTarget): void };
  export default Toast;
}

declare module 'lightning/modal' {
  import { LightningElement } from 'lwc';

  export default class LightningModal extends LightningElement {
    static open(options: object): Promise<unknown>;
    close(result?: unknown): void;
  }
}

declare module 'preview/pages' {
  import type { LightningElement } from 'lwc';

  /** A component as a page of the package places it, with the properties that the page sets. */
  export interface Placement {
    name: string;
    constructor: typeof LightningElement;
    properties: Record<string, unknown>;
  }
  /** What the package calls its app, and the tab of its page. */
  export const labels: { app: string; tab: string };
  /** The app's own tabs, in its order. */
  export const tabs: { name: string; label: string; placements: Placement[] }[];
  /** Components of the app page, in order. */
  export const appPage: { placements: Placement[] };
  /** What the package brings for record pages, by object; for the others, the app page's components stand there. */
  export const recordPages: Record<string, Placement[]>;
  /** Buttons in the head of a record page. */
  export const actions: { object: string; label: string; constructor: typeof LightningElement }[];
  export const utilities: (Placement & {
    label: string;
    icon: string;
    height: number;
    width: number;
    /** Made with the page, not at its first opening. */
    isEager: boolean;
  })[];
}

declare module 'c/oneshotRegions' {
  interface Region {
    readonly name: string;
    readonly label: string;
    readonly backendUrl: string;
  }
  export const regions: readonly Region[];
  export const defaultRegion: string;
  export function backendUrlOf(name: string): string | undefined;
  export function regionAt(url: string): Region | undefined;
}
