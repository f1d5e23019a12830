import { rejected, unavailable } from '@keelson/contracts';
import { isRetryableMessage } from './odoo-error.ts';
import type { LoadMessage } from './odoo-error.ts';
import type { OdooClient } from './json2.ts';

/** One record with the rows that carry it: the first has its own columns, the others only those of its lines. */
export interface LoadRecord {
  readonly externalId: string;
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Per record: its database id, or why Odoo refused it. */
export type LoadResult = { readonly id: number } | { readonly refused: string };

/**
 * `load` is all or nothing. A refused batch is halved until the bad records are found; they alone are refused, the rest
 * goes through. One result a record, in order. Throws `unavailable` on a conflict that Odoo does not try again itself.
 */
export async function loadRecords(
  client: OdooClient,
  model: string,
  fields: readonly string[],
  records: readonly LoadRecord[],
  context: object,
  signal: AbortSignal,
): Promise<readonly LoadResult[]> {
  if (records.length === 0) return [];
  const data = records.flatMap(record => record.rows);
  const answer = (await client.call(model, 'load', { fields, data, context }, { signal, changes: true })) as {
    ids: readonly number[] | false;
    messages: readonly LoadMessage[];
  };
  if (answer.ids !== false) {
    const ids = answer.ids;
    if (ids.length !== records.length)
      throw rejected('odoo_load_count', `${model}/load: ${records.length} records gave ${ids.length} ids`);
    return ids.map(id => ({ id }));
  }
  if (answer.messages.some(isRetryableMessage))
    throw unavailable('odoo_serialization', `${model}/load: Odoo had a conflict`);
  if (records.length === 1) {
    return [
      {
        refused: answer.messages
          .map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`))
          .join('; '),
      },
    ];
  }
  const middle = Math.ceil(records.length / 2);
  const first = await loadRecords(client, model, fields, records.slice(0, middle), context, signal);
  const second = await loadRecords(client, model, fields, records.slice(middle), context, signal);
  return [...first, ...second];
}
