import { jest } from '@jest/globals';

/** A journey starts processes and a browser, on a slow machine beside others; a test that hangs still ends. */
jest.setTimeout(240_000);
