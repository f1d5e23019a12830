import type { EventHead, PublicInvoice, PublicInvoiceLine, TaxLine } from '@keelson/contracts';
import { credit, inAnyOrder, minor, mustAddUp, said } from './amounts.ts';
import type { Dimensions, DraftLine } from './entry.ts';
import { reversal } from './reversal.ts';
import type { Content, Rule } from './rule.ts';

/** Receivable against revenue, deferred revenue and tax. A negative total comes out with all signs turned. */
export const invoiceFinalized: Rule<PublicInvoice> = {
  rule: 'invoice-finalized',
  version: 1,
  documents: ({ invoice_id }) => ({ documentId: invoice_id, invoiceId: invoice_id }),
  content: (invoice, head) => [
    said(invoice.total),
    inAnyOrder(
      invoice.lines.map((line): Content => [
        said(line.net),
        isDeferred(line, invoice, head),
        inAnyOrder(line.taxes.map(tax => said(tax.amount))),
      ]),
    ),
  ],
  draft: (invoice, head) => {
    const taxes = invoice.lines.flatMap(line => line.taxes);
    mustAddUp(
      'the invoice net of tax',
      invoice.net,
      invoice.lines.map(line => line.net),
    );
    mustAddUp(
      'its tax',
      invoice.tax,
      taxes.map(tax => tax.amount),
    );
    mustAddUp('its total', invoice.total, [invoice.net, invoice.tax]);
    return {
      lines: [
        { role: 'receivable', amount: invoice.total },
        ...invoice.lines.flatMap((line): readonly DraftLine[] => [
          {
            role: isDeferred(line, invoice, head) ? 'deferred_revenue' : 'revenue',
            amount: credit(line.net),
            dimensions: dimensionsOfLine(line),
          },
          ...line.taxes.map((tax): DraftLine => ({
            role: 'tax_payable',
            amount: credit(tax.amount),
            dimensions: dimensionsOfTax(tax, line),
          })),
        ]),
      ],
    };
  },
};

export const invoiceVoided: Rule<PublicInvoice> = reversal({
  rule: 'invoice-voided',
  reverses: 'invoice-finalized',
  need: 'invoice',
  documents: ({ invoice_id }) => ({ documentId: invoice_id, invoiceId: invoice_id }),
  postedNothing: invoice =>
    minor(invoice.total) === 0n &&
    invoice.lines.every(line => minor(line.net) === 0n && line.taxes.every(tax => minor(tax.amount) === 0n)),
});

/** Whether the line's service period ends after the invoice was finalised. */
function isDeferred(line: PublicInvoiceLine, invoice: PublicInvoice, head: EventHead): boolean {
  return line.period_end !== null && line.period_end > (invoice.finalized_at ?? head.occurred_at);
}

/** A line whose taxes are all zero says so itself: a tax of nothing has no line of its own. */
function dimensionsOfLine(line: PublicInvoiceLine): Dimensions {
  const untaxed = line.taxes.every(tax => minor(tax.amount) === 0n) ? line.taxes[0] : undefined;
  return {
    productRef: line.product_ref,
    priceRef: line.price_ref,
    documentLineId: line.line_id,
    serviceStart: line.period_start,
    serviceEnd: line.period_end,
    ...(untaxed === undefined
      ? {}
      : { jurisdiction: untaxed.jurisdiction, taxRate: untaxed.rate, taxReason: untaxed.reason }),
  };
}

const dimensionsOfTax = (tax: TaxLine, line: PublicInvoiceLine): Dimensions => ({
  ...taxDimensions(tax),
  productRef: line.product_ref,
  documentLineId: line.line_id,
});

export const taxDimensions = (tax: TaxLine): Dimensions => ({
  jurisdiction: tax.jurisdiction,
  taxRate: tax.rate,
  taxBaseMinor: tax.base?.amount_minor ?? null,
  taxReason: tax.reason,
});
