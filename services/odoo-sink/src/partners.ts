import type { CustomerState } from '@keelson/contracts';
import type { OdooClient } from './client/json2.ts';
import { loadRecords } from './client/load.ts';
import type { LoadResult } from './client/load.ts';
import type { Directory } from './directory.ts';
import { externalIdOf } from './records/external-id.ts';
import {
  partnerFields,
  partnerReadFields,
  partnerRecord,
  partnerUnchanged,
  partnerValues,
} from './records/partner.ts';
import type { PartnerRow } from './records/partner.ts';

/** Posting would otherwise write a message on each partner. */
export const quiet = { tracking_disable: true, mail_notrack: true, mail_create_nolog: true };

/** Finds many partners in two calls: by the stamped `ref`, confirmed by the external id. Archived ones too. */
export async function findPartners(
  client: OdooClient,
  module: string,
  customerIds: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, PartnerRow>> {
  const found = new Map<string, PartnerRow>();
  if (customerIds.length === 0) return found;
  const rows = (await client.call(
    'res.partner',
    'search_read',
    { domain: [['ref', 'in', customerIds]], fields: partnerReadFields, context: { active_test: false } },
    { signal, changes: false },
  )) as PartnerRow[];
  if (rows.length === 0) return found;
  const names = (await client.call(
    'res.partner',
    'get_external_id',
    { ids: rows.map(row => row.id) },
    { signal, changes: false },
  )) as Record<string, string>;
  for (const row of rows) {
    if (row.ref !== false && names[String(row.id)] === externalIdOf(module, 'customer', row.ref))
      found.set(row.ref, row);
  }
  return found;
}

export interface PartnerChange {
  readonly customer: CustomerState;
  readonly row: PartnerRow | undefined;
}

export const partnerNeedsChange = (directory: Directory, { customer, row }: PartnerChange): boolean => {
  const values = partnerValues(customer);
  return row === undefined || !partnerUnchanged(values, row, directory.countryId(values.country));
};

/** Creates and updates partners in one call; archives and restores those whose state says so. Never deletes. */
export async function writePartners(
  client: OdooClient,
  directory: Directory,
  module: string,
  changes: readonly PartnerChange[],
  signal: AbortSignal,
): Promise<readonly LoadResult[]> {
  const records = changes.map(({ customer }) => {
    const values = partnerValues(customer);
    return partnerRecord(module, customer.customer_id, values, directory.countryId(values.country));
  });
  const results = await loadRecords(client, 'res.partner', partnerFields, records, quiet, signal);
  for (const active of [false, true]) {
    const ids = changes.flatMap(({ customer, row }, index) => {
      const result = results[index];
      const is = row?.active ?? true;
      return result !== undefined && 'id' in result && is !== active && !customer.deleted === active
        ? [result.id]
        : [];
    });
    if (ids.length > 0)
      await client.call(
        'res.partner',
        'write',
        { ids, vals: { active }, context: quiet },
        { signal, changes: true },
      );
  }
  return results;
}
