import type { Price } from './catalogue.ts';
import type { Market } from './markets.ts';
import type { Currency, TaxRate } from './money.ts';

/** What is true in the world. Times are seconds (UTC), amounts minor units. The wire shapes are in `shapes/`. */

/** How a customer's webhooks are rendered: an old pinned version, or today's. */
export type ApiEra = 'old' | 'current';
export const API_VERSIONS: Record<ApiEra, string> = { old: '2020-03-02', current: '2026-09-30.endive' };

export type TaxMode = 'exclusive' | 'inclusive' | 'none' | 'reverse_charge';

export type TaxId = {
  id: string;
  created: number;
  type: 'eu_vat' | 'gb_vat';
  value: string;
  country: string;
};

export type Customer = {
  id: string;
  era: ApiEra;
  created: number;
  kind: 'company' | 'person';
  name: string;
  email: string;
  phone: string;
  street: string;
  market: Market;
  currency: Currency;
  taxMode: TaxMode;
  taxRate: TaxRate | null;
  taxId: TaxId | null;
  /** Below zero: the company owes the customer (credit). */
  balanceMinor: number;
  delinquent: boolean;
  invoicePrefix: string;
  nextInvoice: number;
  paymentMethod: PaymentMethod;
  deletedAt: number | null;
};

export type PaymentMethod = {
  id: string;
  created: number;
  brand: 'visa' | 'mastercard';
  last4: string;
  expYear: number;
};

export type SubscriptionStatus = 'incomplete' | 'trialing' | 'active' | 'past_due' | 'canceled';
export type SubscriptionItem = { id: string; created: number; price: Price; quantity: number };

export type Subscription = {
  id: string;
  customer: Customer;
  created: number;
  status: SubscriptionStatus;
  item: SubscriptionItem;
  anchor: number;
  periodStart: number;
  periodEnd: number;
  trialStart: number | null;
  trialEnd: number | null;
  cancelAt: number | null;
  canceledAt: number | null;
  endedAt: number | null;
  pause: 'keep_as_draft' | 'void' | null;
  latestInvoiceId: string | null;
};

export type InvoiceLine = {
  id: string;
  description: string;
  /** As listed: with the tax in it where prices include tax. */
  amountMinor: number;
  netMinor: number;
  taxMinor: number;
  quantity: number;
  price: Price;
  periodStart: number;
  periodEnd: number;
  /** Null: an item of its own, else the plan's regular line. */
  subscriptionItemId: string | null;
  invoiceItemId: string | null;
  proration: boolean;
};

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';
export type BillingReason = 'subscription_create' | 'subscription_cycle' | 'subscription_update' | 'manual';

export type Invoice = {
  id: string;
  customer: Customer;
  /** As printed on the document: a later move or rename does not change it. */
  billedTo: { name: string; email: string; street: string };
  subscription: Subscription | null;
  reason: BillingReason;
  created: number;
  number: string | null;
  status: InvoiceStatus;
  lines: InvoiceLine[];
  periodStart: number;
  periodEnd: number;
  dueAt: number | null;
  finalizedAt: number | null;
  paidAt: number | null;
  voidedAt: number | null;
  uncollectibleAt: number | null;
  nextAttemptAt: number | null;
  startingBalanceMinor: number;
  endingBalanceMinor: number | null;
  paidMinor: number;
  paidOutOfBand: boolean;
  prePaymentCreditMinor: number;
  postPaymentCreditMinor: number;
  attempts: number;
  paymentIntent: PaymentIntent | null;
  charge: Charge | null;
};

export type PaymentIntent = {
  id: string;
  customer: Customer;
  invoice: Invoice;
  created: number;
  amountMinor: number;
  status: 'requires_payment_method' | 'succeeded';
  latestCharge: Charge | null;
};

export type Charge = {
  id: string;
  customer: Customer;
  invoice: Invoice;
  paymentIntent: PaymentIntent;
  created: number;
  amountMinor: number;
  status: 'succeeded' | 'failed';
  balanceTransaction: BalanceTransaction | null;
  refunds: Refund[];
  refundedMinor: number;
  disputed: boolean;
  failureCode: 'card_declined' | 'insufficient_funds' | null;
};

/** The link of a payment to an invoice. Today's webhooks carry it; old ones imply it. */
export type InvoicePayment = {
  id: string;
  invoice: Invoice;
  created: number;
  amountMinor: number;
  by: { type: 'payment_intent'; paymentIntent: PaymentIntent } | { type: 'payment_record'; recordId: string };
};

export type BalanceType = 'charge' | 'refund' | 'refund_failure' | 'adjustment' | 'payout';
export type BalanceTransaction = {
  id: string;
  created: number;
  type: BalanceType;
  category: 'charge' | 'refund' | 'refund_failure' | 'dispute' | 'dispute_reversal' | 'payout';
  currency: Currency;
  amountMinor: number;
  feeMinor: number;
  sourceId: string;
  description: string;
  payoutId: string | null;
};

export type Refund = {
  id: string;
  charge: Charge;
  created: number;
  amountMinor: number;
  status: 'succeeded' | 'failed';
  balanceTransaction: BalanceTransaction;
  failureTransaction: BalanceTransaction | null;
};

export type CreditNoteLine = {
  id: string;
  /** Null: a line of its own (goodwill), not one of the invoice's. */
  invoiceLine: InvoiceLine | null;
  description: string;
  amountMinor: number;
  netMinor: number;
  taxMinor: number;
};

export type CreditNote = {
  id: string;
  invoice: Invoice;
  created: number;
  number: string;
  lines: CreditNoteLine[];
  totalMinor: number;
  prePaymentMinor: number;
  refund: Refund | null;
  /** The movement of the customer's credit. */
  credited: { id: string; endingBalanceMinor: number } | null;
};

export type DisputeStatus = 'needs_response' | 'won' | 'lost';
export type Dispute = {
  id: string;
  charge: Charge;
  created: number;
  amountMinor: number;
  status: DisputeStatus;
  reason: 'fraudulent' | 'product_not_received' | 'subscription_canceled';
  transactions: BalanceTransaction[];
};

export type Payout = {
  id: string;
  created: number;
  arrival: number;
  currency: Currency;
  amountMinor: number;
  status: 'in_transit' | 'paid';
  balanceTransaction: BalanceTransaction;
  members: BalanceTransaction[];
};

/** What a document adds up to. */
export type Totals = { subtotalMinor: number; netMinor: number; taxMinor: number; totalMinor: number };

export function totalsOf(
  lines: readonly { amountMinor: number; netMinor: number; taxMinor: number }[],
): Totals {
  const sum = (pick: (line: (typeof lines)[number]) => number): number =>
    lines.reduce((t, line) => t + pick(line), 0);
  const netMinor = sum(line => line.netMinor);
  const taxMinor = sum(line => line.taxMinor);
  return {
    subtotalMinor: sum(line => line.amountMinor),
    netMinor,
    taxMinor,
    totalMinor: netMinor + taxMinor,
  };
}

/** What the customer still has to pay after their credit, before any payment. Never below zero. */
export function dueOf(invoice: Invoice): number {
  const { totalMinor } = totalsOf(invoice.lines);
  const applied = (invoice.endingBalanceMinor ?? invoice.startingBalanceMinor) - invoice.startingBalanceMinor;
  return Math.max(0, totalMinor - Math.max(0, applied) - invoice.prePaymentCreditMinor);
}
