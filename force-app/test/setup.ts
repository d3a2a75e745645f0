import { createHash, webcrypto } from 'node:crypto';
import { TextEncoder } from 'node:util';
import { setup } from '@sa11y/jest';
import { useLanguage } from './language';

// jsdom brings neither; browsers do.
const crypto = {
  getRandomValues: (bytes: Uint8Array) => webcrypto.getRandomValues(bytes),
  // The same digest without the thread pool: ready in a turn of the loop, however busy the machine is.
  subtle: {
    digest: (_name: string, data: Uint8Array) => Promise.resolve(createHash('sha256').update(data).digest()),
  },
};
Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
Object.defineProperty(globalThis, 'TextEncoder', { value: TextEncoder, configurable: true });

setup();

// One LWC engine for a test file: a test that loads the modules afresh must not register each element's name again.
const engine = jest.requireActual<typeof import('lwc')>('lwc');
jest.doMock('lwc', () => engine);
useLanguage('en_US');
