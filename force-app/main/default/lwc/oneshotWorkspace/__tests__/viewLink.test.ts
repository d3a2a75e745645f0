import { filtersOf, stateOf } from '../viewLink';

const none = { industry: [], country: [], product: [], owner: [] };

test('facets travel in the address and come back as they were', () => {
  const filters = { ...none, industry: ['A, B', '"C"'], owner: ['005000000000001AAA'] };
  expect(Object.keys(stateOf(filters))).toEqual(['c__industry', 'c__owner']);
  expect(filtersOf(stateOf(filters))).toEqual(filters);
});

test.each([[undefined], [{}], [{ c__industry: 'x' }], [{ c__industry: '{"a":1}' }], [{ c__industry: '[1,null]' }]])(
  'an address that says nothing readable, %j, sets no filter',
  (state) => {
    expect(filtersOf(state)).toEqual(none);
  },
);
