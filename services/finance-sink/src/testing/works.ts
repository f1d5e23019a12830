import { customerIdOf, documentIdOf, eventIdOfFact, events, factIdOf, money } from '@keelson/contracts';
import type {
  EventHead,
  EventType,
  FinanceWork,
  PublicAllocation,
  PublicBalanceMovement,
  PublicCreditNote,
  PublicCustomerCredit,
  PublicInvoice,
  PublicInvoiceLine,
  PublicPayment,
  PublicPayout,
  PublicRefund,
} from '@keelson/contracts';
import type { WorkItem } from '@keelson/sink';

const day = 86_400_000_000;
/** 2026-11-01T00:00:00Z in microseconds. */
export const november = Date.UTC(2026, 10, 1) * 1000;
export const after = (days: number): number => november + days * day;

export const usd = (minor: number | bigint) => money(BigInt(minor), 'USD');
export const id = (kind: string, name: string): string => documentIdOf(kind, `stripe:acct_1:${name}`);

/** A fact as finance gets it: `name` is the source's object, and the fact's id follows from it. */
export function work(
  type: EventType,
  name: string,
  body: object,
  head: Partial<EventHead> = {},
): FinanceWork {
  const factId = factIdOf({ system: 'stripe', account: 'acct_1', objectId: name, factKind: type });
  return {
    head: {
      event_id: eventIdOfFact(factId),
      type,
      legal_entity: 'main',
      customer_id: customerIdOf('stripe:acct_1:cus_1'),
      contract_id: null,
      occurred_at: november,
      received_at: november,
      accounting_date: november / day,
      fact_id: factId,
      revision: 0,
      corrects: null,
      retracts: null,
      source_refs: [
        {
          system: 'stripe',
          account: 'acct_1',
          object_type: 'object',
          object_id: name,
          event_id: null,
          api_version: null,
        },
      ],
      subject_version: 1,
      schema_version: 1,
      livemode: false,
      ...head,
    },
    position: 'ingress.stripe/0/1',
    source: 'stripe',
    rule: 'test',
    class: 'urgent',
    mode: 'live',
    body: { [`keelson.public.${events[type].noun}`]: body } as FinanceWork['body'],
    replay_id: null,
  };
}

export const item = (of: FinanceWork): WorkItem<FinanceWork> => ({
  work: of,
  key: of.head.customer_id,
  workPosition: 'sink.finance/0/1',
  attempts: 0,
});

export interface TestLine {
  readonly net: number;
  readonly tax?: number;
  /** Its service ends so many days after the invoice. */
  readonly forDays?: number;
}

/** An invoice with lines named `<name>-1` and on. */
export function invoice(name: string, lines: readonly TestLine[], currency = 'USD'): PublicInvoice {
  const amount = (minor: number) => money(BigInt(minor), currency);
  const net = lines.reduce((sum, line) => sum + line.net, 0);
  const tax = lines.reduce((sum, line) => sum + (line.tax ?? 0), 0);
  return {
    invoice_id: id('invoice', name),
    number: name,
    contract_id: null,
    status: 'open',
    billing_reason: null,
    finalized_at: november,
    due_at: null,
    voided_at: null,
    lines: lines.map((line, index): PublicInvoiceLine => ({
      line_id: `${name}-${index + 1}`,
      product_ref: 'prod_1',
      price_ref: 'price_1',
      quantity: '1',
      net: amount(line.net),
      taxes:
        line.tax === undefined
          ? []
          : [
              {
                amount: amount(line.tax),
                base: amount(line.net),
                rate: '20',
                jurisdiction: 'GB',
                inclusive: false,
                reason: 'standard_rated',
              },
            ],
      period_start: november,
      period_end: line.forDays === undefined ? null : after(line.forDays),
      proration: false,
    })),
    net: amount(net),
    tax: amount(tax),
    total: amount(net + tax),
    credit_applied: amount(0),
    amount_due: amount(net + tax),
    amount_paid: amount(0),
  };
}

export type Settlement = 'to_receivable' | 'to_refund' | 'to_customer_credit' | 'out_of_band';

/** Credits lines of an invoice; `line` counts from 1, and is left out for a line of the note's own. */
export function creditNote(
  name: string,
  invoiceName: string,
  lines: readonly (TestLine & { readonly line?: number })[],
  settledBy: Settlement,
  currency = 'USD',
): PublicCreditNote {
  const amount = (minor: number) => money(BigInt(minor), currency);
  const like = invoice(invoiceName, lines, currency);
  const nothing = {
    to_receivable: amount(0),
    to_refund: amount(0),
    to_customer_credit: amount(0),
    out_of_band: amount(0),
  };
  return {
    credit_note_id: id('credit_note', name),
    number: name,
    invoice_id: like.invoice_id,
    voided: false,
    issued_at: november,
    voided_at: null,
    lines: like.lines.map((line, index) => ({
      line_id: `${name}-${index + 1}`,
      invoice_line_id: lines[index]?.line === undefined ? null : `${invoiceName}-${lines[index].line}`,
      quantity: '1',
      net: line.net,
      taxes: line.taxes,
    })),
    net: like.net,
    tax: like.tax,
    total: like.total,
    ...nothing,
    [settledBy]: like.total,
    refund_id: null,
  };
}

export const payment = (name: string, minor: number, currency = 'USD'): PublicPayment => ({
  payment_id: id('payment', name),
  status: 'succeeded',
  amount: money(BigInt(minor), currency),
  invoice_id: null,
  payment_intent_ref: null,
  balance_transaction_ref: null,
  method_type: 'card',
  brand: 'visa',
  failure_code: null,
  settled_at: november,
});

export const allocation = (
  name: string,
  invoiceName: string,
  minor: number,
  source: PublicAllocation['source'],
  currency = 'USD',
): PublicAllocation => ({
  allocation_id: id('allocation', name),
  invoice_id: id('invoice', invoiceName),
  payment_id: null,
  payment_intent_ref: null,
  source,
  amount: money(BigInt(minor), currency),
});

export const customerCredit = (name: string, minor: number, change: Partial<PublicCustomerCredit> = {}) => ({
  movement_id: id('customer_credit', name),
  amount: usd(minor),
  invoice_id: id('invoice', 'in_1'),
  reason: 'applied_to_invoice',
  ...change,
});

export const refund = (
  name: string,
  minor: number,
  change: Partial<PublicRefund> = {},
  currency = 'USD',
): PublicRefund => ({
  refund_id: id('refund', name),
  payment_id: null,
  payment_intent_ref: null,
  status: 'succeeded',
  amount: money(BigInt(minor), currency),
  reason: null,
  failure_reason: null,
  balance_transaction_ref: null,
  ...change,
});

export const payout = (name: string, minor: number, currency = 'USD'): PublicPayout => ({
  payout_id: id('payout', name),
  status: 'paid',
  amount: money(BigInt(minor), currency),
  arrival_at: null,
  automatic: true,
  trace_id: null,
  failure_code: null,
  balance_transaction_ref: null,
});

export const movement = (
  name: string,
  category: string,
  amountMinor: number,
  feeMinor: number,
  change: Partial<PublicBalanceMovement> = {},
  currency = 'USD',
): PublicBalanceMovement => ({
  balance_transaction_ref: name,
  category,
  source_ref: null,
  amount: money(BigInt(amountMinor), currency),
  fee: money(BigInt(feeMinor), currency),
  net: money(BigInt(amountMinor - feeMinor), currency),
  exchange_rate: null,
  original_amount: null,
  available_at: null,
  ...change,
});
