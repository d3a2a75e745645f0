import { graphql } from 'lightning/graphql';
import OneshotHomeRegion from 'c/oneshotHomeRegion';
import { setHomeRegion } from 'c/oneshotSession';
import { settle } from '../../../../../test/backend';
import { mount } from '../../../../../test/mount';

jest.mock('c/oneshotSession', () => ({ setHomeRegion: jest.fn() }));
const emit = (graphql as unknown as { emit: (data: unknown) => void }).emit.bind(graphql);
const org = (...regions: (string | null)[]): object => ({
  uiapi: { query: { org: { edges: regions.map((value) => ({ node: { region: { value } } })) } } },
});

beforeEach(() => jest.mocked(setHomeRegion).mockClear());
afterEach(() => document.body.replaceChildren());

test('tells the session the one region that the org names', async () => {
  await mount('c-oneshot-home-region', OneshotHomeRegion);
  emit(org('eu'));
  await settle();
  expect(setHomeRegion).toHaveBeenCalledWith('eu');
});

test.each([
  ['no record', org()],
  ['two records', org('eu', 'us')],
  ['nothing readable', undefined],
])('%s leaves it to the backend', async (_name, data) => {
  await mount('c-oneshot-home-region', OneshotHomeRegion);
  emit(data);
  await settle();
  expect(setHomeRegion).not.toHaveBeenCalled();
});
