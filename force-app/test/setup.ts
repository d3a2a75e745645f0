import { webcrypto } from 'node:crypto';
import { TextEncoder } from 'node:util';
import { setup } from '@sa11y/jest';
import { useLanguage } from './language';

// jsdom brings neither; browsers do.
Object.defineProperty(globalThis, 'crypto', { value: webcrypto, configurable: true });
Object.defineProperty(globalThis, 'TextEncoder', { value: TextEncoder, configurable: true });

setup();

// One LWC engine for a test file: a test that loads the modules afresh must not register each element's name again.
const engine = jest.requireActual<typeof import('lwc')>('lwc');
jest.doMock('lwc', () => engine);
useLanguage('en_US');
