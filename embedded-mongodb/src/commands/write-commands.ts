import { doc, int, type Doc, type Value } from '../bson/values.ts';
import { failedToParse } from '../errors.ts';
import { compileProjection } from '../query/project.ts';
import type { Command, Context } from './context.ts';
import {
  aBoolean,
  aDocument,
  aHint,
  anInteger,
  anything,
  aString,
  documents,
  noVariables,
  readFields,
  required,
  simpleCollation,
} from './fields.ts';
import { collectionName, deadlineOf } from './read.ts';
import {
  compileModification,
  eachOf,
  remove,
  requireBatch,
  update,
  withId,
  type UpdateOutcome,
  type WriteRequest,
} from './write.ts';
import { requireCollectionName } from '../storage/engine.ts';
import type { Collection } from '../storage/collection.ts';
import { present } from '../present.ts';

const BATCH = { ordered: aBoolean, bypassDocumentValidation: aBoolean, let: noVariables };

const collectionOf = (context: Context, name: string): Collection | undefined =>
  context.engine.collection(context.database, name);

/** `errors` is left out when there is none. */
const reply = (fields: Record<string, Value | undefined>, errors: Value[]): Doc =>
  doc({ ...fields, writeErrors: errors.length > 0 ? errors : undefined });

export const insert: Command = (command, context) => {
  const name = collectionName(command, 'insert');
  const fields = readFields(command, 'insert', { ...BATCH, insert: aString, documents });
  const batch = requireBatch(required(fields.documents, 'insert.documents'));
  requireCollectionName(context.database, name);
  let n = 0;
  const errors = eachOf(batch, fields.ordered ?? true, (document) => {
    context.engine.ensureCollection(context.database, name).insert(withId(document));
    n++;
  });
  return reply({ n: int(n) }, errors);
};

const UPDATE = {
  q: aDocument,
  u: anything,
  c: aDocument,
  upsert: aBoolean,
  multi: aBoolean,
  hint: aHint,
  collation: simpleCollation,
  arrayFilters: documents,
};

const updateFields = (part: Doc) => readFields(part, 'update.updates', UPDATE, false);

function updateRequest(fields: ReturnType<typeof updateFields>, command: Doc): WriteRequest {
  if (fields.c) throw failedToParse('Constant values may only be specified for pipeline updates');
  const modification = compileModification(required(fields.u, 'update.updates.u'), fields.arrayFilters ?? []);
  const multi = fields.multi ?? false;
  if (multi && modification.isReplacement)
    throw failedToParse('multi update is not supported for replacement-style update');
  return {
    filter: required(fields.q, 'update.updates.q'),
    hint: fields.hint,
    modification,
    upsert: fields.upsert ?? false,
    multi,
    deadline: deadlineOf(command),
  };
}

/** The searches of the first part of an update or delete command, for explain. */
export const firstUpdate = (command: Doc): WriteRequest => {
  const [part] = requireBatch(
    required(
      readFields(command, 'update', { ...BATCH, update: aString, updates: documents }).updates,
      'update.updates',
    ),
  );
  return updateRequest(updateFields(present(part)), command);
};

export const updateCommand: Command = (command, context) => {
  const name = collectionName(command, 'update');
  const fields = readFields(command, 'update', { ...BATCH, update: aString, updates: documents });
  const batch = requireBatch(required(fields.updates, 'update.updates')).map(updateFields);
  let n = 0;
  let modified = 0;
  const upserted: Value[] = [];
  const errors = eachOf(batch, fields.ordered ?? true, (part, index) => {
    const request = updateRequest(part, command);
    const outcome = update(collectionOf(context, name), request, () =>
      context.engine.ensureCollection(context.database, name),
    );
    n += outcome.matched + (outcome.upserted ? 1 : 0);
    modified += outcome.modified;
    if (outcome.upserted) upserted.push(doc({ index: int(index), _id: outcome.upserted.get('_id') }));
  });
  return reply({ n: int(n), upserted: upserted.length > 0 ? upserted : undefined, nModified: int(modified) }, errors);
};

const DELETE = { q: aDocument, limit: anInteger, hint: aHint, collation: simpleCollation };

