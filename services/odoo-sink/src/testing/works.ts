import type { CustomerState, FactInvoice, FactInvoiceLine, OdooWork, TaxLine } from '@keelson/contracts';
import { customerIdOf, daysOf, documentIdOf, money, uuidV5 } from '@keelson/contracts';

const november = Date.parse('2026-11-02T10:00:00Z') * 1000;

const customerAlias = (customer: number | string): string => `stripe:acct_1:cus_${customer}`;

export interface CustomerOptions {
  readonly customer: number;
  readonly version?: number;
  readonly customerId?: string;
  readonly state?: Partial<CustomerState>;
}

/** A customer in its `version`th state. */
export function customerState({ customer, version = 1, customerId, state }: CustomerOptions): CustomerState {
  return {
    customer_id: customerId ?? customerIdOf(customerAlias(customer)),
    version,
    legal_entity: 'main',
    livemode: false,
    aliases: [customerAlias(customer)],
    contract_ids: [],
    legal_name: `Customer ${customer} v${version}`,
    emails: [`c${customer}@example.com`],
    phone: null,
    address: {
      line1: '1 Main St',
      line2: null,
      city: 'Ghent',
      postal_code: '9000',
      state: null,
      country: 'BE',
    },
    tax_ids: [],
    tax_ids_version: null,
    country: 'BE',
    language: 'fr',
    currency: 'USD',
    tax_exempt: null,
    is_company: true,
    delinquent: false,
    disputes_open: 0,
    entitlements: [],
    entitlements_version: null,
    deleted: false,
    merged_into: null,
    erased_at: null,
    house: false,
    source_version: null,
    updated_at: november,
    ...state,
  };
}

function work(
  type: string,
  customer: CustomerState,
  subject: { readonly type: string; readonly id: string; readonly version: number },
  body: OdooWork['body'],
): OdooWork {
  return {
    head: {
      event_id: uuidV5('test', type, customer.customer_id, subject.id, String(subject.version)),
      type,
      legal_entity: 'main',
      customer_id: customer.customer_id,
      contract_id: null,
      occurred_at: november,
      received_at: november,
      accounting_date: daysOf('2026-11-02'),
      fact_id: null,
      revision: 0,
      corrects: null,
      retracts: null,
      source_refs: [
        {
          system: 'stripe',
          account: 'acct_1',
          object_type: subject.type,
          object_id: subject.id,
          event_id: null,
          api_version: null,
        },
      ],
      subject_version: subject.version,
      schema_version: 1,
      livemode: false,
    },
    position: 'ingress.stripe/0/1',
    source: 'stripe',
    rule: 'test',
    class: 'urgent',
    mode: 'live',
    body,
    customer,
    contracts: [],
    replay_id: null,
  };
}

export function customerWork(options: CustomerOptions, type = 'customer.upserted'): OdooWork {
  const state = customerState(options);
  const subject = { type: 'customer', id: `cus_${options.customer}`, version: state.version };
  return work(type, state, subject, null);
}

/** A line of `netMinor`, taxed `taxMinor` at `rate` percent; without a rate untaxed. */
export function line(
  index: number,
  netMinor: bigint,
  tax?: Partial<TaxLine> & { readonly minor: bigint },
  currency = 'USD',
): FactInvoiceLine {
  const { minor = 0n, ...given } = tax ?? {};
  return {
    line_id: `il_${index}`,
    description: `Plan ${index}`,
    product_ref: null,
    price_ref: null,
    quantity: '1',
    net: money(netMinor, currency),
    taxes:
      tax === undefined
        ? []
        : [
            {
              amount: money(minor, currency),
              base: money(netMinor, currency),
              rate: '20',
              jurisdiction: null,
              inclusive: false,
              reason: null,
              ...given,
            },
          ],
    period_start: null,
    period_end: null,
    proration: false,
  };
}

/** A finalised invoice that is the sum of its lines. */
export function invoiceOf(
  id: string,
  lines: readonly FactInvoiceLine[],
  change: Partial<FactInvoice> = {},
): FactInvoice {
  const currency = lines[0]?.net.currency ?? 'USD';
  const net = lines.reduce((sum, { net: { amount_minor } }) => sum + amount_minor, 0n);
  const tax = lines
    .flatMap(({ taxes }) => taxes)
    .reduce((sum, { amount: { amount_minor } }) => sum + amount_minor, 0n);
  return {
    invoice_id: documentIdOf('invoice', `stripe:acct_1:${id}`),
    number: `STR-${id}`,
    contract_id: null,
    status: 'open',
    billing_reason: null,
    finalized_at: november,
    due_at: null,
    voided_at: null,
    lines,
    net: money(net, currency),
    tax: money(tax, currency),
    total: money(net + tax, currency),
    credit_applied: money(0n, currency),
    amount_due: money(net + tax, currency),
    amount_paid: money(0n, currency),
    ...change,
  };
}

/** Two lines at 20 %: 10.00 + 7.50, tax 3.50. */
export const twoLines = [line(1, 1000n, { minor: 200n }), line(2, 750n, { minor: 150n })];

export interface InvoiceOptions extends CustomerOptions {
  readonly id?: string;
  readonly lines?: readonly FactInvoiceLine[];
  readonly change?: Partial<FactInvoice>;
}

export function invoiceWork({ id, lines = twoLines, change, ...options }: InvoiceOptions): OdooWork {
  const state = customerState(options);
  const objectId = id ?? `in_${options.customer}_${state.version}`;
  return work(
    'billing.invoice_finalized',
    state,
    { type: 'invoice', id: objectId, version: 1 },
    { 'keelson.fact.Invoice': invoiceOf(objectId, lines, change) },
  );
}
