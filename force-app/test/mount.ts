import { createElement, type LightningElement } from 'lwc';
import { settle } from './backend';

/** A component on the page, with what it needs set. */
export async function mount<T extends object>(
  name: string,
  component: typeof LightningElement,
  properties: object = {},
): Promise<HTMLElement & T> {
  const element = createElement(name, { is: component });
  Object.assign(element, properties);
  document.body.appendChild(element);
  await settle();
  return element as unknown as HTMLElement & T;
}

export function find<T extends Element = HTMLElement>(element: HTMLElement, selector: string): T {
  const found = element.shadowRoot?.querySelector<T>(selector);
  if (!found) throw new Error(`${selector} is not there`);
  return found;
}

export function all<T extends Element = HTMLElement>(element: HTMLElement, selector: string): T[] {
  return [...(element.shadowRoot?.querySelectorAll<T>(selector) ?? [])];
}

/** Listens to an event of the component. */
export function hear(element: HTMLElement, type: string): jest.Mock {
  const heard = jest.fn();
  element.addEventListener(type, (event) => void heard((event as CustomEvent).detail));
  return heard;
}
