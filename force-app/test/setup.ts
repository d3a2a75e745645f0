import { webcrypto } from 'node:crypto';
import { TextEncoder } from 'node:util';
import { setup } from '@sa11y/jest';
import { useLanguage } from './language';

// jsdom brings neither; browsers do.
Object.defineProperty(globalThis, 'crypto', { value: webcrypto, configurable: true });
Object.defineProperty(globalThis, 'TextEncoder', { value: TextEncoder, configurable: true });

setup();
useLanguage('en_US');
