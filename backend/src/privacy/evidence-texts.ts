import type { TriedElsewhere } from '../auth/people.ts';
import type { KeptHeadsSummary } from '../audit/kept-heads.ts';
import type { Language } from '../http/language.ts';
import { german } from './evidence-texts.de.ts';
import { english } from './evidence-texts.en.ts';
import type { PromiseNumber } from './promises.ts';

/** What evidence says, in one language: a sentence for each thing that was measured. Times are ISO 8601. */
export interface EvidenceTexts {
  readonly titles: Readonly<Record<PromiseNumber, string>>;
  /** What the test of a promise shows; in English it is the test's own name. */
  readonly tests: Readonly<Record<PromiseNumber, string>>;
  held(documents: number, collections: number): string;
  readonly canaryNever: string;
  canaryFound(ranAt: string, found: number, planted: number): string;
  lists(lists: number, oldestMinutes: number, late: number): string;
  readonly ownToken: string;
  readonly tokenNotAsked: string;
  tokens(sessions: number, connections: number, unsealed: number): string;
  lastTokenUse(at: string | undefined): string;
  sends(sends: number, fields: number, content: number): string;
  sessions(sessions: number, longestMinutes: number, isFresh: boolean): string;
  readonly https: string;
  readonly httpOnLoopback: string;
  readonly nothingSealed: string;
  boundToRegion(tried: TriedElsewhere): string;
  readonly regionCheckNever: string;
  regionCheck(checked: TriedElsewhere & { readonly at: Date }): string;
  operators(operators: number): string;
  readonly operatorsUntrusted: string;
  operatorActs(acts: number, isVerified: boolean): string;
  keptHeads(kept: KeptHeadsSummary | undefined): string;
  logs(fields: number, holdsBack: boolean): string;
  canaryLog(bytes: number): string;
  leaving(late: number, minutesBehind: number): string;
  readonly ledgerUnreadable: string;
}

export const textsIn = (language: Language): EvidenceTexts => ({ en: english, de: german })[language];
