/** Stand-in for `lightning/navigation`: same mixin and wire adapter; pages are those of preview/router. */
import { navigate, onPage, urlOf, type PageReference } from 'preview/router';

const Navigate = Symbol('Navigate');
const GenerateUrl = Symbol('GenerateUrl');

type Constructor = new (...args: never[]) => HTMLElement;

/** Adds `this[NavigationMixin.Navigate]` and `this[NavigationMixin.GenerateUrl]` to a component. */
export const NavigationMixin = Object.assign(
  (Base: Constructor) =>
    class extends Base {
      [Navigate](page: PageReference, replace = false): void {
        navigate(page, replace);
      }
      [GenerateUrl](page: PageReference): Promise<string> {
        return Promise.resolve(urlOf(page));
      }
    },
  { Navigate, GenerateUrl },
);

/** Wire adapter: the page reference of the page that is shown. */
export class CurrentPageReference {
  readonly #emit: (page: PageReference) => void;
  #stop: (() => void) | undefined;

  constructor(emit: (page: PageReference) => void) {
    this.#emit = emit;
  }
  connect(): void {
    this.#stop = onPage(this.#emit);
  }
  disconnect(): void {
    this.#stop?.();
  }
  update(): void {
    // Takes no configuration.
  }
}
