/** The promises of DESIGN 2 in the customer's words, each with the test that fails when it is broken. */
export const PROMISES = [
  {
    number: 1,
    title: 'No CRM data on disk',
    test: 'backend/test/nothing-kept.test.ts: nothing that came from the CRM, no token and no name is in any file, whatever went wrong on the way',
  },
  {
    number: 2,
    title: 'Lists in memory only, 60 minutes at most',
    test: 'backend/test/erasure.test.ts: after %s no reachable object holds anything of the list, and every buffer reads zero',
  },
  {
    number: 3,
    title: 'Every read as the rep',
    test: 'backend/src/accounts/routes.test.ts: of another rep has other rows, and not the field that they may not see',
  },
  {
    number: 4,
    title: 'Tokens never leave the backend',
    test: 'backend/test/thief.test.ts: a thief of database, backups, master key, source, logs and ended JWTs opens no token',
  },
  {
    number: 5,
    title: 'Email content is never stored',
    test: 'backend/test/fuzz.test.ts: what clients put anywhere is in no log, no database, no metric and no answer to others',
  },
  {
    number: 6,
    title: 'Sessions end',
    test: 'backend/src/auth/sessions.test.ts: ends the session here at once and everywhere within five seconds; repeating it is fine',
  },
  {
    number: 7,
    title: 'HTTPS only',
    test: 'backend/src/config.test.ts: everything that is only for development is refused',
  },
  {
    number: 8,
    title: 'Data stays in its region',
    test: 'backend/src/settings/home-region.test.ts: a record that was changed by hand ends the sessions at once and erases the org a day later',
  },
  {
    number: 9,
    title: 'Access of staff is limited',
    test: 'backend/src/operators/operators.test.ts: a drill ends every session, is told in both trails, says how long it took, and runs once',
  },
  {
    number: 10,
    title: 'No personal data in logs',
    test: 'backend/test/fuzz.test.ts: what clients put anywhere is in no log, no database, no metric and no answer to others',
  },
  {
    number: 11,
    title: 'Right to leave',
    test: 'backend/test/erasure-kill.test.ts: an erasure that was killed ends complete (%i)',
  },
] as const;
