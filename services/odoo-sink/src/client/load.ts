import { rejected, unavailable } from '@keelson/contracts';
import type { Odoo } from './json2.ts';
import { describeMessages, isConflict } from './odoo-error.ts';
import type { LoadMessage } from './odoo-error.ts';

/** One record with the rows that carry it: the first has its own columns, the others only those of its lines. */
export interface LoadRecord {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Per record: its database id, or why Odoo refused it. */
export type LoadResult = { readonly id: number } | { readonly refused: string };

/**
 * Creates or updates records by their external id, all those with the same columns in one call. `load` is all or
 * nothing: a refused batch is halved until the bad records are found; they alone are refused. One result a record, in
 * order. Throws `unavailable` on a conflict: Odoo does not try that again by itself.
 */
export async function loadRecords(
  odoo: Odoo,
  model: string,
  records: readonly LoadRecord[],
): Promise<readonly LoadResult[]> {
  const results = new Map<LoadRecord, LoadResult>();
  for (const group of Map.groupBy(records, ({ columns }) => columns.join()).values()) {
    const loaded = await loadHalving(odoo, model, group);
    for (const [index, record] of group.entries()) results.set(record, loaded[index] as LoadResult);
  }
  return records.map(record => results.get(record) as LoadResult);
}

async function loadHalving(
  odoo: Odoo,
  model: string,
  records: readonly LoadRecord[],
): Promise<readonly LoadResult[]> {
  const answer = await odoo.change<{ ids: readonly number[] | false; messages: readonly LoadMessage[] }>(
    model,
    'load',
    { fields: records[0]?.columns ?? [], data: records.flatMap(({ rows }) => rows) },
  );
  if (answer.ids !== false) {
    if (answer.ids.length === records.length) return answer.ids.map(id => ({ id }));
    throw rejected('odoo_load_count', `${model}: ${records.length} records gave ${answer.ids.length} ids`);
  }
  if (answer.messages.some(isConflict))
    throw unavailable('odoo_serialization', `${model}/load: Odoo had a conflict`);
  if (records.length <= 1) return [{ refused: describeMessages(answer.messages) }];
  const middle = Math.ceil(records.length / 2);
  const first = await loadHalving(odoo, model, records.slice(0, middle));
  const second = await loadHalving(odoo, model, records.slice(middle));
  return [...first, ...second];
}
