import { isoDateOf, toDecimal } from '@keelson/contracts';
import type { EventHead, FactInvoice, FactInvoiceLine, Money } from '@keelson/contracts';
import type { LoadRecord } from '../client/load.ts';
import { externalIdOf } from './external-id.ts';

export const invoiceFields = [
  'id',
  'name',
  'move_type',
  'partner_id/.id',
  'journal_id/.id',
  'currency_id/.id',
  'invoice_date',
  'invoice_date_due',
  'invoice_origin',
  'invoice_line_ids/id',
  'invoice_line_ids/name',
  'invoice_line_ids/quantity',
  'invoice_line_ids/price_unit',
  'invoice_line_ids/tax_ids/.id',
] as const;

export const invoiceReadFields = [
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
}

/** What an invoice needs of the Odoo it goes to. */
export interface InvoiceTargets {
  readonly module: string;
  readonly partnerId: number;
  readonly journalId: number;
  readonly currencyId: number;
  /** Odoo's taxes of a line, by what the issuer charged. */
  readonly taxIdsOf: (line: FactInvoiceLine) => readonly number[];
}

/** A negative total is a refund in Odoo: its sign is in the document's type. */
export const moveTypeOf = (invoice: FactInvoice): 'out_invoice' | 'out_refund' =>
  invoice.total.amount_minor < 0n ? 'out_refund' : 'out_invoice';

/**
 * The rows for `load`: the draft with its lines. Each line has an external id of its own, so that loading it again
 * updates the line and never adds it a second time.
 */
export function invoiceRecord(invoice: FactInvoice, head: EventHead, targets: InvoiceTargets): LoadRecord {
  const externalId = externalIdOf(targets.module, 'invoice', invoice.invoice_id);
  const sign = moveTypeOf(invoice) === 'out_refund' ? -1n : 1n;
  const date = isoDateOf(head.accounting_date);
  const due = invoice.due_at === null ? date : isoDateOf(Math.floor(invoice.due_at / 86_400_000_000));
  const origin =
    head.source_refs.find(({ object_type }) => object_type === 'invoice')?.object_id ?? invoice.invoice_id;
  const own = [
    externalId,
    invoice.number,
    moveTypeOf(invoice),
    String(targets.partnerId),
    String(targets.journalId),
    String(targets.currencyId),
    date,
    due < date ? date : due,
    origin,
  ];
  const nothing = own.map(() => null);
  const rows = invoice.lines.map((line, index) => [
    ...(index === 0 ? own : nothing),
    `${externalId}_line_${index + 1}`,
    line.description ?? line.product_ref ?? 'Subscription',
    '1',
    toDecimal(scaled(line.net, sign)),
    targets.taxIdsOf(line).join(','),
  ]);
  return { externalId, rows };
}

const scaled = (amount: Money, sign: bigint): Money => ({
  ...amount,
  amount_minor: amount.amount_minor * sign,
});

/** Odoo's amount (major units, a float) as minor units. */
export const minorOf = (amount: number, exponent: number): bigint =>
  BigInt(Math.round(amount * 10 ** exponent));

/** What Odoo's totals differ by, in minor units: of the base, and of the tax. */
export function differences(
  invoice: FactInvoice,
  row: MoveRow,
): { readonly net: bigint; readonly tax: bigint } {
  const sign = moveTypeOf(invoice) === 'out_refund' ? -1n : 1n;
  return {
    net: minorOf(row.amount_untaxed, invoice.net.exponent) - invoice.net.amount_minor * sign,
    tax: minorOf(row.amount_tax, invoice.tax.exponent) - invoice.tax.amount_minor * sign,
  };
}
