import type { FactPayment } from '@keelson/contracts';
import { requiredMoney, optionalMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import {
  flag,
  idOf,
  isIncomplete,
  objects,
  optionalObject,
  optionalText,
  requiredId,
  requiredInstant,
} from './fields.ts';
import { refundFacts } from './map-refund.ts';
import { paymentFailed } from './payment-failed.ts';
import { documentId, documentIdOrNull, immutableFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { balanceFetches, claimOf, wholeFetch } from './yielded.ts';
import type { Yielded } from './yielded.ts';

/**
 * A charge that is paid and captured is money on the provider's balance, whichever event says so. The charge in hand
 * claims its own id and its payment intent's, and brings the refunds that it carries.
 */
export function mapCharge(telling: Telling, charge: Fields): Yielded {
  const id = requiredId(charge);
  const intent = idOf(charge['payment_intent']);
  const claims = [id, intent]
    .filter(name => name !== null)
    .map(name => claimOf(telling, name, 'charge-names-customer'));
  const refunds = objects(charge, 'refunds');
  const told = refunds.map(refund => refundFacts(telling, refund));
  const failureTransaction = idOf(charge['failure_balance_transaction']);
  return {
    facts: [...paymentFacts(telling, charge), ...told.flatMap(({ facts }) => facts)],
    claims,
    fetches: [
      ...balanceFetches(idOf(charge['balance_transaction']), failureTransaction),
      ...told.flatMap(({ fetches }) => fetches),
      ...(isIncomplete(charge, 'refunds') ? wholeFetch(telling, 'charge', id, 'more-refunds') : []),
    ],
  };
}

function paymentFacts(telling: Telling, charge: Fields) {
  const status = optionalText(charge, 'status');
  if (status === 'succeeded' && flag(charge, 'paid') && flag(charge, 'captured')) {
    return [succeeded(telling, charge)];
  }
  if (status !== 'failed') return [];
  const late =
    charge['failure_balance_transaction'] !== undefined && charge['failure_balance_transaction'] !== null;
  return [
    paymentFailed(telling, charge, {
      payment: paymentOf(telling, charge, 'failed'),
      paymentObjectId: requiredId(charge),
      occurredAt: late ? telling.at : requiredInstant(charge, 'created'),
    }),
  ];
}

function succeeded(telling: Telling, charge: Fields) {
  const body = paymentOf(telling, charge, 'succeeded');
  return immutableFact(telling, {
    type: 'payment.succeeded',
    object: charge,
    occurredAt: requiredInstant(charge, 'created'),
    documentId: body.payment_id,
    content: { payment: body.payment_id, currency: body.amount.currency, amount: body.amount.amount_minor },
    body: { 'keelson.fact.Payment': body },
  });
}

function paymentOf(telling: Telling, charge: Fields, status: 'succeeded' | 'failed'): FactPayment {
  const method = optionalObject(charge, 'payment_method_details');
  const methodType = method === null ? null : optionalText(method, 'type');
  const details = method === null || methodType === null ? null : optionalObject(method, methodType);
  const captured = status === 'succeeded' ? optionalMoney(charge, 'amount_captured') : null;
  return {
    payment_id: documentId(telling, 'payment', requiredId(charge)),
    status,
    amount: captured ?? requiredMoney(charge, 'amount'),
    invoice_id: documentIdOrNull(telling, 'invoice', idOf(charge['invoice'])),
    payment_intent_ref: idOf(charge['payment_intent']),
    balance_transaction_ref: idOf(charge['balance_transaction']),
    method_type: methodType,
    brand: details === null ? null : optionalText(details, 'brand'),
    last4: details === null ? null : optionalText(details, 'last4'),
    failure_code: optionalText(charge, 'failure_code'),
    settled_at: status === 'succeeded' ? requiredInstant(charge, 'created') : null,
  };
}
