import type { Books, Entry } from './entry.ts';
import { entry, nothing, reversed } from './entry.ts';
import type { Json } from './json.ts';
import { id, integer, integerOr0, list, object, reference, total } from './json.ts';

const issued = new Set(['open', 'paid', 'void', 'uncollectible']);

/** An issued invoice posts its issue whichever event shows it, and what its state says happened since. */
export function invoiceBooks(invoice: Json): Books {
  if (!issued.has(String(invoice['status']))) return nothing;
  const finalized = finalizedEntry(invoice);
  const isZero = Object.keys(finalized.amounts).length === 0;
  const isVoid = invoice['status'] === 'void';
  const isWrittenOff =
    invoice['status'] === 'uncollectible' || when(invoice, 'marked_uncollectible_at') !== null;
  const used = creditUsed(invoice);
  return {
    entries: [
      ...(isZero ? [] : [finalized]),
      ...(used === 0n ? [] : [creditEntry(invoice, id(invoice), -used)]),
      ...(isVoid && !isZero ? [reversed('invoice-voided', finalized)] : []),
      // What the invoice used of the customer's credit is given back with its void.
      ...(isVoid && used !== 0n ? [creditEntry(invoice, `${id(invoice)}:voided`, used)] : []),
      ...paidEntries(invoice),
    ],
    unposted: [
      ...(isZero
        ? [{ type: 'billing.invoice_finalized', id: id(invoice), rule: 'zero-amount' } as const]
        : []),
      ...(isWrittenOff
        ? [{ type: 'billing.invoice_uncollectible', id: id(invoice), rule: 'unsupported' } as const]
        : []),
    ],
  };
}

/** The receivable against tax, what lies ahead, and all the rest of the total. */
function finalizedEntry(invoice: Json): Entry {
  const gross = integerOr0(invoice, 'total');
  const tax = taxOf(invoice) ?? total(list(invoice, 'lines').map(line => taxOf(line) ?? 0n));
  const deferred = total([...deferredByLine(invoice).values()]);
  return entry('invoice-finalized', 'invoice', id(invoice), invoice, {
    receivable: gross,
    tax: -tax,
    deferred: -deferred,
    revenue: -(gross - tax - deferred),
  });
}

/** By line, what is still to be rendered when the invoice is issued. */
export function deferredByLine(invoice: Json): ReadonlyMap<string, bigint> {
  const at = when(invoice, 'finalized_at') ?? integerOr0(invoice, 'created');
  const ahead = list(invoice, 'lines').filter(line => (integer(object(line, 'period'), 'end') ?? 0n) > at);
  return new Map(ahead.map(line => [id(line), netOf(line)]));
}

/** A line without its discounts, the credits bought before, and the tax that its price includes. */
export function netOf(line: Json): bigint {
  const credits = list(line, 'pretax_credit_amounts').filter(
    ({ type }) => type === 'credit_balance_transaction',
  );
  const included = taxesOf(line).filter(
    tax => tax['inclusive'] === true || tax['tax_behavior'] === 'inclusive',
  );
  const off = [...list(line, 'discount_amounts'), ...credits, ...included];
  return integerOr0(line, 'amount') - total(off.map(part => integerOr0(part, 'amount')));
}

const taxesOf = (of: Json): readonly Json[] =>
  ['taxes', 'total_taxes', 'tax_amounts', 'total_tax_amounts'].flatMap(key => list(of, key));

/** Of a line or a document, in whatever version says it. */
export function taxOf(of: Json): bigint | null {
  const said = taxesOf(of);
  if (said.length > 0) return total(said.map(tax => integerOr0(tax, 'amount')));
  const without = integer(of, 'total_excluding_tax');
  return integer(of, 'tax') ?? (without === null ? null : integerOr0(of, 'total') - without);
}

/** Credit is a balance below zero: it rises by what an invoice uses, and falls by what one gives. */
function creditUsed(invoice: Json): bigint {
  const before = integer(invoice, 'starting_balance');
  const after = integer(invoice, 'ending_balance');
  return before === null || after === null ? 0n : after - before;
}

/** `granted` above zero: the customer has so much more with us, and the invoice so much less paid. */
const creditEntry = (invoice: Json, movement: string, granted: bigint): Entry =>
  entry('customer-credit-changed', 'customer_credit', movement, invoice, {
    receivable: granted,
    customerCredit: -granted,
  });

/** Old invoices name their one payment themselves. */
function paidEntries(invoice: Json): readonly Entry[] {
  const payments = list(invoice, 'payments');
  if (payments.length > 0) return payments.flatMap(payment => invoicePaymentBooks(payment).entries);
  const paid = integerOr0(invoice, 'amount_paid');
  if (invoice['status'] !== 'paid' || paid === 0n) return [];
  if (invoice['paid_out_of_band'] === true)
    return [allocated(invoice, id(invoice), 'out_of_band', 'bank', paid)];
  const payer = reference(invoice, 'payment_intent') ?? reference(invoice, 'charge');
  return payer === null ? [] : [allocated(invoice, id(invoice), payer, 'unapplied', paid)];
}

export function invoicePaymentBooks(payment: Json): Books {
  if (payment['status'] !== 'paid') return nothing;
  const by = object(payment, 'payment');
  const gateway = reference(by, 'payment_intent') ?? reference(by, 'charge');
  const payer = gateway ?? id(by, 'payment_record');
  const from = gateway === null ? 'bank' : 'unapplied';
  const paid = integerOr0(payment, 'amount_paid');
  return { entries: [allocated(payment, id(payment, 'invoice'), payer, from, paid)], unposted: [] };
}

const allocated = (
  of: Json,
  invoice: string,
  payer: string,
  from: 'bank' | 'unapplied',
  paid: bigint,
): Entry =>
  entry('payment-allocated', 'allocation', `${invoice}:${payer}`, of, { [from]: paid, receivable: -paid });

const when = (invoice: Json, transition: string): bigint | null =>
  integer(object(invoice, 'status_transitions'), transition);
