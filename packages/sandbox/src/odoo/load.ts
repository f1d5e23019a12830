import type { Env } from './env.ts';
import { conflictText, OdooError } from './errors.ts';
import { findExternalId, registerExternalId } from './external-ids.ts';
import type { Message } from './load-convert.ts';
import { blocksOf, convertBlock, parseColumns, type Block, type Converted } from './load-rows.ts';
import { createRecord, writeRecords } from './orm.ts';
import { numberOf } from './records.ts';

export type LoadResult = { ids: number[] | false; messages: Message[]; nextrow: number };
/** True when another call changed this external id while this one was under way. */
export type Contended = (externalId: string) => boolean;

/** Signals the surrounding transaction that nothing of the batch may stay. */
class Refused extends Error {
  readonly messages: Message[];
  constructor(messages: Message[]) {
    super('load refused');
    this.messages = messages;
  }
}

/**
 * Creates or updates records by external id, all of them or none: with any error, `ids` is false, the messages say
 * why, and nothing is kept.
 */
export function load(
  env: Env,
  model: string,
  fields: string[],
  data: unknown[][],
  contended: Contended,
): LoadResult {
  const limit = env.context['_import_limit'];
  const rows = typeof limit === 'number' ? data.slice(0, limit) : data;
  const columns = parseColumns(model, fields);
  const blocks = blocksOf(model, columns, rows);
  try {
    const ids = env.db.transaction(() => loadBlocks(env, model, columns, blocks, contended));
    return { ids, messages: [], nextrow: rows.length < data.length ? rows.length : 0 };
  } catch (error) {
    if (error instanceof Refused) return { ids: false, messages: error.messages, nextrow: 0 };
    throw error;
  }
}

function loadBlocks(
  env: Env,
  model: string,
  columns: readonly (readonly string[])[],
  blocks: readonly Block[],
  contended: Contended,
): number[] {
  const ids: number[] = [];
  const messages: Message[] = [];
  for (const [record, block] of blocks.entries()) {
    const rows = { from: block.from, to: block.to };
    const converted = convertBlock(env, model, columns, block);
    for (const { label, ...problem } of converted.problems) {
      const named = label === undefined ? {} : { field_name: label };
      messages.push({ rows, type: 'error', record, ...problem, ...named });
    }
    if (converted.problems.length > 0) continue;
    const outcome = store(env, model, converted, contended);
    if (typeof outcome === 'number') ids.push(outcome);
    else messages.push({ rows, record, type: 'error', message: outcome });
    if (messages.length >= 10 && messages.length > (record + 1) / 10) {
      messages.push({
        rows,
        record,
        type: 'warning',
        message:
          'Found more than 10 errors and more than one error per 10 records, interrupted to avoid showing too many errors.',
      });
      break;
    }
  }
  if (messages.length > 0) throw new Refused(messages);
  return ids;
}

/** Stores one record; a message when that is refused, and then nothing of the batch is kept. */
function store(env: Env, model: string, record: Converted, contended: Contended): number | string {
  try {
    return upsert(env, model, record, contended);
  } catch (error) {
    if (!(error instanceof OdooError)) throw error;
    return error.loadMessage ?? error.message;
  }
}

function upsert(env: Env, model: string, record: Converted, contended: Contended): number {
  const { externalId, databaseId, values } = record;
  if (externalId === undefined) {
    if (databaseId === undefined) return createRecord(env, model, values);
    writeRecords(env, model, [databaseId], values);
    return databaseId;
  }
  if (contended(externalId)) throw new OdooError(500, 'psycopg2.errors.SerializationFailure', conflictText);
  const known = findExternalId(env, externalId);
  if (known === undefined) {
    const id = createRecord(env, model, values);
    registerExternalId(env, externalId, model, id);
    return id;
  }
  if (known['model'] !== model) {
    throw new OdooError(
      422,
      'odoo.exceptions.UserError',
      `For external id ${externalId} when trying to create/update a record of model ${model} found record of different model ${String(known['model'])} (${String(known['id'])})`,
    );
  }
  const id = numberOf(known, 'res_id');
  writeRecords(env, model, [id], values);
  return id;
}
