import OneshotFiltersModal from 'c/oneshotFiltersModal';
import { facets } from '../../../../../test/accounts';
import { settle } from '../../../../../test/backend';
import { all, hear, mount } from '../../../../../test/mount';

afterEach(() => document.body.replaceChildren());

test('keeps what is chosen in the dialog and tells each change', async () => {
  const element = await mount('c-oneshot-filters-modal', OneshotFiltersModal, {
    label: 'Filters',
    isSoFar: true,
    facets: [
      { name: 'industry', label: 'Industry', options: facets.industry, values: ['Energy'] },
      { name: 'country', label: 'Country', options: facets.country, values: [] },
    ],
  });
  const filter = hear(element, 'filter');
  const [industry] = all<HTMLElement & { options: object[]; values: string[] }>(element, 'c-oneshot-facet-values');
  expect(industry?.options).toEqual(facets.industry);
  expect(industry?.values).toEqual(['Energy']);
  industry?.dispatchEvent(new CustomEvent('change', { detail: { values: ['Banking'] } }));
  await settle();
  expect(filter).toHaveBeenCalledWith({ facet: 'industry', values: ['Banking'] });
  expect(industry?.values).toEqual(['Banking']);
  expect(element.shadowRoot?.textContent).toContain('Counts so far');
  await expect(element).toBeAccessible();
});
