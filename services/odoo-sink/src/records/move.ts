import { toDecimal } from '@keelson/contracts';
import type { LoadRecord } from '../client/load.ts';
import type { InvoiceDocument } from './invoice.ts';
import { refusal } from './refusal.ts';
import type { Refusal } from './refusal.ts';

const ownColumns = [
  'id',
  'name',
  'move_type',
  'partner_id/id',
  'journal_id/.id',
  'currency_id/.id',
  'invoice_date',
  'invoice_date_due',
  'invoice_origin',
];
const lineColumns = ['id', 'name', 'quantity', 'price_unit', 'tax_ids/.id'];
const columns = [...ownColumns, ...lineColumns.map(column => `invoice_line_ids/${column}`)];

/**
 * The rows for `load`: the draft with its lines. Each line has an external id of its own, so that loading it again
 * changes the line and never adds it a second time.
 */
export function draftRecord(document: InvoiceDocument, partnerExternalId: string): LoadRecord {
  const own = [
    document.externalId,
    document.number,
    document.moveType,
    partnerExternalId,
    String(document.journalId),
    String(document.currencyId),
    document.date,
    document.dueDate,
    document.origin,
  ];
  const nothing = own.map(() => null);
  const rows = document.lines.map(({ name, net, taxIds }, index) => [
    ...(index === 0 ? own : nothing),
    `${document.externalId}_line_${index + 1}`,
    name,
    '1',
    toDecimal(net),
    taxIds.join(','),
  ]);
  return { columns, rows };
}

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

/** What a draft is judged by, besides. */
export const draftReadFields = [...moveReadFields, 'tax_totals'];

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

const gap = (a: bigint, b: bigint): bigint => (a < b ? b - a : a - b);

const comparison = ({ net, tax }: InvoiceDocument, row: MoveRow): string =>
  `the issuer says ${toDecimal(net)} + ${toDecimal(tax)} ${net.currency}, Odoo ${row.amount_untaxed} + ${row.amount_tax} ${row.currency_id[1]}`;

/** What must be written on a draft before it may be posted, nothing, or why it must stay one. */
export type Verdict = { readonly amend: object } | { readonly ready: true } | { readonly refused: Refusal };

/**
 * Judges a draft. The issuer is right about its tax: up to `toleranceMinor` for each of its tax lines is set on the
 * draft; anything more, any difference in the base, and anything that a person changed but its number leaves it a draft.
 */
export function judgeDraft(
  document: InvoiceDocument,
  row: MoveRow,
  partnerId: number,
  toleranceMinor: number,
): Verdict {
  const changed = changedBySomebody(document, row, partnerId);
  if (changed.length > 0)
    return refusal('draft_changed', `somebody changed the draft in Odoo: ${changed.join(', ')}`);
  if (minorOf(row.amount_untaxed, document.net.exponent) !== document.net.amount_minor)
    return refusal('base_differs', `${comparison(document, row)}; it stays a draft`);
  const held = heldTaxes(row, document.tax.exponent);
  let exact = minorOf(row.amount_tax, document.tax.exponent) === document.tax.amount_minor;
  for (const group of new Set([...document.taxGroups.keys(), ...held.keys()])) {
    const { amountMinor, lines } = document.taxGroups.get(group) ?? { amountMinor: 0n, lines: 0 };
    const difference = gap(amountMinor, held.get(group) ?? 0n);
    if (difference > BigInt(toleranceMinor * lines))
      return refusal('tax_differs', `${comparison(document, row)}; it stays a draft`);
    exact &&= difference === 0n;
  }
  const amendments = {
    ...(row.name === document.number ? {} : { name: document.number }),
    ...(exact ? {} : { tax_totals: taxTotalsOf(document) }),
  };
  return Object.keys(amendments).length === 0 ? { ready: true } : { amend: amendments };
}

function changedBySomebody(document: InvoiceDocument, row: MoveRow, partnerId: number): string[] {
  const partner = row.partner_id === false ? undefined : row.partner_id[0];
  return [
    ...(row.move_type === document.moveType ? [] : ['type']),
    ...(row.currency_id[0] === document.currencyId ? [] : ['currency']),
    ...(partner === partnerId ? [] : ['customer']),
    ...(row.invoice_date === document.date ? [] : ['date']),
    ...(row.journal_id[0] === document.journalId ? [] : ['journal']),
  ];
}

interface TaxTotals {
  readonly subtotals?: readonly {
    readonly tax_groups?: readonly { readonly id: number; readonly tax_amount_currency: number }[];
  }[];
}

/** The tax that Odoo computed, by tax group. */
function heldTaxes(row: MoveRow, exponent: number): Map<number, bigint> {
  const held = new Map<number, bigint>();
  const { subtotals = [] } = (row.tax_totals || {}) as TaxTotals;
  for (const { id, tax_amount_currency: amount } of subtotals.flatMap(
    ({ tax_groups: groups = [] }) => groups,
  ))
    held.set(id, (held.get(id) ?? 0n) + minorOf(amount, exponent));
  return held;
}

const taxTotalsOf = ({ tax, taxGroups }: InvoiceDocument): object => ({
  subtotals: [
    {
      tax_groups: [...taxGroups].map(([id, { amountMinor }]) => ({
        id,
        tax_amount_currency: Number(toDecimal({ ...tax, amount_minor: amountMinor })),
      })),
    },
  ],
});

/** What is wrong with a move that is no draft. After posting the difference is zero, or somebody must look. */
export function refusalOfFinal(document: InvoiceDocument, row: MoveRow): Refusal | undefined {
  if (row.state === 'cancel')
    return { code: 'cancelled_in_odoo', reason: `${String(row.name)} was cancelled in Odoo` };
  if (row.state === 'draft') return { code: 'not_posted', reason: `${String(row.name)} is still a draft` };
  const same =
    minorOf(row.amount_untaxed, document.net.exponent) === document.net.amount_minor &&
    minorOf(row.amount_tax, document.tax.exponent) === document.tax.amount_minor &&
    row.currency_id[0] === document.currencyId &&
    row.move_type === document.moveType;
  if (same) return undefined;
  return {
    code: 'posted_total_differs',
    reason: `${String(row.name)} is posted, but ${comparison(document, row)}`,
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
