import type { FactAllocation, Money } from '@keelson/contracts';
import type { MappedFact } from '../mapping.ts';
import { moneyOf, optionalMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import {
  flag,
  idOf,
  objects,
  optionalInstant,
  optionalInteger,
  optionalObject,
  requiredId,
  violated,
} from './fields.ts';
import { documentId, documentIdOrNull, immutableFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { filtered } from './yielded.ts';
import type { Yielded } from './yielded.ts';

/** Which money paid the invoice: the fact's id comes from the invoice and this alone, in both shapes. */
interface Payer {
  readonly id: string;
  readonly source: FactAllocation['source'];
  readonly chargeId: string | null;
  readonly paymentIntentId: string | null;
}

const outOfBand: Payer = { id: 'out_of_band', source: 'out_of_band', chargeId: null, paymentIntentId: null };

/** `invoice_payment.paid`: today's link between a payment and an invoice. */
export function mapInvoicePayment(telling: Telling, payment: Fields): Yielded {
  const facts = paidPayment(telling, payment);
  return facts.length === 0 ? filtered('not-yet-paid') : { facts };
}

/** What an invoice itself says of who paid it: its list of payments today, its charge or payment intent before. */
export function allocationsOfInvoice(telling: Telling, invoice: Fields): readonly MappedFact[] {
  const payments = objects(invoice, 'payments');
  if (payments.length > 0) return payments.flatMap(payment => paidPayment(telling, payment));
  const amount = optionalMoney(invoice, 'amount_paid');
  if (invoice['status'] !== 'paid' || amount === null) return [];
  const payer = payerOfInvoice(invoice);
  if (payer === null) return [];
  const paid =
    payer === outOfBand && amount.amount_minor === 0n ? optionalMoney(invoice, 'amount_due') : amount;
  if (paid === null || paid.amount_minor <= 0n) return [];
  const transitions = optionalObject(invoice, 'status_transitions');
  const paidAt = transitions === null ? null : optionalInstant(transitions, 'paid_at');
  return [allocation(telling, invoice, requiredId(invoice), payer, paid, paidAt ?? telling.at)];
}

function payerOfInvoice(invoice: Fields): Payer | null {
  if (flag(invoice, 'paid_out_of_band')) return outOfBand;
  return payerOf(idOf(invoice['payment_intent']), idOf(invoice['charge']));
}

function paidPayment(telling: Telling, payment: Fields): readonly MappedFact[] {
  if (payment['status'] !== 'paid') return [];
  const amount = optionalInteger(payment, 'amount_paid');
  if (amount === null) throw violated(payment, 'amount_paid', 'an integer');
  if (amount === 0n) return [];
  const transitions = optionalObject(payment, 'status_transitions');
  const paidAt = transitions === null ? null : optionalInstant(transitions, 'paid_at');
  const invoiceId = requiredId(payment, 'invoice');
  const payer = payerOfPayment(payment);
  return [allocation(telling, payment, invoiceId, payer, moneyOf(payment, amount), paidAt ?? telling.at)];
}

function payerOfPayment(payment: Fields): Payer {
  const by = optionalObject(payment, 'payment') ?? {};
  const known = payerOf(idOf(by['payment_intent']), idOf(by['charge']));
  if (known !== null) return known;
  const record = idOf(by['payment_record']);
  if (record === null) throw violated(payment, 'payment', 'a payment intent, a charge or a payment record');
  return { ...outOfBand, id: record };
}

function payerOf(paymentIntentId: string | null, chargeId: string | null): Payer | null {
  const id = paymentIntentId ?? chargeId;
  return id === null ? null : { id, source: 'payment', chargeId, paymentIntentId };
}

function allocation(
  telling: Telling,
  object: Fields,
  invoiceId: string,
  payer: Payer,
  amount: Money,
  occurredAt: number,
): MappedFact {
  const invoice = documentId(telling, 'invoice', invoiceId);
  return immutableFact(telling, {
    type: 'payment.allocated',
    object,
    factObjectId: invoiceId,
    subId: payer.id,
    occurredAt,
    documentId: invoice,
    content: { invoice, payer: payer.id, currency: amount.currency, amount: amount.amount_minor },
    body: {
      'keelson.fact.Allocation': {
        allocation_id: documentId(telling, 'allocation', `${invoiceId}:${payer.id}`),
        invoice_id: invoice,
        payment_id: documentIdOrNull(telling, 'payment', payer.chargeId),
        payment_intent_ref: payer.paymentIntentId,
        source: payer.source,
        amount,
      },
    },
  });
}
