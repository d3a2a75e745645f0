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

test('a record page is for its object, and an object without one shows the app page in its column', () => {
  const pages: Page[] = [
    { name: 'Home', type: 'AppPage', placements: [placement('workspace')] },
    { name: 'Account', type: 'RecordPage', object: 'Account', placements: [placement('accountPanel')] },
  ];
  const code = pagesModule(pages, labels);
  const records = /recordPages = (.*);/.exec(code)?.[1] ?? '';
  expect(records).toContain('"Account": [{ name: "accountPanel"');
  expect(records).not.toContain('workspace');
  expect(/appPage = (.*);/.exec(code)?.[1]).toContain('"workspace"');
});

test('a record quick action is imported and belongs to its object', () => {
  const code = pagesModule([], labels, [], [{ object: 'Contact', label: 'Write', component: 'writeAction' }]);
  expect(code).toContain("import writeAction from 'c/writeAction';");
  expect(code).toContain('actions = [{ object: "Contact", label: "Write", constructor: writeAction }]');
});

test('a utility is made with the page only where its eager says so', () => {
  const bar = (eager: string): string =>
    pagesModule([{ name: 'Bar', type: 'UtilityBar', placements: [placement('utility', { eager })] }], labels);
  expect(bar('true')).toContain('"isEager":true');
  expect(bar('false')).toContain('"isEager":false');
});
