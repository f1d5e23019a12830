import { isoDateOf } from '@keelson/contracts';
import type { EventHead, FactInvoice, FactInvoiceLine, Money } from '@keelson/contracts';
import { externalIdOf } from './external-id.ts';
import { namesOtherDate } from './number-dates.ts';
import { refusal } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import type { LineTaxes, MatchedTax } from './taxes.ts';

/** What an invoice needs of the Odoo it goes to. */
export interface InvoiceLookups {
  readonly journalId: number;
  /** Odoo reads dates in the journal's numbers: it has no `sequence_override_regex`. */
  readonly readsDates: boolean;
  /** Active currencies only. */
  currencyId(code: string): number | undefined;
  taxesOf(line: FactInvoiceLine): LineTaxes;
}

export interface DocumentLine {
  readonly name: string;
  readonly net: Money;
  readonly taxIds: readonly number[];
}

/** An invoice in Odoo's terms: what its move must be. Amounts of a refund are above zero. */
export interface InvoiceDocument {
  readonly externalId: string;
  readonly number: string;
  /** Its name at the source; people can't change it in Odoo. */
  readonly origin: string;
  readonly moveType: 'out_invoice' | 'out_refund';
  readonly date: string;
  readonly dueDate: string;
  readonly journalId: number;
  readonly currencyId: number;
  readonly lines: readonly DocumentLine[];
  readonly net: Money;
  readonly tax: Money;
  /** The issuer's tax by Odoo's tax group, and how many of its tax lines are in it. */
  readonly taxGroups: ReadonlyMap<number, { readonly amountMinor: bigint; readonly lines: number }>;
}

export type InvoiceReading =
  { readonly document: InvoiceDocument } | { readonly refused: Refusal } | { readonly filtered: string };

/** What somebody may have set up in Odoo since it was last asked. */
export const setupCodes: ReadonlySet<string> = new Set(['currency_inactive', 'number_unfit', 'tax_unmapped']);

/**
 * An invoice as a document for Odoo, or what keeps it out before anything is written. A total below zero is a refund:
 * its sign is in the document's type. Nothing on it and nothing to pay: nothing to post.
 */
export function readInvoice(
  invoice: FactInvoice,
  head: EventHead,
  module: string,
  lookups: InvoiceLookups,
): InvoiceReading {
  const { number, total } = invoice;
  if (invoice.lines.length === 0) {
    if (total.amount_minor === 0n) return { filtered: 'empty-invoice' };
    return refusal('invoice_without_lines', 'an invoice without lines has nothing to post');
  }
  if (number === null)
    return refusal('invoice_without_number', 'a finalised invoice carries its issuer’s number');
  const date = isoDateOf(head.accounting_date);
  if (lookups.readsDates && namesOtherDate(number, date))
    return refusal(
      'number_unfit',
      `Odoo reads another year or month than that of ${date} in the number ${number}: set the journal's sequence_override_regex`,
    );
  const currencyId = lookups.currencyId(total.currency);
  if (currencyId === undefined)
    return refusal('currency_inactive', `the currency ${total.currency} is not active in Odoo`);
  const taxes: (readonly MatchedTax[])[] = [];
  for (const line of invoice.lines) {
    const found = lookups.taxesOf(line);
    if ('missing' in found) return refusal('tax_unmapped', `no sale tax in Odoo stands for ${found.missing}`);
    taxes.push(found.taxes);
  }
  const isRefund = total.amount_minor < 0n;
  const signed = (amount: Money): Money =>
    isRefund ? { ...amount, amount_minor: -amount.amount_minor } : amount;
  const due = invoice.due_at === null ? date : isoDateOf(Math.floor(invoice.due_at / 86_400_000_000));
  return {
    document: {
      externalId: externalIdOf(module, 'invoice', invoice.invoice_id),
      number,
      origin: originOf(invoice, head),
      moveType: isRefund ? 'out_refund' : 'out_invoice',
      date,
      dueDate: due < date ? date : due,
      journalId: lookups.journalId,
      currencyId,
      lines: invoice.lines.map((line, index) => ({
        name: line.description || line.product_ref || 'Subscription',
        net: signed(line.net),
        taxIds: [...new Set(taxes[index]?.map(({ taxId }) => taxId))],
      })),
      net: signed(invoice.net),
      tax: signed(invoice.tax),
      taxGroups: sumByGroup(taxes.flat(), signed),
    },
  };
}

const originOf = ({ invoice_id: id }: FactInvoice, { source_refs: refs }: EventHead): string =>
  refs.find(({ object_type: type }) => type === 'invoice')?.object_id ?? id;

function sumByGroup(
  taxes: readonly MatchedTax[],
  signed: (amount: Money) => Money,
): InvoiceDocument['taxGroups'] {
  const groups = new Map<number, { amountMinor: bigint; lines: number }>();
  for (const { charged, groupId } of taxes) {
    const group = groups.get(groupId) ?? { amountMinor: 0n, lines: 0 };
    groups.set(groupId, {
      amountMinor: group.amountMinor + signed(charged.amount).amount_minor,
      lines: group.lines + 1,
    });
  }
  return groups;
}
