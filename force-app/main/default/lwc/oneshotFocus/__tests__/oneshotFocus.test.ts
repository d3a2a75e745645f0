import { catchFocus, isFocusLost } from 'c/oneshotFocus';

function put<K extends keyof HTMLElementTagNameMap>(tag: K): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.tabIndex = -1;
  document.body.appendChild(element);
  return element;
}

afterEach(() => document.body.replaceChildren());

test('a place takes the focus of a button that is gone', () => {
  const place = put('div');
  const pressed = put('button');
  pressed.focus();
  expect(isFocusLost()).toBe(false);
  pressed.remove();
  expect(isFocusLost()).toBe(true);
  catchFocus(place);
  expect(document.activeElement).toBe(place);
});

test('a focus that is somewhere stays there', () => {
  const place = put('div');
  const field = put('input');
  field.focus();
  catchFocus(place);
  expect(document.activeElement).toBe(field);
});
