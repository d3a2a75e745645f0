import type { Connection, Model } from 'mongoose';
import { activityModels } from '../src/activity/model.ts';
import { auditModels } from '../src/audit/model.ts';
import { authModels } from '../src/auth/model.ts';
import { connectionModel } from '../src/connections/model.ts';
import { databaseFormatModel, processModel } from '../src/database/deployment-model.ts';
import { orgModel } from '../src/database/org-model.ts';
import { jobModel } from '../src/keys/model.ts';
import { operatorModel } from '../src/operators/model.ts';
import { privacyModels } from '../src/privacy/model.ts';
import { apiUsageModel } from '../src/usage/model.ts';
import { signingKeyModel } from '../src/vault/signing-key-model.ts';

type AnyModel = Model<Record<string, unknown>>;

/** Holds every document of both databases against the schema that it was written with. */
export class WholeRecords {
  readonly #connections: readonly Connection[];
  readonly #models: readonly AnyModel[];

  /** @param main not used with our models before, and so `sessions` */
  constructor(main: Connection, sessions: Connection) {
    this.#connections = [main, sessions];
    const rooms = [activityModels, auditModels, privacyModels].map((make) => Object.values(make(main)) as unknown[]);
    const single = [connectionModel, processModel, databaseFormatModel, orgModel, jobModel, operatorModel];
    this.#models = [
      ...rooms.flat(),
      ...(Object.values(authModels(main, sessions)) as unknown[]),
      ...single.map((make) => make(main)),
      apiUsageModel(main),
      signingKeyModel(main),
      databaseFormatModel(sessions),
    ] as readonly AnyModel[];
  }

  /** Documents that lack what their schema requires, or have what no schema knows: half-written ones. */
  async broken(): Promise<readonly string[]> {
    const broken: string[] = [];
    for (const connection of this.#connections)
      for (const { name } of await connection.listCollections()) {
        const own = this.#models.filter(
          ({ db, collection }) => db === connection && collection.collectionName === name,
        );
        for (const document of await connection.collection(name).find().toArray()) {
          // Jobs of several rooms lie in one collection: a document is whole if one of its models says so.
          const faults = await Promise.all(own.map((model) => faultOf(model, document)));
          if (!faults.includes(undefined)) broken.push(`${name}: ${faults.join(' / ') || 'no model'}`);
        }
      }
    return broken;
  }
}

async function faultOf(model: AnyModel, document: Record<string, unknown>): Promise<string | undefined> {
  try {
    await new model(document).validate();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
