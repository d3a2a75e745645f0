import { isOn, namesOf, wholeWithin } from 'c/oneshotPageSettings';

const range = { min: 10, max: 200, otherwise: 50 };

test.each([
  [10, 10],
  [200, 200],
  [12.4, 12],
  ['25', 25],
  [0, 10],
  [-1, 10],
  [1e9, 200],
  [Number.NaN, 50],
  [Infinity, 50],
  ['', 50],
  [' ', 50],
  ['many', 50],
  [null, 50],
  [undefined, 50],
  [true, 50],
  [{}, 50],
])('rows of %p are %p', (value, rows) => {
  expect(wholeWithin(value, range)).toBe(rows);
});

test.each([
  [true, true],
  ['true', true],
  [' TRUE ', true],
  [false, false],
  ['false', false],
  ['', false],
  [1, false],
  [undefined, false],
])('%p is on: %p', (value, on) => {
  expect(isOn(value)).toBe(on);
});

test('names are told apart however they were typed', () => {
  expect(namesOf(' ARR,industry ;Owner\n')).toEqual(['arr', 'industry', 'owner']);
  expect([namesOf(''), namesOf(undefined), namesOf(7)]).toEqual([[], [], []]);
});
