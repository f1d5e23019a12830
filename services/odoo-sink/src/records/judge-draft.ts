import { toDecimal } from '@keelson/contracts';
import type { InvoiceDocument } from './invoice.ts';
import { comparison, minorOf, moveReadFields } from './move.ts';
import type { MoveRow } from './move.ts';
import { refusal } from './refusal.ts';
import type { Refusal } from './refusal.ts';

/** What a draft is judged by, besides. */
export const draftReadFields = [...moveReadFields, 'tax_totals'];

const gap = (a: bigint, b: bigint): bigint => (a < b ? b - a : a - b);

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
