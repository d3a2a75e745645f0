import type { EvidenceTexts } from './evidence-texts.ts';
import { wordingFor } from './wording.ts';

const { many, number, moment } = wordingFor('en-US');

export const english: EvidenceTexts = {
  titles: {
    1: 'No CRM data on disk',
    2: 'Lists in memory only, 60 minutes at most',
    3: 'Every read as the rep',
    4: 'Tokens never leave the backend',
    5: 'Email content is never stored',
    6: 'Sessions end',
    7: 'HTTPS only',
    8: 'Data stays in its region',
    9: 'Access of staff is limited',
    10: 'No personal data in logs',
    11: 'Right to leave',
  },
  tests: {
    1: 'nothing that came from the CRM, no token and no name is in any file, whatever went wrong on the way',
    2: 'nothing of a list is left in memory after its time, a sign-out or an erasure',
    3: 'another rep is shown their own rows only, and no field that they may not see',
    4: 'a thief of database, backups, master key, source, logs and ended JWTs opens no token',
    5: 'what clients put anywhere is in no log, no database, no metric and no answer to others',
    6: 'a sign-out ends the session at once here and within five seconds everywhere; repeating it is fine',
    7: 'production refuses plain http and everything else that is only for development',
    8: 'a record that was changed by hand ends the sessions at once and erases the org a day later',
    9: 'nobody acts alone, untrained, on another target or without a reason',
    10: 'what clients put anywhere is in no log, no database, no metric and no answer to others',
    11: 'an org of 1,000 people is erased to its end, wherever the backend is killed',
  },
  held: (documents, collections) =>
    `${many(documents, 'document', 'documents')} in ${many(collections, 'collection', 'collections')}, listed below with every field`,
  canaryNever: 'the canary job has not run here yet',
  canaryFound: (ranAt, found, planted) =>
    `the canary job of ${moment(ranAt)} found ${number(found)} of ${many(planted, 'planted value', 'planted values')}`,
  lists: (lists, oldestMinutes, late) =>
    lists === 0
      ? 'No list in this process'
      : `${many(lists, 'list', 'lists')} in this process, the oldest ${number(oldestMinutes)} min old, ${number(late)} past ${late === 1 ? 'its' : 'their'} time`,
  ownToken: 'Salesforce says that this session reads with your own token',
  tokenNotAsked: 'Salesforce could not be asked whose token this is',
  tokens: (sessions, connections, unsealed) =>
    `${many(sessions, 'session', 'sessions')} and ${many(connections, 'connection', 'connections')}, ${number(unsealed)} of them not sealed`,
  lastTokenUse: (at) =>
    at === undefined ? 'no token of a provider was used yet' : `a token of a provider was last used on ${moment(at)}`,
  sends: (sends, fields, content) =>
    sends === 0
      ? 'No send is stored yet'
      : `${many(sends, 'send', 'sends')} with ${many(fields, 'field', 'fields')} each, ${number(content)} of them content`,
  sessions: (sessions, longestMinutes, isFresh) =>
    `${many(sessions, 'live session', 'live sessions')}, none longer than ${number(longestMinutes)} min; ended sessions were read ${isFresh ? 'less' : 'more'} than 5 s ago`,
  https: 'This backend answers on https',
  httpOnLoopback: 'This backend answers on http, on loopback only: a development machine',
  nothingSealed: 'There is nothing sealed to try',
  boundToRegion: ({ tried, opened, unreadable }) =>
    opened > 0
      ? `${number(opened)} of ${many(tried, 'sealed value', 'sealed values')} of yours opened in another region`
      : unreadable > 0
        ? `${number(unreadable)} of ${many(tried, 'sealed value', 'sealed values')} of yours did not open in this region`
        : `${many(tried, 'sealed value of yours opens', 'sealed values of yours open')} in this region and in no other`,
  regionCheckNever: 'the daily check has not come to your org yet',
  regionCheck: ({ at, tried, opened, unreadable }) =>
    `the daily check of ${moment(at)} tried ${many(tried, 'sealed value', 'sealed values')} of your org in the other regions: ${number(opened)} opened${
      unreadable === 0 ? '' : `, ${number(unreadable)} not even here`
    }`,
  operators: (operators) =>
    operators === 0
      ? 'No operator may act'
      : `${many(operators, 'operator', 'operators')} may act, two for each action`,
  operatorsUntrusted: 'The list of operators cannot be trusted',
  operatorActs: (acts, isVerified) =>
    `${many(acts, 'operator action', 'operator actions')} on your org, audit trail ${isVerified ? 'verified' : 'BROKEN'}`,
  keptHeads: (kept) => {
    if (kept === undefined) return 'heads kept in your own Salesforce could not be read';
    const { heads, newestAt, contradicting } = kept;
    if (newestAt === null) return 'no head of it is kept in your own Salesforce yet';
    const held = `${many(heads, 'head', 'heads')} kept in your own Salesforce, the newest of ${moment(newestAt)}`;
    return `${held}, ${contradicting === 0 ? 'none contradicts it' : `${number(contradicting)} CONTRADICT it`}`;
  },
  logs: (fields, holdsBack) =>
    `${many(fields, 'field', 'fields')} may be logged; a planted address was ${holdsBack ? 'held back' : 'LOGGED'} now`,
  canaryLog: (bytes) => `the canary job searched ${many(bytes, 'byte', 'bytes')} of log`,
  leaving: (late, minutesBehind) =>
    `${many(late, 'erasure', 'erasures')} late; the ledger outside the database is ${number(minutesBehind)} min old`,
  ledgerUnreadable: 'The ledger outside the database cannot be read',
};
