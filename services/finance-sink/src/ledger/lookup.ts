import type { Line, OriginalKey, PostedEntry } from '../posting/entry.ts';
import type { Role } from '../posting/chart.ts';
import type { Connection } from './connection.ts';

/** Content hashes (hex) of those of the entries that the ledger has. */
export async function hashesOf(
  connection: Connection,
  entryIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await connection.query<{ entry_id: string; hash: string }>(
    `select entry_id, encode(content_hash, 'hex') as hash from ledger.entry where entry_id = any($1::uuid[])`,
    [entryIds],
  );
  return new Map(rows.map(row => [row.entry_id, row.hash]));
}

interface OriginalRow {
  entry_id: string;
  rule: string;
  document_id: string;
  reversed: boolean;
}

interface LineRow {
  entry_id: string;
  role: Role;
  account: string;
  amount_minor: string;
  currency: string;
  exponent: number;
  jurisdiction: string | null;
  tax_rate: string | null;
  tax_base_minor: string | null;
  tax_reason: string | null;
  product_ref: string | null;
  price_ref: string | null;
  document_line_id: string | null;
  service_start: string | null;
  service_end: string | null;
}

/** The latest entries of the given rules about the given documents, with their lines in order. */
export async function originalsOf(
  connection: Connection,
  keys: readonly OriginalKey[],
): Promise<readonly PostedEntry[]> {
  const entries = await connection.query<OriginalRow>(
    `select distinct on (e.document_id, e.rule) e.entry_id, e.rule, e.document_id,
            exists (select from ledger.entry r where r.reverses = e.entry_id) as reversed
     from unnest($1::uuid[], $2::text[]) as k(document_id, rule)
     join ledger.entry e on e.document_id = k.document_id and e.rule = k.rule
     order by e.document_id, e.rule, e.revision desc`,
    [keys.map(key => key.documentId), keys.map(key => key.rule)],
  );
  if (entries.length === 0) return [];
  const rows = await connection.query<LineRow>(
    `select entry_id, role, account, amount_minor, currency, exponent, jurisdiction, tax_rate, tax_base_minor,
            tax_reason, product_ref, price_ref, document_line_id,
            (extract(epoch from service_start) * 1000000)::bigint as service_start,
            (extract(epoch from service_end) * 1000000)::bigint as service_end
     from ledger.line where entry_id = any($1::uuid[]) order by entry_id, line_no`,
    [entries.map(entry => entry.entry_id)],
  );
  const lines = Map.groupBy(rows, row => row.entry_id);
  return entries.map(entry => ({
    entryId: entry.entry_id,
    rule: entry.rule,
    documentId: entry.document_id,
    reversed: entry.reversed,
    lines: (lines.get(entry.entry_id) ?? []).map(lineOf),
  }));
}

const lineOf = (row: LineRow): Line => ({
  role: row.role,
  account: row.account,
  amountMinor: BigInt(row.amount_minor),
  currency: row.currency,
  exponent: row.exponent,
  jurisdiction: row.jurisdiction,
  taxRate: row.tax_rate,
  taxBaseMinor: row.tax_base_minor === null ? null : BigInt(row.tax_base_minor),
  taxReason: row.tax_reason,
  productRef: row.product_ref,
  priceRef: row.price_ref,
  documentLineId: row.document_line_id,
  serviceStart: row.service_start === null ? null : Number(row.service_start),
  serviceEnd: row.service_end === null ? null : Number(row.service_end),
});
