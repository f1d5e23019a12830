import type { Odoo } from './json2.ts';

/**
 * Finds records by a domain and names them by their external id: two calls at most, however many there are. Archived
 * ones are found, too. What has no external id is named by an empty string.
 */
export async function findNamed<Row extends { readonly id: number }>(
  odoo: Odoo,
  model: string,
  domain: readonly unknown[],
  fields: readonly string[],
): Promise<readonly { readonly externalId: string; readonly row: Row }[]> {
  const rows = await odoo.read<readonly Row[]>(model, 'search_read', {
    domain,
    fields,
    context: { active_test: false },
  });
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const names = await odoo.read<Record<string, string>>(model, 'get_external_id', { ids });
  return rows.map(row => ({ row, externalId: names[String(row.id)] ?? '' }));
}

/** A domain that any of some conditions satisfies; none satisfies an empty list. */
export const anyOf = (conditions: readonly unknown[]): readonly unknown[] =>
  conditions.length === 0
    ? [['id', '=', 0]]
    : [...Array<string>(conditions.length - 1).fill('|'), ...conditions];
