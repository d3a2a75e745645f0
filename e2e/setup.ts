import { jest } from '@jest/globals';

/** A journey starts processes and a browser; a test that hangs still ends. */
jest.setTimeout(90_000);
