import { toDecimal } from '@keelson/contracts';
import type { InvoiceDocument } from './invoice.ts';
import type { Refusal } from './refusal.ts';

export const moveReadFields = [
  'name',
  'state',
  'move_type',
  'date',
  'invoice_date',
  'amount_untaxed',
  'amount_tax',
  'amount_total',
  'currency_id',
  'partner_id',
  'journal_id',
];

/** A move as `read` gives it. */
export interface MoveRow {
  readonly id: number;
  readonly name: string | false;
  readonly state: 'draft' | 'posted' | 'cancel';
  readonly move_type: string;
  readonly date: string;
  readonly invoice_date: string | false;
  readonly amount_untaxed: number;
  readonly amount_tax: number;
  readonly amount_total: number;
  readonly currency_id: readonly [number, string];
  readonly partner_id: readonly [number, string] | false;
  readonly journal_id: readonly [number, string];
  readonly tax_totals?: unknown;
}

/** Odoo's amount (major units, a float) as minor units. */
export const minorOf = (amount: number, exponent: number): bigint =>
  BigInt(Math.round(amount * 10 ** exponent));

/** Both sides' totals, for people. */
export const comparison = ({ net, tax }: InvoiceDocument, row: MoveRow): string =>
  `the issuer says ${toDecimal(net)} + ${toDecimal(tax)} ${net.currency}, Odoo ${row.amount_untaxed} + ${row.amount_tax} ${row.currency_id[1]}`;

/**
 * What is wrong with a move that is no draft. After posting the difference is zero and the number the issuer's, or somebody
 * must look: where a lock date moves the date, Odoo gives another number for one that names the old date.
 */
export function refusalOfFinal(document: InvoiceDocument, row: MoveRow): Refusal | undefined {
  if (row.state === 'cancel')
    return { code: 'cancelled_in_odoo', reason: `${String(row.name)} was cancelled in Odoo` };
  if (row.state === 'draft') return { code: 'not_posted', reason: `${String(row.name)} is still a draft` };
  const same =
    minorOf(row.amount_untaxed, document.net.exponent) === document.net.amount_minor &&
    minorOf(row.amount_tax, document.tax.exponent) === document.tax.amount_minor &&
    row.currency_id[0] === document.currencyId &&
    row.move_type === document.moveType;
  if (!same)
    return {
      code: 'posted_total_differs',
      reason: `${String(row.name)} is posted, but ${comparison(document, row)}`,
    };
  if (row.name === document.number) return undefined;
  return {
    code: 'posted_number_differs',
    reason: `${document.number} is posted as ${String(row.name)}`,
  };
}

/** What a receipt tells of a posted move. */
export const moveValues = ({ date }: InvoiceDocument, row: MoveRow): Readonly<Record<string, string>> => ({
  name: String(row.name),
  state: row.state,
  date: row.date,
  amount_untaxed: String(row.amount_untaxed),
  amount_tax: String(row.amount_tax),
  amount_total: String(row.amount_total),
  currency: row.currency_id[1],
  // A lock date never stops posting in Odoo: it moves the date.
  ...(row.date === date ? {} : { date_moved_from: date }),
});
