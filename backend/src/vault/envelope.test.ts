import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { EnvelopeUnreadable, keyVersionOf, open, seal, type Place } from './envelope.ts';

const place: Place = {
  region: 'us',
  org: 'org_a',
  user: 'usr_a',
  provider: 'salesforce',
  collection: 'users',
  field: 'email',
  record: 'usr_a',
};
const key = { version: 'd1', bytes: randomBytes(32) };

describe('an envelope', () => {
  test('opens with its key at its place', () => {
    expect(open(key, place, seal(key, place, 'ana@example.com')).toString('utf8')).toBe('ana@example.com');
  });

  test('never looks the same twice, and holds nothing of its value', () => {
    const sealed = seal(key, place, 'ana@example.com');
    expect(seal(key, place, 'ana@example.com')).not.toBe(sealed);
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('ana');
  });

  test.each(Object.keys(place))('does not open at another %s', (name) => {
    const sealed = seal(key, place, 'value');
    expect(() => open(key, { ...place, [name]: 'other' }, sealed)).toThrow(EnvelopeUnreadable);
  });

  test('cannot be confused by moving a character from one part of its place to the next', () => {
    const sealed = seal(key, { ...place, org: 'ab', user: 'c' }, 'value');
    expect(() => open(key, { ...place, org: 'a', user: 'bc' }, sealed)).toThrow(EnvelopeUnreadable);
  });

  test('does not open with another key, nor under another version of it', () => {
    const sealed = seal(key, place, 'value');
    expect(() => open({ ...key, bytes: randomBytes(32) }, place, sealed)).toThrow(EnvelopeUnreadable);
    expect(() => open({ ...key, version: 'd2' }, place, sealed)).toThrow(EnvelopeUnreadable);
    const renamed = sealed.replace('.d1.', '.d2.');
    expect(() => open({ ...key, version: 'd2' }, place, renamed)).toThrow(EnvelopeUnreadable);
  });

  test('does not open when any byte was changed, cut off or added', () => {
    const [format, version, body = ''] = seal(key, place, 'value').split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      const text = `${format}.${version}.${changed.toString('base64url')}`;
      expect(() => open(key, place, text)).toThrow(EnvelopeUnreadable);
    }
    for (const bad of ['', 'e1', 'e1.d1', 'e1.d1.', 'e1.d1.AAAA', 'e2.d1.AAAA', `e1.d1.${body}.x`])
      expect(() => open(key, place, bad)).toThrow(EnvelopeUnreadable);
  });

  test('says which version of a key it needs', () => {
    expect(keyVersionOf(seal(key, place, 'value'))).toBe('d1');
    expect(() => keyVersionOf('nonsense')).toThrow(EnvelopeUnreadable);
  });

  test('is not made with a weak key', () => {
    expect(() => seal({ version: 'd1', bytes: randomBytes(31) }, place, 'value')).toThrow(TypeError);
  });
});
