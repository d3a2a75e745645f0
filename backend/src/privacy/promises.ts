/** The promises of DESIGN 2, each with the file of the test that fails when it is broken; evidence-texts has the words. */
export const PROMISES = [
  { number: 1, file: 'backend/test/nothing-kept.test.ts' },
  { number: 2, file: 'backend/test/erasure.test.ts' },
  { number: 3, file: 'backend/src/accounts/routes.test.ts' },
  { number: 4, file: 'backend/test/thief.test.ts' },
  { number: 5, file: 'backend/test/fuzz.test.ts' },
  { number: 6, file: 'backend/src/auth/sessions.test.ts' },
  { number: 7, file: 'backend/src/config.test.ts' },
  { number: 8, file: 'backend/src/settings/home-region.test.ts' },
  { number: 9, file: 'backend/src/operators/operators.test.ts' },
  { number: 10, file: 'backend/test/fuzz.test.ts' },
  { number: 11, file: 'backend/test/erasure-kill.test.ts' },
] as const;

export type PromiseNumber = (typeof PROMISES)[number]['number'];
