import type { Money, PublicCreditNote, PublicCreditNoteLine, TaxLine } from '@keelson/contracts';
import { credit, inAnyOrder, minor, mustAddUp, mustNotBeNegative, said, withMinor } from './amounts.ts';
import type { Dimensions, DraftLine, Line, PostedEntry } from './entry.ts';
import { taxDimensions } from './invoice.ts';
import { reversal } from './reversal.ts';
import type { Content, Rule } from './rule.ts';

const documents: Rule<PublicCreditNote>['documents'] = ({ credit_note_id, invoice_id }) => ({
  documentId: credit_note_id,
  invoiceId: invoice_id,
});

/**
 * Takes back deferred revenue as far as the credited line of the invoice was deferred, the rest by contra revenue, and
 * the tax; settled as the note says. Without the invoice's entry (it is older than the ledger) all is contra revenue.
 */
export const creditNoteIssued: Rule<PublicCreditNote> = {
  rule: 'credit-note-issued',
  version: 1,
  documents,
  content: note => [
    said(note.total),
    settlement(note).map(({ amount }) => said(amount)),
    inAnyOrder(
      note.lines.map((line): Content => [
        said(line.net),
        line.invoice_line_id,
        inAnyOrder(line.taxes.map(tax => said(tax.amount))),
      ]),
    ),
  ],
  original: ({ invoice_id }) => ({ rule: 'invoice-finalized', documentId: invoice_id, need: 'invoice' }),
  draft: (note, _head, invoice) => {
    const taxes = note.lines.flatMap(line => line.taxes);
    mustAddUp(
      'the credit note net of tax',
      note.net,
      note.lines.map(line => line.net),
    );
    mustAddUp(
      'its tax',
      note.tax,
      taxes.map(tax => tax.amount),
    );
    mustAddUp('its total', note.total, [note.net, note.tax]);
    mustAddUp(
      'its settlement',
      note.total,
      settlement(note).map(({ amount }) => amount),
    );
    mustNotBeNegative('the credit note', note.total);
    return {
      lines: [
        ...note.lines.flatMap(line => linesOf(line, invoice)),
        ...settlement(note).map(({ role, amount }): DraftLine => ({ role, amount: credit(amount) })),
      ],
      ...(invoice === null ? { variant: 'invoice-unknown' } : {}),
    };
  },
};

export const creditNoteVoided: Rule<PublicCreditNote> = reversal({
  rule: 'credit-note-voided',
  reverses: 'credit-note-issued',
  need: 'credit_note',
  documents,
  postedNothing: note => minor(note.total) === 0n,
});

/** The four ways in which a note's total reaches the customer. */
const settlement = (note: PublicCreditNote) =>
  [
    { role: 'receivable', amount: note.to_receivable },
    { role: 'refunds_to_allocate', amount: note.to_refund },
    { role: 'customer_credit', amount: note.to_customer_credit },
    { role: 'bank', amount: note.out_of_band },
  ] as const;

function linesOf(line: PublicCreditNoteLine, invoice: PostedEntry | null): readonly DraftLine[] {
  const credited = invoiceLineOf(line, invoice);
  const deferred = credited?.role === 'deferred_revenue' ? within(line.net, -credited.amountMinor) : 0n;
  const dimensions: Dimensions = {
    documentLineId: line.invoice_line_id ?? line.line_id,
    ...(credited === undefined
      ? {}
      : {
          productRef: credited.productRef ?? null,
          priceRef: credited.priceRef ?? null,
          serviceStart: credited.serviceStart ?? null,
          serviceEnd: credited.serviceEnd ?? null,
        }),
  };
  return [
    { role: 'deferred_revenue', amount: withMinor(line.net, deferred), dimensions },
    { role: 'contra_revenue', amount: withMinor(line.net, minor(line.net) - deferred), dimensions },
    ...line.taxes.map((tax: TaxLine): DraftLine => ({
      role: 'tax_payable',
      amount: tax.amount,
      dimensions: { ...dimensions, ...taxDimensions(tax), serviceStart: null, serviceEnd: null },
    })),
  ];
}

/** The revenue or deferral that the invoice posted for the credited line. */
function invoiceLineOf(line: PublicCreditNoteLine, invoice: PostedEntry | null): Line | undefined {
  if (invoice === null || line.invoice_line_id === null) return undefined;
  return invoice.lines.find(
    ({ documentLineId, role }) =>
      documentLineId === line.invoice_line_id && (role === 'deferred_revenue' || role === 'revenue'),
  );
}

/** As much of `amount` as `limit` covers; nothing when their signs differ. */
function within(amount: Money, limit: bigint): bigint {
  const wanted = minor(amount);
  if (wanted > 0n !== limit > 0n) return 0n;
  const size = (value: bigint): bigint => (value < 0n ? -value : value);
  return size(wanted) < size(limit) ? wanted : limit;
}
