import type { Json, Render } from '../company.ts';
import type { CreditNote, CreditNoteLine, Dispute, Refund } from '../model.ts';
import { totalsOf } from '../model.ts';
import { DAY_S } from '../time.ts';
import { currencyCode, list } from './common.ts';
import { balanceTransactionShape } from './payment.ts';
import { taxRateShape } from './catalogue.ts';
import { taxes } from './tax.ts';

export const refundShape =
  (refund: Refund): Render =>
  era => ({
    id: refund.id,
    object: 'refund',
    amount: refund.amountMinor,
    balance_transaction: refund.balanceTransaction.id,
    charge: refund.charge.id,
    created: refund.created,
    currency: currencyCode(refund.charge.customer.currency),
    ...(era === 'old'
      ? {}
      : {
          customer: null,
          customer_account: null,
          destination_details: {
            card: {
              reference_status: 'pending',
              reference_type: 'acquirer_reference_number',
              type: 'refund',
            },
            type: 'card',
          },
          payment_method: null,
        }),
    ...(refund.failureTransaction === null
      ? {}
      : {
          failure_balance_transaction: refund.failureTransaction.id,
          failure_reason: 'expired_or_canceled_card',
        }),
    metadata: {},
    payment_intent: refund.charge.paymentIntent.id,
    reason: 'requested_by_customer',
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  });

export const creditNoteShape =
  (note: CreditNote, livemode: boolean): Render =>
  era => {
    const totals = totalsOf(note.lines);
    const { customer } = note.invoice;
    const noteTaxes = taxes(
      customer,
      { amountMinor: totals.subtotalMinor, netMinor: totals.netMinor, taxMinor: totals.taxMinor },
      era,
    );
    return {
      id: note.id,
      object: 'credit_note',
      amount: note.totalMinor,
      amount_shipping: 0,
      created: note.created,
      currency: currencyCode(customer.currency),
      customer: customer.id,
      customer_balance_transaction: note.credited?.id ?? null,
      discount_amount: 0,
      discount_amounts: [],
      invoice: note.invoice.id,
      lines: list(
        `/v1/credit_notes/${note.id}/lines`,
        note.lines.map(line => creditLineShape(note, line, era === 'old', livemode)),
        false,
      ),
      livemode,
      memo: null,
      metadata: {},
      number: note.number,
      out_of_band_amount: null,
      pdf: `https://pay.stripe.com/credit_notes/${note.id}/pdf`,
      reason: 'order_change',
      shipping_cost: null,
      status: 'issued',
      subtotal: totals.subtotalMinor,
      subtotal_excluding_tax: totals.netMinor,
      total: note.totalMinor,
      total_excluding_tax: totals.netMinor,
      type: note.prePaymentMinor > 0 ? 'pre_payment' : 'post_payment',
      voided_at: null,
      ...(era === 'old'
        ? { refund: note.refund?.id ?? null, tax_amounts: noteTaxes }
        : {
            customer_account: null,
            effective_at: note.created,
            post_payment_amount: note.totalMinor - note.prePaymentMinor,
            pre_payment_amount: note.prePaymentMinor,
            pretax_credit_amounts: [],
            refunds:
              note.refund === null
                ? []
                : [
                    {
                      amount_refunded: note.refund.amountMinor,
                      payment_record_refund: null,
                      refund: note.refund.id,
                      type: 'refund',
                    },
                  ],
            total_taxes: noteTaxes,
          }),
    };
  };

/** The movement of the customer's credit that a note made. Answered by the API only. */
export const creditMovementShape =
  (note: CreditNote, credited: NonNullable<CreditNote['credited']>, livemode: boolean): Render =>
  () => ({
    id: credited.id,
    object: 'customer_balance_transaction',
    amount: -note.totalMinor,
    checkout_session: null,
    created: note.created,
    credit_note: note.id,
    currency: currencyCode(note.invoice.customer.currency),
    customer: note.invoice.customer.id,
    customer_account: null,
    description: null,
    ending_balance: credited.endingBalanceMinor,
    invoice: null,
    livemode,
    metadata: {},
    type: 'credit_note',
  });

const creditLineShape = (note: CreditNote, line: CreditNoteLine, old: boolean, livemode: boolean): Json => {
  const { customer } = note.invoice;
  const era = old ? 'old' : 'current';
  return {
    id: line.id,
    object: 'credit_note_line_item',
    amount: line.amountMinor,
    ...(old ? { amount_excluding_tax: line.netMinor } : {}),
    description: line.description,
    discount_amount: 0,
    discount_amounts: [],
    ...(line.invoiceLine === null ? {} : { invoice_line_item: line.invoiceLine.id }),
    livemode,
    quantity: line.invoiceLine === null ? 1 : null,
    tax_rates: customer.taxRate === null ? [] : [taxRateShape(customer.taxRate, era, livemode)],
    type: line.invoiceLine === null ? 'custom_line_item' : 'invoice_line_item',
    unit_amount: line.invoiceLine === null ? line.amountMinor : null,
    unit_amount_decimal: line.invoiceLine === null ? String(line.amountMinor) : null,
    ...(old
      ? { tax_amounts: taxes(customer, line, 'old'), unit_amount_excluding_tax: null }
      : { metadata: null, pretax_credit_amounts: [], taxes: taxes(customer, line, 'current') }),
  };
};

const EVIDENCE = [
  'access_activity_log', 'billing_address', 'cancellation_policy', 'cancellation_policy_disclosure',
  'cancellation_rebuttal', 'customer_communication', 'customer_email_address', 'customer_name',
  'customer_purchase_ip', 'customer_signature', 'duplicate_charge_documentation', 'duplicate_charge_explanation',
  'duplicate_charge_id', 'product_description', 'receipt', 'refund_policy', 'refund_policy_disclosure',
  'refund_refusal_explanation', 'service_date', 'service_documentation', 'shipping_address', 'shipping_carrier',
  'shipping_date', 'shipping_documentation', 'shipping_tracking_number', 'uncategorized_file', 'uncategorized_text',
] as const; // prettier-ignore

/** Names a charge, never a customer. */
export const disputeShape =
  (dispute: Dispute, livemode: boolean): Render =>
  era => ({
    id: dispute.id,
    object: 'dispute',
    amount: dispute.amountMinor,
    balance_transactions: dispute.transactions.map(transaction => balanceTransactionShape(transaction)(era)),
    charge: dispute.charge.id,
    created: dispute.created,
    currency: currencyCode(dispute.charge.customer.currency),
    evidence: {
      ...Object.fromEntries(EVIDENCE.map(name => [name, null])),
      ...(era === 'old' ? {} : { enhanced_evidence: {} }),
    },
    evidence_details: {
      due_by: dispute.created + 14 * DAY_S,
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      ...(era === 'old' ? {} : { enhanced_eligibility: {}, submission_method: 'not_submitted' }),
    },
    is_charge_refundable: false,
    livemode,
    metadata: {},
    payment_intent: dispute.charge.paymentIntent.id,
    ...(era === 'old'
      ? {}
      : {
          enhanced_eligibility_types: [],
          intended_submission_method: null,
          payment_method_details: {
            card: {
              brand: dispute.charge.customer.paymentMethod.brand,
              case_type: 'chargeback',
              network: dispute.charge.customer.paymentMethod.brand,
              network_reason_code: '10.4',
            },
            type: 'card',
          },
        }),
    reason: dispute.reason,
    status: dispute.status,
  });
