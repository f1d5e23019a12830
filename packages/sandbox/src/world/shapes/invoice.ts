import type { Json, Render } from '../company.ts';
import type { ApiEra, Invoice } from '../model.ts';
import { dueOf, totalsOf } from '../model.ts';
import { address, currencyCode, list } from './common.ts';
import { taxExempt } from './customer.ts';
import { lineShape } from './invoice-line.ts';
import { taxes } from './tax.ts';

export const invoiceShape =
  (invoice: Invoice, livemode: boolean): Render =>
  era => {
    const { customer } = invoice;
    const totals = totalsOf(invoice.lines);
    const due = dueOf(invoice);
    const sent = invoice.dueAt !== null;
    return {
      id: invoice.id,
      object: 'invoice',
      account_country: 'BE',
      account_name: 'Lantern Software BV',
      account_tax_ids: null,
      amount_due: due,
      amount_paid: invoice.paidMinor,
      amount_remaining: due - invoice.paidMinor,
      attempt_count: invoice.attempts,
      attempted: invoice.attempts > 0,
      auto_advance: invoice.status === 'draft' || invoice.nextAttemptAt !== null,
      billing_reason: invoice.reason,
      collection_method: sent ? 'send_invoice' : 'charge_automatically',
      created: invoice.created,
      currency: currencyCode(customer.currency),
      custom_fields: null,
      customer: customer.id,
      customer_address: address(invoice.billedTo.street, customer.market),
      customer_email: invoice.billedTo.email,
      customer_name: invoice.billedTo.name,
      customer_phone: customer.phone,
      customer_shipping: null,
      customer_tax_exempt: taxExempt(customer),
      customer_tax_ids:
        customer.taxId === null ? [] : [{ type: customer.taxId.type, value: customer.taxId.value }],
      default_payment_method: null,
      default_source: null,
      default_tax_rates: [],
      description: null,
      discounts: [],
      due_date: invoice.dueAt,
      ending_balance: invoice.endingBalanceMinor,
      footer: null,
      hosted_invoice_url: invoice.finalizedAt === null ? null : `https://invoice.stripe.com/i/${invoice.id}`,
      invoice_pdf: invoice.finalizedAt === null ? null : `https://pay.stripe.com/invoice/${invoice.id}/pdf`,
      last_finalization_error: null,
      lines: list(
        `/v1/invoices/${invoice.id}/lines`,
        invoice.lines.map(line => lineShape(invoice, line, era, livemode)),
        era === 'old',
      ),
      livemode,
      metadata: {},
      next_payment_attempt: invoice.nextAttemptAt,
      number: invoice.number,
      on_behalf_of: null,
      period_end: invoice.periodEnd,
      period_start: invoice.periodStart,
      post_payment_credit_notes_amount: invoice.postPaymentCreditMinor,
      pre_payment_credit_notes_amount: invoice.prePaymentCreditMinor,
      receipt_number: null,
      starting_balance: invoice.startingBalanceMinor,
      statement_descriptor: null,
      status: invoice.status,
      status_transitions: {
        finalized_at: invoice.finalizedAt,
        marked_uncollectible_at: invoice.uncollectibleAt,
        paid_at: invoice.paidAt,
        voided_at: invoice.voidedAt,
      },
      subtotal: totals.subtotalMinor,
      total: totals.totalMinor,
      total_discount_amounts: [],
      webhooks_delivered_at: null,
      ...(era === 'old' ? oldPart(invoice, totals) : currentPart(invoice, totals, era)),
    };
  };

type Totals = ReturnType<typeof totalsOf>;
const documentTaxes = (invoice: Invoice, totals: Totals, era: ApiEra): Json[] =>
  taxes(
    invoice.customer,
    { amountMinor: totals.subtotalMinor, netMinor: totals.netMinor, taxMinor: totals.taxMinor },
    era,
  );

const oldPart = (invoice: Invoice, totals: Totals): Json => ({
  application_fee_amount: null,
  automatic_tax: { enabled: false, status: null },
  charge: invoice.charge?.id ?? null,
  discount: null,
  paid: invoice.status === 'paid',
  paid_out_of_band: invoice.paidOutOfBand,
  payment_intent: invoice.paymentIntent?.id ?? null,
  payment_settings: { payment_method_options: null, payment_method_types: null },
  quote: null,
  subscription: invoice.subscription?.id ?? null,
  tax: invoice.customer.taxRate === null ? null : totals.taxMinor,
  tax_percent: null,
  total_tax_amounts: documentTaxes(invoice, totals, 'old'),
  transfer_data: null,
});

const currentPart = (invoice: Invoice, totals: Totals, era: ApiEra): Json => ({
  amount_overpaid: 0,
  amount_shipping: 0,
  application: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
  automatically_finalizes_at: null,
  customer_account: null,
  effective_at: invoice.finalizedAt,
  from_invoice: null,
  issuer: { type: 'self' },
  latest_revision: null,
  parent:
    invoice.subscription === null
      ? null
      : {
          quote_details: null,
          subscription_details: { metadata: {}, subscription: invoice.subscription.id },
          type: 'subscription_details',
        },
  payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
  rendering: null,
  shipping_cost: null,
  shipping_details: null,
  subtotal_excluding_tax: totals.netMinor,
  test_clock: null,
  total_excluding_tax: totals.netMinor,
  total_pretax_credit_amounts: [],
  total_taxes: documentTaxes(invoice, totals, era),
});
