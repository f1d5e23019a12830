import type { Json, Render } from '../company.ts';
import type { BalanceTransaction, Charge, InvoicePayment, PaymentIntent, Payout } from '../model.ts';
import { DAY_S } from '../time.ts';
import { currencyCode, list } from './common.ts';
import { billingDetails } from './customer.ts';
import { refundShape } from './refund.ts';

export const chargeShape =
  (charge: Charge, livemode: boolean): Render =>
  era => {
    const ok = charge.status === 'succeeded';
    return {
      id: charge.id,
      object: 'charge',
      amount: charge.amountMinor,
      amount_captured: ok ? charge.amountMinor : 0,
      amount_refunded: charge.refundedMinor,
      application: null,
      application_fee: null,
      application_fee_amount: null,
      balance_transaction: charge.balanceTransaction?.id ?? null,
      billing_details: billingDetails(charge.customer, era === 'old'),
      calculated_statement_descriptor: 'LANTERN SOFTWARE',
      captured: ok,
      created: charge.created,
      currency: currencyCode(charge.customer.currency),
      customer: charge.customer.id,
      description:
        charge.invoice.reason === 'manual'
          ? `Payment for invoice ${charge.invoice.number}`
          : 'Subscription update',
      disputed: charge.disputed,
      failure_balance_transaction: null,
      failure_code: charge.failureCode,
      failure_message: charge.failureCode === null ? null : 'Your card was declined.',
      fraud_details: {},
      livemode,
      metadata: {},
      on_behalf_of: null,
      outcome: outcome(charge, era === 'old'),
      paid: ok,
      payment_intent: charge.paymentIntent.id,
      payment_method: charge.customer.paymentMethod.id,
      payment_method_details: { card: card(charge, era === 'old'), type: 'card' },
      receipt_email: null,
      receipt_number: null,
      receipt_url: ok ? `https://pay.stripe.com/receipts/${charge.id}` : null,
      refunded: charge.refundedMinor > 0 && charge.refundedMinor === charge.amountMinor,
      review: null,
      shipping: null,
      source: null,
      source_transfer: null,
      statement_descriptor: null,
      statement_descriptor_suffix: null,
      status: charge.status,
      transfer_data: null,
      transfer_group: null,
      ...(era === 'old'
        ? {
            destination: null,
            dispute: null,
            invoice: charge.invoice.id,
            order: null,
            refunds: list(
              `/v1/charges/${charge.id}/refunds`,
              [...charge.refunds].reverse().map(refund => refundShape(refund)('old')),
              true,
            ),
          }
        : {}),
    };
  };

const outcome = (charge: Charge, old: boolean): Json => ({
  ...(old
    ? {}
    : {
        advice_code: null,
        network_advice_code: null,
        network_decline_code: charge.failureCode === null ? null : '05',
      }),
  network_status: charge.failureCode === null ? 'approved_by_network' : 'declined_by_network',
  reason: charge.failureCode === null ? null : 'generic_decline',
  risk_level: 'normal',
  seller_message:
    charge.failureCode === null ? 'Payment complete.' : 'The bank did not return any further details.',
  type: charge.failureCode === null ? 'authorized' : 'issuer_declined',
});

const card = (charge: Charge, old: boolean): Json => ({
  ...(old
    ? {}
    : {
        amount_authorized: charge.failureCode === null ? charge.amountMinor : null,
        authorization_code: null,
        electronic_commerce_indicator: null,
        network_transaction_id: null,
        regulated_status: 'unregulated',
        transaction_link_id: null,
      }),
  brand: charge.customer.paymentMethod.brand,
  checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: null },
  country: charge.customer.market.country,
  exp_month: 4,
  exp_year: charge.customer.paymentMethod.expYear,
  fingerprint: `fp${charge.customer.paymentMethod.id.slice(-14)}`,
  funding: 'credit',
  installments: null,
  last4: charge.customer.paymentMethod.last4,
  mandate: null,
  network: charge.customer.paymentMethod.brand,
  three_d_secure: null,
  wallet: null,
});

