import type { FactPayment } from '@keelson/contracts';
import type { MappedFact } from '../mapping.ts';
import { requiredMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import { idOf, optionalObject, optionalText, requiredId } from './fields.ts';
import { documentId, documentIdOrNull, immutableFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { claimOf } from './yielded.ts';
import type { Yielded } from './yielded.ts';

interface FailedPayment {
  readonly payment: FactPayment;
  /** The charge that failed; the payment intent where none was made. */
  readonly paymentObjectId: string;
  readonly subId?: string;
  readonly occurredAt: number;
}

/** One failure of one charge is one fact, told by the charge or by its payment intent. */
export const paymentFailed = (
  telling: Telling,
  object: Fields,
  { payment, paymentObjectId, subId, occurredAt }: FailedPayment,
): MappedFact =>
  immutableFact(telling, {
    type: 'payment.failed',
    object,
    factObjectId: paymentObjectId,
    ...(subId === undefined ? {} : { subId }),
    occurredAt,
    documentId: payment.payment_id,
    content: {
      payment: payment.payment_id,
      currency: payment.amount.currency,
      amount: payment.amount.amount_minor,
    },
    body: { 'keelson.fact.Payment': payment },
  });

/**
 * `payment_intent.payment_failed`. An attempt that made no charge is told by its event alone. A payment intent that was
 * fetched says only whose it is.
 */
export function mapPaymentIntent(telling: Telling, intent: Fields): Yielded {
  const id = requiredId(intent);
  if (telling.eventType === null) {
    return { claims: [claimOf(telling, id, 'payment-intent-names-customer')] };
  }
  const error = optionalObject(intent, 'last_payment_error');
  const chargeId = idOf(error?.['charge']) ?? idOf(intent['latest_charge']);
  const payment: FactPayment = {
    payment_id: documentId(telling, 'payment', chargeId ?? id),
    status: 'failed',
    amount: requiredMoney(intent, 'amount'),
    invoice_id: documentIdOrNull(telling, 'invoice', idOf(intent['invoice'])),
    payment_intent_ref: id,
    balance_transaction_ref: null,
    method_type: methodTypeOf(error),
    brand: null,
    last4: null,
    failure_code:
      error === null ? null : (optionalText(error, 'decline_code') ?? optionalText(error, 'code')),
    settled_at: null,
  };
  const fact = paymentFailed(telling, intent, {
    payment,
    paymentObjectId: chargeId ?? id,
    ...(chargeId === null ? { subId: telling.eventId ?? '' } : {}),
    occurredAt: telling.at,
  });
  return { facts: [fact] };
}

function methodTypeOf(error: Fields | null): string | null {
  const method = error === null ? null : optionalObject(error, 'payment_method');
  return method === null ? null : optionalText(method, 'type');
}
