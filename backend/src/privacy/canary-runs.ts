import type { Model } from 'mongoose';
import { newId } from '../database/new-id.ts';
import type { ProofKeys } from '../vault/proof-keys.ts';
import type { CanaryRunDocument } from './model.ts';

/** What a run of the canary job found, before it is signed. Whole numbers only. */
export interface CanaryFindings {
  /** ISO 8601. */
  readonly ranAt: string;
  readonly region: string;
  readonly node: string;
  /** Made-up accounts that travelled the real path. */
  readonly accounts: number;
  readonly contacts: number;
  readonly templates: number;
  /** Mails that the provider's stand-in took. */
  readonly mails: number;
  /** Unguessable values in them and in what clients sent. */
  readonly planted: number;
  /** How many of these were found anywhere. */
  readonly found: number;
  readonly files: number;
  readonly fileBytes: number;
  readonly logBytes: number;
  readonly heapBytes: number;
  readonly databaseDocuments: number;
  /** Whether the search found a value that was planted for it to find: a search that finds nothing must be able to. */
  readonly searchWorks: boolean;
  readonly holds: boolean;
}

export interface CanaryResult extends CanaryFindings {
  readonly id: string;
  readonly signature: string;
}

/** The runs of the canary job, signed when they are kept. */
export class CanaryRuns {
  readonly #runs: Model<CanaryRunDocument>;
  readonly #proofKeys: ProofKeys;

  constructor(runs: Model<CanaryRunDocument>, proofKeys: ProofKeys) {
    this.#runs = runs;
    this.#proofKeys = proofKeys;
  }

  async keep(findings: CanaryFindings): Promise<CanaryResult> {
    const unsigned = { id: newId('job'), ...findings };
    const result: CanaryResult = { ...unsigned, signature: this.#proofKeys.signDocument(unsigned) };
    await this.#runs.create({ _id: result.id, ranAt: new Date(findings.ranAt), result: { ...result } });
    return result;
  }

  /** The newest run, as long as it is what was signed: one that somebody changed is none. */
  async newest(): Promise<CanaryResult | undefined> {
    const [run] = await this.#runs.find().sort({ ranAt: -1 }).limit(1).lean();
    const result = run?.result as unknown as CanaryResult | undefined;
    return result !== undefined && (await this.#proofKeys.verifyDocument(result)) ? result : undefined;
  }
}
