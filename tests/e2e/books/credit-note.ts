import type { Account, Books } from './entry.ts';
import { entry, nothing, reversed } from './entry.ts';
import { netOf, taxOf } from './invoice.ts';
import type { Json } from './json.ts';
import { id, integer, integerOr0, list, reference, total } from './json.ts';

/**
 * Takes back what the credited lines had deferred, the rest against revenue, and the tax. `deferred` is by line of the
 * invoice; of an invoice that nobody told of it holds nothing.
 */
export function creditNoteBooks(note: Json, deferred: ReadonlyMap<string, bigint>): Books {
  const settled = settlementOf(note);
  if (settled === null) return nothing;
  const tax = taxOf(note) ?? total(list(note, 'lines').map(line => taxOf(line) ?? 0n));
  const takenBack = total(
    list(note, 'lines').map(line =>
      within(netOf(line), deferred.get(reference(line, 'invoice_line_item') ?? '') ?? 0n),
    ),
  );
  const made = entry('credit-note-issued', 'credit_note', id(note), note, {
    deferred: takenBack,
    contra: integerOr0(note, 'total') - tax - takenBack,
    tax,
    ...settled,
  });
  const voided = note['status'] === 'void' ? [reversed('credit-note-voided', made)] : [];
  return { entries: [made, ...voided], unposted: [] };
}

/** As much as there is, for amounts above zero. */
const within = (wanted: bigint, limit: bigint): bigint =>
  wanted <= 0n || limit <= 0n ? 0n : wanted < limit ? wanted : limit;

/** How the note reaches the customer. Null where an old one names two ways and no amounts. */
function settlementOf(note: Json): Partial<Record<Account, bigint>> | null {
  const all = integerOr0(note, 'total');
  const after = integer(note, 'post_payment_amount') ?? (note['type'] === 'post_payment' ? all : 0n);
  const outOfBand = integerOr0(note, 'out_of_band_amount');
  const left = after - outOfBand;
  const refunds = list(note, 'refunds');
  const credited = reference(note, 'customer_balance_transaction') !== null;
  if (credited && refunds.length === 0 && reference(note, 'refund') !== null) return null;
  const refunded = credited ? total(refunds.map(refund => integerOr0(refund, 'amount_refunded'))) : left;
  return {
    receivable: after - all,
    refunds: -refunded,
    customerCredit: refunded - left,
    bank: -outOfBand,
  };
}
