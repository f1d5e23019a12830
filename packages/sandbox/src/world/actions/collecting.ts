import type { Scene } from '../company.ts';
import { emit, keep, record, tick } from '../company.ts';
import type { BalanceTransaction, Charge, Invoice, InvoicePayment, PaymentIntent } from '../model.ts';
import { dueOf } from '../model.ts';
import { feeOf } from '../money.ts';
import { invoiceShape } from '../shapes/invoice.ts';
import {
  balanceTransactionShape,
  chargeShape,
  invoicePaymentShape,
  paymentIntentShape,
} from '../shapes/payment.ts';
import { DAY_S } from '../time.ts';

/** The card is charged for what is due; money, fee and the link to the invoice come with it. */
export function collect(scene: Scene, invoice: Invoice): void {
  const { company, random, customer } = scene;
  tick(scene);
  const amountMinor = dueOf(invoice);
  const intent = intentOf(scene, invoice, amountMinor);
  const charge = attempt(scene, invoice, intent, null);
  const transaction = addTransaction(
    scene,
    'charge',
    'charge',
    amountMinor,
    feeOf(customer.currency, amountMinor),
    charge.id,
  );
  const late = customer.era === 'current' && random.chance(company.asyncCaptureShare);
  if (!late) charge.balanceTransaction = transaction;
  intent.status = 'succeeded';
  invoice.paidMinor = amountMinor;
  invoice.status = 'paid';
  invoice.paidAt = scene.now;
  invoice.nextAttemptAt = null;
  record(scene, { kind: 'charge_settled', chargeId: charge.id, amountMinor, feeMinor: transaction.feeMinor });
  emit(scene, 'charge.succeeded', chargeShape(charge, company.livemode));
  emit(scene, 'payment_intent.succeeded', paymentIntentShape(intent, company.livemode));
  link(scene, invoice, amountMinor, { type: 'payment_intent', paymentIntent: intent }, charge);
  emit(scene, 'invoice.paid', invoiceShape(invoice, company.livemode));
  emit(scene, 'invoice.payment_succeeded', invoiceShape(invoice, company.livemode));
  tick(scene);
  if (late) {
    charge.balanceTransaction = transaction;
    emit(scene, 'charge.updated', chargeShape(charge, company.livemode), {
      previous: { balance_transaction: null },
    });
    tick(scene);
  }
}

/** The bank says no; the provider will try again in three days. No money moves. */
export function failToCollect(scene: Scene, invoice: Invoice): void {
  const { company, random } = scene;
  tick(scene);
  const intent = intentOf(scene, invoice, dueOf(invoice));
  const charge = attempt(scene, invoice, intent, random.pick(['card_declined', 'insufficient_funds']));
  invoice.nextAttemptAt = scene.now + 3 * DAY_S;
  emit(scene, 'charge.failed', chargeShape(charge, company.livemode));
  emit(scene, 'payment_intent.payment_failed', paymentIntentShape(intent, company.livemode));
  emit(scene, 'invoice.payment_failed', invoiceShape(invoice, company.livemode));
  tick(scene);
}

/** Paid by bank transfer: the provider only hears of it. */
export function settleOutOfBand(scene: Scene, invoice: Invoice): void {
  const amountMinor = dueOf(invoice);
  invoice.paidMinor = amountMinor;
  invoice.paidOutOfBand = true;
  invoice.status = 'paid';
  invoice.paidAt = scene.now;
  link(
    scene,
    invoice,
    amountMinor,
    { type: 'payment_record', recordId: `prec_1${scene.random.token(23)}` },
    null,
  );
  emit(scene, 'invoice.paid', invoiceShape(invoice, scene.company.livemode));
  tick(scene);
}

/** Adds a movement to the balance that the provider keeps for the company. */
export function addTransaction(
  scene: Scene,
  type: BalanceTransaction['type'],
  category: BalanceTransaction['category'],
  amountMinor: number,
  feeMinor: number,
  sourceId: string,
): BalanceTransaction {
  const transaction: BalanceTransaction = {
    id: `txn_1${scene.random.token(23)}`,
    created: scene.now,
    type,
    category,
    currency: scene.customer.currency,
    amountMinor,
    feeMinor,
    sourceId,
    description: `${category} ${sourceId}`,
    payoutId: null,
  };
  scene.company.transactions.push(transaction);
  keep(scene.company, transaction.id, balanceTransactionShape(transaction));
  return transaction;
}

/** One payment intent an invoice; each attempt is a charge of its own. */
function intentOf(scene: Scene, invoice: Invoice, amountMinor: number): PaymentIntent {
  invoice.paymentIntent ??= {
    id: `pi_3${scene.random.token(23)}`,
    customer: scene.customer,
    invoice,
    created: scene.now,
    amountMinor,
    status: 'requires_payment_method',
    latestCharge: null,
  };
  return invoice.paymentIntent;
}

function attempt(
  scene: Scene,
  invoice: Invoice,
  intent: PaymentIntent,
  failureCode: Charge['failureCode'],
): Charge {
  const charge: Charge = {
    id: `ch_3${scene.random.token(23)}`,
    customer: scene.customer,
    invoice,
    paymentIntent: intent,
    created: scene.now,
    amountMinor: intent.amountMinor,
    status: failureCode === null ? 'succeeded' : 'failed',
    balanceTransaction: null,
    refunds: [],
    refundedMinor: 0,
    disputed: false,
    failureCode,
  };
  intent.latestCharge = charge;
  invoice.charge = charge;
  invoice.attempts += 1;
  return charge;
}

/** Today's webhooks tell of the link itself; old ones say it on charge and invoice. */
function link(
  scene: Scene,
  invoice: Invoice,
  amountMinor: number,
  by: InvoicePayment['by'],
  charge: Charge | null,
): void {
  const { company, customer, now } = scene;
  const payment: InvoicePayment = {
    id: `inpay_1${scene.random.token(23)}`,
    invoice,
    created: now,
    amountMinor,
    by,
  };
  const fact = { invoicePaymentId: payment.id, invoiceId: invoice.id, amountMinor };
  if (charge === null) record(scene, { kind: 'paid_out_of_band', ...fact });
  else record(scene, { kind: 'payment_allocated', chargeId: charge.id, ...fact });
  const render = invoicePaymentShape(payment, company.livemode);
  if (customer.era === 'old') keep(company, payment.id, render);
  else {
    const needs = by.type === 'payment_intent' ? [invoice.id, by.paymentIntent.id] : [invoice.id];
    emit(scene, 'invoice_payment.paid', render, { needs });
  }
}
