import {
  customerIdOf,
  documentIdOf,
  eventIdOfFact,
  eventIdOfState,
  factIdOf,
  houseCustomerIdOf,
  money,
} from '@keelson/contracts';
import type { Control, EventType, Fact, FactContract, FactCustomer, FactInvoice } from '@keelson/contracts';

export const account = 'acct_1';
export const alias = (id: string): string => `stripe:${account}:${id}`;
export const customerAlias = alias('cus_1');
export const customerId = customerIdOf(customerAlias);
export const houseId = houseCustomerIdOf('stripe', account);
export const contractId = documentIdOf('contract', alias('sub_1'));
export const invoiceId = documentIdOf('invoice', alias('in_1'));
export const day = 86_400e6;
export const t0 = Date.UTC(2026, 10, 1) * 1000;
export const usd = (cents: number) => money(BigInt(cents), 'USD');

type Body = Fact['body'];
let positions = 0;

const base = (type: EventType, body: Body, at: number, more: Partial<Fact>): Fact => ({
  event_id: '',
  kind: 'immutable',
  type,
  source: 'stripe',
  alias: customerAlias,
  customer_id: customerId,
  house: false,
  legal_entity: 'main',
  contract_id: null,
  document_id: null,
  position: `ingress.stripe/0/${positions++}`,
  origin: 'webhook',
  source_version: null,
  fact_id: null,
  content_hash: null,
  mapping_version: 1,
  occurred_at: at,
  received_at: at,
  accounting_date: Math.floor(at / day),
  livemode: true,
  revision: 0,
  corrects: null,
  retracts: null,
  source_refs: [
    { system: 'stripe', account, object_type: 'x', object_id: 'x_1', event_id: null, api_version: null },
  ],
  body,
  ...more,
});

/** An immutable fact about one document. */
export function immutable(
  type: EventType,
  documentId: string,
  body: Body,
  at = t0,
  more: Partial<Fact> = {},
): Fact {
  const fact_id = factIdOf({
    system: 'stripe',
    account,
    objectId: documentId,
    factKind: type,
    subId: String(at),
  });
  return base(type, body, at, {
    fact_id,
    event_id: eventIdOfFact(fact_id),
    document_id: documentId,
    content_hash: 'content-1',
    ...more,
  });
}

/** A telling of a state at an instant. */
export function snapshot(type: EventType, body: Body, at = t0, more: Partial<Fact> = {}): Fact {
  const id = `evt_${type}_${at}_${more.document_id ?? ''}`;
  return base(type, body, at, {
    kind: 'snapshot',
    event_id: eventIdOfState('stripe', account, id, type),
    source_version: { at, rank: 0, id },
    ...more,
  });
}

export const customerBody = (more: Partial<FactCustomer> = {}): Body => ({
  'keelson.fact.Customer': {
    legal_name: 'Ada',
    emails: ['ada@example.test'],
    phone: '+32 1',
    address: {
      line1: 'Street 1',
      line2: null,
      city: 'Gent',
      postal_code: '9000',
      state: null,
      country: 'BE',
    },
    tax_ids: [{ type: 'eu_vat', value: 'BE0123' }],
    tax_ids_told: true,
    country: 'BE',
    language: 'nl',
    currency: 'USD',
    tax_exempt: null,
    is_company: true,
    delinquent: false,
    deleted: false,
    merged_into: null,
    changed_fields: [],
    ...more,
  },
});

export const contractBody = (more: Partial<FactContract> = {}): Body => ({
  'keelson.fact.Contract': {
    contract_id: contractId,
    status: 'active',
    plan: 'Pro',
    items: [
      {
        item_id: 'si_1',
        price_ref: 'price_1',
        product_ref: 'prod_1',
        plan_name: 'Pro',
        quantity: '1',
        unit_amount: '10000',
        currency: 'USD',
        interval: 'month',
        interval_count: 1,
        period_start: t0,
        period_end: t0 + 30 * day,
      },
    ],
    currency: 'USD',
    started_at: t0,
    current_period_start: t0,
    current_period_end: t0 + 30 * day,
    trial_end: null,
    cancel_at: null,
    canceled_at: null,
    ended_at: null,
    collection_paused: false,
    service_paused: false,
    mrr: usd(10000),
    mrr_rule: 1,
    changed_fields: [],
    ...more,
  },
});

export const invoiceBody = (more: Partial<FactInvoice> = {}): Body => ({
  'keelson.fact.Invoice': {
    invoice_id: invoiceId,
    number: 'A-1',
    contract_id: contractId,
    status: 'open',
    billing_reason: null,
    finalized_at: t0,
    due_at: t0,
    voided_at: null,
    lines: [
      {
        line_id: 'il_1',
        description: 'Seat of Ada',
        product_ref: 'prod_1',
        price_ref: 'price_1',
        quantity: '1',
        net: usd(10000),
        taxes: [],
        period_start: null,
        period_end: null,
        proration: false,
      },
    ],
    net: usd(10000),
    tax: usd(0),
    total: usd(10000),
    credit_applied: usd(0),
    amount_due: usd(10000),
    amount_paid: usd(0),
    ...more,
  },
});

export const finalized = (at = t0, more: Partial<Fact> = {}): Fact =>
  immutable('billing.invoice_finalized', invoiceId, invoiceBody(), at, { contract_id: contractId, ...more });

export const allocated = (cents: number, at: number, id = 'ch_1'): Fact =>
  immutable(
    'payment.allocated',
    invoiceId,
    {
      'keelson.fact.Allocation': {
        allocation_id: documentIdOf('allocation', alias(`in_1:${id}`)),
        invoice_id: invoiceId,
        payment_id: documentIdOf('payment', alias(id)),
        payment_intent_ref: null,
        source: 'payment',
        amount: usd(cents),
      },
    },
    at,
  );

export const disputed = (type: EventType, at: number, id = 'dp_1'): Fact =>
  immutable(
    type,
    documentIdOf('dispute', alias(id)),
    {
      'keelson.fact.Dispute': {
        dispute_id: documentIdOf('dispute', alias(id)),
        payment_id: null,
        inquiry: false,
        status: 'needs_response',
        reason: null,
        amount: usd(10000),
        fee: null,
        evidence_due_at: null,
        balance_transaction_refs: [],
      },
    },
    at,
  );

export const command = (name: Control['command'], more: Partial<Control> = {}): Control => ({
  command_id: 'command-1',
  command: name,
  target: 'router',
  lane: null,
  entry: null,
  customer_id: null,
  actor: 'ops',
  reason: 'test',
  issued_at: t0,
  ...more,
});
