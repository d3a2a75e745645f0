import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { newId } from '../database/new-id.ts';
import { events } from './events.ts';
import { createLog, type Log } from './log.ts';

function captured(): { readonly log: Log; readonly text: () => string } {
  let text = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString('utf8');
      done();
    },
  });
  return { log: createLog('info', sink), text: () => text };
}

test('a declared field of its kind is logged', () => {
  const { log, text } = captured();
  const org = newId('org');
  log.info(events.accountsPulled, { org, rows: 3, ms: 1.5 });
  expect(JSON.parse(text())).toMatchObject({ event: 'accountsPulled', org, rows: 3, ms: 1.5 });
});

test.each<[string, Record<string, unknown>]>([
  ['an undeclared field', { name: 'Canary Ltd' }],
  ['a name in an id field', { org: 'Canary Ltd' }],
  ['an e-mail address as rep', { rep: 'canary@example.com' }],
  ['an id that carries more', { rep: `usr_${'a'.repeat(22)} Canary` }],
  ['a CRM id as org', { org: '00DCanary0000001EAA' }],
  ['a text as a count', { rows: 'Canary' }],
  ['an object as an id', { org: { toString: () => 'Canary' } }],
  ['an error as a field', { rows: new Error('Canary') }],
  ['an inherited name', { constructor: 'Canary', __proto__: { org: 'Canary' } }],
])('%s never appears, and is counted', (_what, values) => {
  const { log, text } = captured();
  log.info(events.accountsPulled, values);
  expect(text()).not.toMatch(/canary/i);
  expect(log.droppedFields).toBeGreaterThan(0);
});

test.each(['/v1/accounts/0015500001WO1ZiAAL', '/v1/accounts?search=canary', '/v1/x@y.example', 'canary'])(
  'a URL is no route pattern: %s',
  (route) => {
    const { log, text } = captured();
    log.info(events.request, { route });
    expect(JSON.parse(text())).not.toHaveProperty('route');
  },
);

test('the problem of a request is a code of ours, not a sentence', () => {
  const { log, text } = captured();
  log.info(events.request, { problem: 'You cannot see Canary Ltd' });
  expect(text()).not.toMatch(/canary/i);
});

test.each(
  Object.values(events).flatMap(({ name, fields }) => Object.entries(fields).map((field) => [name, ...field] as const)),
)('%s.%s takes nothing that JSON would escape', (_event, _field, field) => {
  for (const text of ['"', '\\', '\n', '\u2028', 'é'])
    for (const around of ['', 'a', '/v1/a', 'http://a', `org_${'a'.repeat(21)}`])
      expect([around + text, field.accepts(around + text), field.accepts(text + around)]).toEqual([
        around + text,
        false,
        false,
      ]);
  expect(field.kind).toMatch(/^[\w|.-]+$/); // the words of a closed list
});