export const paymentIntentShape =
  (intent: PaymentIntent, livemode: boolean): Render =>
  era => ({
    id: intent.id,
    object: 'payment_intent',
    amount: intent.amountMinor,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: intent.status === 'succeeded' ? intent.amountMinor : 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: era === 'old' ? 'automatic' : 'automatic_async',
    client_secret: `${intent.id}_secret_${intent.id.slice(-12)}`,
    confirmation_method: 'automatic',
    created: intent.created,
    currency: currencyCode(intent.customer.currency),
    customer: intent.customer.id,
    description:
      intent.invoice.reason === 'manual'
        ? `Payment for invoice ${intent.invoice.number}`
        : 'Subscription update',
    last_payment_error: lastError(intent),
    latest_charge: intent.latestCharge?.id ?? null,
    livemode,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: intent.status === 'succeeded' ? intent.customer.paymentMethod.id : null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: 'off_session',
    shipping: null,
    ...(era === 'old' ? {} : { source: null }),
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: intent.status,
    transfer_data: null,
    transfer_group: null,
    ...(era === 'old'
      ? { invoice: intent.invoice.id }
      : {
          allowed_payment_method_types: null,
          customer_account: null,
          excluded_payment_method_types: null,
          managed_payments: null,
          payment_method_configuration_details: null,
          payment_record: null,
        }),
  });

const lastError = (intent: PaymentIntent): Json | null =>
  intent.status === 'succeeded' || intent.latestCharge?.failureCode == null
    ? null
    : {
        charge: intent.latestCharge.id,
        code: 'card_declined',
        decline_code:
          intent.latestCharge.failureCode === 'insufficient_funds' ? 'insufficient_funds' : 'generic_decline',
        message: 'Your card was declined.',
        type: 'card_error',
      };

/** Today's link between a payment and an invoice; the object has no customer. */
export const invoicePaymentShape =
  (payment: InvoicePayment, livemode: boolean): Render =>
  () => ({
    id: payment.id,
    object: 'invoice_payment',
    amount_paid: payment.amountMinor,
    amount_requested: payment.amountMinor,
    created: payment.created,
    currency: currencyCode(payment.invoice.customer.currency),
    invoice: payment.invoice.id,
    is_default: payment.by.type === 'payment_intent',
    livemode,
    payment:
      payment.by.type === 'payment_intent'
        ? { payment_intent: payment.by.paymentIntent.id, type: 'payment_intent' }
        : { payment_record: payment.by.recordId, type: 'payment_record' },
    status: 'paid',
    status_transitions: { canceled_at: null, paid_at: payment.created },
  });

export const balanceTransactionShape =
  (transaction: BalanceTransaction): Render =>
  era => ({
    id: transaction.id,
    object: 'balance_transaction',
    amount: transaction.amountMinor,
    available_on: transaction.created + 2 * DAY_S,
    ...(era === 'old' ? {} : { balance_type: 'payments' }),
    created: transaction.created,
    currency: currencyCode(transaction.currency),
    description: transaction.description,
    exchange_rate: null,
    fee: transaction.feeMinor,
    fee_details:
      transaction.feeMinor === 0
        ? []
        : [
            {
              amount: transaction.feeMinor,
              application: null,
              currency: currencyCode(transaction.currency),
              description: transaction.type === 'charge' ? 'Stripe processing fees' : 'Dispute fee',
              type: 'stripe_fee',
            },
          ],
    net: transaction.amountMinor - transaction.feeMinor,
    reporting_category: transaction.category,
    source: transaction.sourceId,
    status: 'available',
    type: transaction.type,
  });

export const payoutShape =
  (payout: Payout, livemode: boolean): Render =>
  era => ({
    id: payout.id,
    object: 'payout',
    amount: payout.amountMinor,
    ...(era === 'old' ? {} : { application_fee: null, application_fee_amount: null }),
    arrival_date: payout.arrival,
    automatic: true,
    balance_transaction: payout.balanceTransaction.id,
    created: payout.created,
    currency: currencyCode(payout.currency),
    description: 'STRIPE PAYOUT',
    destination: `ba_1${payout.id.slice(-23)}`,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    livemode,
    metadata: {},
    method: 'standard',
    original_payout: null,
    ...(era === 'old' ? {} : { payout_method: null }),
    reconciliation_status: payout.status === 'paid' ? 'completed' : 'in_progress',
    reversed_by: null,
    source_type: 'card',
    statement_descriptor: null,
    status: payout.status,
    ...(era === 'old' ? {} : { trace_id: null }),
    type: 'bank_account',
  });
