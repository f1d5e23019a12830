import type { Json, Render } from '../company.ts';
import type { Customer, TaxId } from '../model.ts';
import { address, currencyCode, list } from './common.ts';

export const customerShape =
  (customer: Customer, livemode: boolean): Render =>
  era => ({
    id: customer.id,
    object: 'customer',
    address: customerAddress(customer),
    balance: customer.balanceMinor,
    created: customer.created,
    currency: currencyCode(customer.currency),
    ...(era === 'old' ? {} : { customer_account: null }),
    default_source: null,
    delinquent: customer.delinquent,
    description: null,
    discount: null,
    email: customer.email,
    invoice_prefix: customer.invoicePrefix,
    invoice_settings: {
      custom_fields: null,
      default_payment_method: customer.paymentMethod.id,
      footer: null,
      ...(era === 'old' ? {} : { rendering_options: null }),
    },
    livemode,
    metadata: {},
    name: customer.name,
    next_invoice_sequence: customer.nextInvoice,
    phone: customer.phone,
    preferred_locales: [customer.market.language],
    shipping: null,
    ...(era === 'old' ? oldLists(customer, livemode) : {}),
    tax_exempt: taxExempt(customer),
    test_clock: null,
  });

/** What the API answers for a customer who is gone. */
export const deletedCustomerShape =
  (customer: Customer): Render =>
  () => ({ id: customer.id, object: 'customer', deleted: true });

export const taxIdShape =
  (customer: Customer, taxId: TaxId, livemode: boolean): Render =>
  era => ({
    id: taxId.id,
    object: 'tax_id',
    country: taxId.country,
    created: taxId.created,
    customer: customer.id,
    ...(era === 'old' ? {} : { customer_account: null }),
    livemode,
    ...(era === 'old' ? {} : { owner: { customer: customer.id, customer_account: null, type: 'customer' } }),
    type: taxId.type,
    value: taxId.value,
    verification: { status: 'verified', verified_address: null, verified_name: null },
  });

export const paymentMethodShape =
  (customer: Customer, livemode: boolean): Render =>
  era => ({
    id: customer.paymentMethod.id,
    object: 'payment_method',
    ...(era === 'old' ? {} : { allow_redisplay: 'limited' }),
    billing_details: billingDetails(customer, era === 'old'),
    card: {
      brand: customer.paymentMethod.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: customer.market.country,
      ...(era === 'old' ? {} : { display_brand: customer.paymentMethod.brand }),
      exp_month: 4,
      exp_year: customer.paymentMethod.expYear,
      fingerprint: `fp${customer.paymentMethod.id.slice(-14)}`,
      funding: 'credit',
      generated_from: null,
      last4: customer.paymentMethod.last4,
      networks: { available: [customer.paymentMethod.brand], preferred: null },
      ...(era === 'old' ? {} : { regulated_status: 'unregulated' }),
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: customer.paymentMethod.created,
    customer: customer.id,
    ...(era === 'old' ? {} : { customer_account: null }),
    livemode,
    metadata: {},
    type: 'card',
  });

export const billingDetails = (customer: Customer, old: boolean): Json => ({
  address: {
    city: null,
    country: customer.market.country,
    line1: null,
    line2: null,
    postal_code: customer.market.postalCode,
    state: null,
  },
  email: customer.email,
  name: customer.name,
  phone: null,
  ...(old ? {} : { tax_id: null }),
});

export const customerAddress = (customer: Customer): Json => address(customer.street, customer.market);

export const taxExempt = (customer: Customer): 'none' | 'reverse' =>
  customer.taxMode === 'reverse_charge' ? 'reverse' : 'none';

const oldLists = (customer: Customer, livemode: boolean): Json => ({
  sources: list(`/v1/customers/${customer.id}/sources`, [], true),
  subscriptions: list(`/v1/customers/${customer.id}/subscriptions`, [], true),
  tax_ids: list(
    `/v1/customers/${customer.id}/tax_ids`,
    customer.taxId === null ? [] : [taxIdShape(customer, customer.taxId, livemode)('old')],
    true,
  ),
});
