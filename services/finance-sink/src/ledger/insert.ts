import { periodOf } from '../posting/entry.ts';
import type { Entry, Line } from '../posting/entry.ts';

/** A column, the type of its array, where its value comes from, and how the value is turned into the column's type. */
type Column<T> = readonly [
  name: string,
  type: string,
  value: (of: T) => unknown,
  turn?: (from: string) => string,
];

const fromHex = (from: string): string => `decode(${from}, 'hex')`;
const fromMicros = (from: string): string => `to_timestamp(${from} / 1000000.0)`;

const entryColumns: readonly Column<Entry>[] = [
  ['entry_id', 'uuid', entry => entry.entryId],
  ['legal_entity', 'text', entry => entry.legalEntity],
  ['fact_id', 'uuid', entry => entry.factId],
  ['rule', 'text', entry => entry.rule],
  ['rule_version', 'smallint', entry => entry.ruleVersion],
  ['variant', 'text', entry => entry.variant],
  ['chart_version', 'integer', entry => entry.chartVersion],
  ['reverses', 'uuid', entry => entry.reverses],
  ['event_id', 'uuid', entry => entry.eventId],
  ['event_type', 'text', entry => entry.eventType],
  ['customer_id', 'uuid', entry => entry.customerId],
  ['contract_id', 'uuid', entry => entry.contractId],
  ['document_id', 'uuid', entry => entry.documentId],
  ['invoice_id', 'uuid', entry => entry.invoiceId],
  ['fact_date', 'date', entry => entry.factDate],
  ['effective_date', 'date', entry => entry.effectiveDate],
  ['period', 'text', entry => periodOf(entry.effectiveDate)],
  ['occurred_at', 'bigint', entry => entry.occurredAt, fromMicros],
  ['source', 'text', entry => entry.source],
  ['position', 'text', entry => entry.position],
  ['livemode', 'boolean', entry => entry.livemode],
  ['content_hash', 'text', entry => entry.contentHash, fromHex],
  ['line_count', 'smallint', entry => entry.lines.length],
];

interface NumberedLine {
  readonly entryId: string;
  readonly lineNo: number;
  readonly line: Line;
}

const lineColumns: readonly Column<NumberedLine>[] = [
  ['entry_id', 'uuid', ({ entryId }) => entryId],
  ['line_no', 'smallint', ({ lineNo }) => lineNo],
  ['account', 'text', ({ line }) => line.account],
  ['role', 'text', ({ line }) => line.role],
  ['amount_minor', 'bigint', ({ line }) => line.amountMinor],
  ['currency', 'text', ({ line }) => line.currency],
  ['exponent', 'smallint', ({ line }) => line.exponent],
  ['jurisdiction', 'text', ({ line }) => line.jurisdiction],
  ['tax_rate', 'text', ({ line }) => line.taxRate],
  ['tax_base_minor', 'bigint', ({ line }) => line.taxBaseMinor],
  ['tax_reason', 'text', ({ line }) => line.taxReason],
  ['product_ref', 'text', ({ line }) => line.productRef],
  ['price_ref', 'text', ({ line }) => line.priceRef],
  ['document_line_id', 'text', ({ line }) => line.documentLineId],
  ['service_start', 'bigint', ({ line }) => line.serviceStart, fromMicros],
  ['service_end', 'bigint', ({ line }) => line.serviceEnd, fromMicros],
];

/**
 * Entries with their lines in one statement: the database checks them as it ends, all or none. Entries that are there
 * already are left out, with their lines. Gives back the ids of those that were made.
 */
const insertEntries = `
with given as (${unnest(entryColumns, 1)}),
made as (
  insert into ledger.entry (${names(entryColumns)})
  select ${turned(entryColumns, 'g')} from given g
  on conflict (entry_id) do nothing
  returning entry_id),
lines as (
  insert into ledger.line (${names(lineColumns)})
  select ${turned(lineColumns, 'l')} from (${unnest(lineColumns, entryColumns.length + 1)}) l
  join made using (entry_id))
select entry_id from made`;

/** The statement for entries of which no two share an id. */
export function insertStatement(entries: readonly Entry[]): {
  readonly text: string;
  readonly values: unknown[];
} {
  const lines = entries.flatMap(({ entryId, lines: all }) =>
    all.map((line, index): NumberedLine => ({ entryId, lineNo: index + 1, line })),
  );
  return {
    text: insertEntries,
    values: [
      ...entryColumns.map(([, , value]) => entries.map(value)),
      ...lineColumns.map(([, , value]) => lines.map(value)),
    ],
  };
}

function names<T>(columns: readonly Column<T>[]): string {
  return columns.map(([name]) => name).join(', ');
}

function turned<T>(columns: readonly Column<T>[], alias: string): string {
  return columns.map(([name, , , turn]) => turn?.(`${alias}.${name}`) ?? `${alias}.${name}`).join(', ');
}

function unnest<T>(columns: readonly Column<T>[], first: number): string {
  const arrays = columns.map(([, type], index) => `$${first + index}::${type}[]`).join(', ');
  return `select * from unnest(${arrays}) as t(${names(columns)})`;
}
