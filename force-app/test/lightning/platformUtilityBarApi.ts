import { createTestWireAdapter } from '@salesforce/wire-service-jest-util';

/** sfdx-lwc-jest brings no stub of lightning/platformUtilityBarApi. */
export const EnclosingUtilityId = createTestWireAdapter();
export const open = jest.fn(() => Promise.resolve(true));
export const minimize = jest.fn(() => Promise.resolve(true));
export const updateUtility = jest.fn(() => Promise.resolve(true));
export const getInfo = jest.fn(() => Promise.resolve({ utilityLabel: 'OneShot' }));