const deleteFields = (part: Doc) => readFields(part, 'delete.deletes', DELETE, false);

function deleteRequest(fields: ReturnType<typeof deleteFields>, command: Doc): WriteRequest {
  const limit = required(fields.limit, 'delete.deletes.limit');
  if (limit !== 0 && limit !== 1) throw failedToParse(`The limit field in delete objects must be 0 or 1. Got ${limit}`);
  return {
    filter: required(fields.q, 'delete.deletes.q'),
    hint: fields.hint,
    multi: limit === 0,
    deadline: deadlineOf(command),
  };
}

export const firstDelete = (command: Doc): WriteRequest => {
  const [part] = requireBatch(
    required(
      readFields(command, 'delete', { ...BATCH, delete: aString, deletes: documents }).deletes,
      'delete.deletes',
    ),
  );
  return deleteRequest(deleteFields(present(part)), command);
};

export const deleteCommand: Command = (command, context) => {
  const name = collectionName(command, 'delete');
  const fields = readFields(command, 'delete', { ...BATCH, delete: aString, deletes: documents });
  const batch = requireBatch(required(fields.deletes, 'delete.deletes')).map(deleteFields);
  let n = 0;
  const errors = eachOf(batch, fields.ordered ?? true, (part) => {
    n += remove(collectionOf(context, name), deleteRequest(part, command)).length;
  });
  return reply({ n: int(n) }, errors);
};

const FIND_AND_MODIFY = {
  findAndModify: aString,
  findandmodify: aString,
  query: aDocument,
  sort: aDocument,
  remove: aBoolean,
  update: anything,
  new: aBoolean,
  fields: aDocument,
  upsert: aBoolean,
  arrayFilters: documents,
  hint: aHint,
  collation: simpleCollation,
  bypassDocumentValidation: aBoolean,
  let: noVariables,
};

function modifyFields(command: Doc) {
  const fields = readFields(command, 'findAndModify', FIND_AND_MODIFY);
  if (fields.remove && fields.update !== undefined)
    throw failedToParse("Cannot specify both an 'update' and 'remove'=true");
  if (fields.remove && fields.upsert) throw failedToParse("Cannot specify both 'upsert'=true and 'remove'=true");
  if (fields.remove && fields.new)
    throw failedToParse(
      "Cannot specify both 'new'=true and 'remove'=true; 'remove' always returns the deleted document",
    );
  if (fields.remove && fields.arrayFilters) throw failedToParse('Cannot specify arrayFilters and remove=true');
  if (!fields.remove && fields.update === undefined)
    throw failedToParse('Either an update or remove=true must be specified');
  return fields;
}

export function modifyRequest(command: Doc): WriteRequest {
  const fields = modifyFields(command);
  return {
    filter: fields.query ?? new Map<string, Value>(),
    sort: fields.sort,
    hint: fields.hint,
    upsert: fields.upsert ?? false,
    deadline: deadlineOf(command),
    ...(fields.update !== undefined && { modification: compileModification(fields.update, fields.arrayFilters ?? []) }),
  };
}

export const findAndModify: Command = (command, context) => {
  const name = collectionName(command, command.has('findAndModify') ? 'findAndModify' : 'findandmodify');
  const fields = modifyFields(command);
  const request = modifyRequest(command);
  const project = compileProjection(fields.fields ?? new Map<string, Value>());
  const shown = (document: Doc | undefined): Value => (document ? (project ? project(document) : document) : null);
  if (fields.remove) {
    const [removed] = remove(collectionOf(context, name), request);
    return doc({ lastErrorObject: doc({ n: int(removed ? 1 : 0) }), value: shown(removed?.document) });
  }
  const outcome = update(collectionOf(context, name), request, () =>
    context.engine.ensureCollection(context.database, name),
  );
  return doc({
    lastErrorObject: lastError(outcome),
    value: shown(fields.new ? (outcome.after ?? outcome.upserted) : outcome.before?.document),
  });
};

function lastError({ matched, upserted }: UpdateOutcome): Doc {
  const id = upserted?.get('_id');
  return doc({ n: int(matched || upserted ? 1 : 0), updatedExisting: matched > 0, upserted: id });
}
