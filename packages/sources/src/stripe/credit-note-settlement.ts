import { negate, subtract, sum, zero } from '@keelson/contracts';
import type { FactCreditNote, Money } from '@keelson/contracts';
import { currencyCode, optionalMoney, requiredMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import { idOf, isObject, objects } from './fields.ts';

export interface Settlement {
  readonly amounts: Pick<
    FactCreditNote,
    'to_receivable' | 'to_refund' | 'to_customer_credit' | 'out_of_band'
  >;
  readonly refundId: string | null;
}

/**
 * How a credit note's total is settled: before payment it lessens the receivable, after payment it is refunded, given to
 * the customer's balance, or settled out of band. The four sum to the total. Null where an old version names a refund
 * and a balance transaction without amounts: today's version, fetched, says them.
 */
export function settlementOf(note: Fields, total: Money): Settlement | null {
  const currency = currencyCode(note);
  const outOfBand = optionalMoney(note, 'out_of_band_amount') ?? zero(currency);
  const after = afterPayment(note, total);
  const left = subtract(after, outOfBand);
  const refund = refundedBy(note);
  const credit = creditedBy(note);
  const toRefund = refundedPart(left, refund, credit);
  if (toRefund === null) return null;
  return {
    amounts: {
      to_receivable: subtract(total, after),
      to_refund: toRefund,
      to_customer_credit: subtract(left, toRefund),
      out_of_band: outOfBand,
    },
    refundId: refund?.id ?? null,
  };
}

/** What names neither a refund nor a balance transaction waits to be refunded. */
function refundedPart(left: Money, refund: Part | null, credit: Part | null): Money | null {
  if (credit === null) return left;
  if (refund === null) return zero(left.currency);
  if (refund.amount !== null) return refund.amount;
  return credit.amount === null ? null : subtract(left, credit.amount);
}

/** `post_payment_amount` today; before, a note is one or the other as its type says. */
function afterPayment(note: Fields, total: Money): Money {
  const after = optionalMoney(note, 'post_payment_amount');
  if (after !== null) return after;
  return note['type'] === 'post_payment' ? total : zero(total.currency);
}

/** One way a note is settled; the amount is null where the note names it by id alone. */
interface Part {
  readonly id: string | null;
  readonly amount: Money | null;
}

function refundedBy(note: Fields): Part | null {
  const refunds = objects(note, 'refunds');
  if (refunds.length > 0) {
    const amounts = refunds.map(refund => requiredMoney(refund, 'amount_refunded', note));
    return { id: idOf(refunds[0]?.['refund']), amount: sum(currencyCode(note), amounts) };
  }
  const refund = note['refund'];
  const id = idOf(refund);
  if (id === null) return null;
  return { id, amount: isObject(refund) ? requiredMoney(refund, 'amount', note) : null };
}

/** A movement of the customer's balance; below zero when it gives credit. */
function creditedBy(note: Fields): Part | null {
  const movement = note['customer_balance_transaction'];
  const id = idOf(movement);
  if (id === null) return null;
  return { id, amount: isObject(movement) ? negate(requiredMoney(movement, 'amount', note)) : null };
}
