import type { Json, Render } from '../company.ts';
import type { ApiEra, Subscription } from '../model.ts';
import { planShape, priceShape, taxRateShape } from './catalogue.ts';
import { currencyCode, list } from './common.ts';

export const subscriptionShape =
  (subscription: Subscription, livemode: boolean): Render =>
  era => {
    const { customer, item } = subscription;
    const rates = customer.taxRate === null ? [] : [taxRateShape(customer.taxRate, era, livemode)];
    return {
      id: subscription.id,
      object: 'subscription',
      application_fee_percent: null,
      billing_cycle_anchor: subscription.anchor,
      billing_thresholds: null,
      cancel_at: subscription.cancelAt,
      cancel_at_period_end: subscription.cancelAt !== null && subscription.endedAt === null,
      canceled_at: subscription.canceledAt,
      collection_method: 'charge_automatically',
      created: subscription.created,
      customer: customer.id,
      days_until_due: null,
      default_payment_method: null,
      default_source: null,
      default_tax_rates: rates,
      ended_at: subscription.endedAt,
      items: list(
        `/v1/subscription_items?subscription=${subscription.id}`,
        [itemShape(subscription, era, livemode)],
        era === 'old',
      ),
      latest_invoice: subscription.latestInvoiceId,
      livemode,
      metadata: {},
      next_pending_invoice_item_invoice: null,
      pause_collection:
        subscription.pause === null ? null : { behavior: subscription.pause, resumes_at: null },
      pending_invoice_item_interval: null,
      pending_setup_intent: null,
      pending_update: null,
      schedule: null,
      start_date: subscription.created,
      status: subscription.status,
      transfer_data: null,
      trial_end: subscription.trialEnd,
      trial_start: subscription.trialStart,
      ...(era === 'old'
        ? {
            current_period_end: subscription.periodEnd,
            current_period_start: subscription.periodStart,
            discount: null,
            plan: planShape(item.price, era, livemode),
            quantity: item.quantity,
            tax_percent: null,
          }
        : today(subscription)),
    };
  };

const today = (subscription: Subscription): Json => ({
  application: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor_config: null,
  billing_mode: { flexible: null, type: 'classic' },
  billing_schedules: [],
  cancellation_details: {
    comment: null,
    feedback: null,
    feedback_option: null,
    reason: subscription.canceledAt === null ? null : 'cancellation_requested',
  },
  currency: currencyCode(subscription.customer.currency),
  customer_account: null,
  description: null,
  discounts: [],
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: { type: 'self' },
  },
  managed_payments: { enabled: false },
  on_behalf_of: null,
  payment_settings: {
    payment_method_options: null,
    payment_method_types: null,
    save_default_payment_method: 'off',
  },
  test_clock: null,
  trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
});

const itemShape = (subscription: Subscription, era: ApiEra, livemode: boolean): Json => ({
  id: subscription.item.id,
  object: 'subscription_item',
  billing_thresholds: null,
  created: subscription.item.created,
  ...(era === 'old'
    ? {}
    : {
        current_period_end: subscription.periodEnd,
        current_period_start: subscription.periodStart,
        current_trial: null,
        discounts: [],
      }),
  metadata: {},
  plan: planShape(subscription.item.price, era, livemode),
  price: priceShape(subscription.item.price, livemode)(era),
  quantity: subscription.item.quantity,
  subscription: subscription.id,
  tax_rates: [],
});
