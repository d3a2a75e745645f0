import { expect, test } from '@jest/globals';
import { pagesModule, type Page } from './pages.ts';

const placement = (component: string, decorators: Record<string, string> = {}): Page['placements'][number] => ({
  component,
  properties: { mode: 'all' },
  decorators,
});
const labels = { app: 'OneShot', tab: 'My customers' };

test('each component is imported once, wherever it is placed', () => {
  const code = pagesModule(
    [
      { name: 'Home', type: 'AppPage', placements: [placement('workspace')] },
      { name: 'Bar', type: 'UtilityBar', placements: [placement('workspace', { label: 'Customers', width: '480' })] },
    ],
    labels,
  );
  expect(code.match(/import workspace from 'c\/workspace';/g)).toHaveLength(1);
  expect(code).toContain('"label":"Customers"');
  expect(code).toContain('"width":480');
});

test('without a record page of its own the package shows its app page in the record column', () => {
  const code = pagesModule([{ name: 'Home', type: 'AppPage', placements: [placement('workspace')] }], labels);
  expect(/recordPage = \{ placements: \[(.*)\] \}/.exec(code)?.[1]).toContain('"workspace"');
});

test('a record page of the package wins', () => {
  const pages: Page[] = [
    { name: 'Home', type: 'AppPage', placements: [placement('workspace')] },
    { name: 'Account', type: 'RecordPage', placements: [placement('accountPanel')] },
  ];
  expect(/recordPage = \{ placements: \[(.*)\] \}/.exec(pagesModule(pages, labels))?.[1]).toContain('accountPanel');
});
