import type { ExtraName, Price } from '../catalogue.ts';
import type { Scene } from '../company.ts';
import { emit, record, tick } from '../company.ts';
import type { FactLine } from '../facts.ts';
import type { BillingReason, Invoice, InvoiceLine } from '../model.ts';
import { dueOf, totalsOf } from '../model.ts';
import { roundMinor, splitTax } from '../money.ts';
import { invoiceShape } from '../shapes/invoice.ts';
import { addMonths, DAY_S } from '../time.ts';
import { priceOf } from './catalogue.ts';
import { setBalance } from './customer.ts';

export type LineWish = {
  description: string;
  price: Price;
  quantity: number;
  /** As listed; the list price times the quantity when not given. */
  amountMinor?: number;
  periodStart: number;
  periodEnd: number;
  /** A line of the plan itself, else an item of its own. */
  plan: boolean;
  proration?: boolean;
};

/** Writes the lines down, taxes worked out a line at a time, as the provider does. */
export function draft(
  scene: Scene,
  reason: BillingReason,
  wishes: readonly LineWish[],
  dueInDays: number | null,
): Invoice {
  const { company, customer, random, now } = scene;
  const subscription = reason === 'manual' ? null : scene.subscription;
  const invoice: Invoice = {
    id: `in_1${random.token(23)}`,
    customer,
    billedTo: { name: customer.name, email: customer.email, street: customer.street },
    subscription,
    reason,
    created: now,
    number: null,
    status: 'draft',
    lines: wishes.map(wish => lineOf(scene, wish)),
    periodStart: subscription?.periodStart ?? now,
    periodEnd: subscription?.periodEnd ?? now,
    dueAt: dueInDays === null ? null : now + dueInDays * DAY_S,
    finalizedAt: null,
    paidAt: null,
    voidedAt: null,
    uncollectibleAt: null,
    nextAttemptAt: null,
    startingBalanceMinor: customer.balanceMinor,
    endingBalanceMinor: null,
    paidMinor: 0,
    paidOutOfBand: false,
    prePaymentCreditMinor: 0,
    postPaymentCreditMinor: 0,
    attempts: 0,
    paymentIntent: null,
    charge: null,
  };
  company.invoices.push(invoice);
  if (subscription !== null) subscription.latestInvoiceId = invoice.id;
  emit(scene, 'invoice.created', invoiceShape(invoice, company.livemode));
  return invoice;
}

/** From here on it is a document: number, date and lines stay. The customer's credit is used up first. */
export function finalize(scene: Scene, invoice: Invoice): void {
  const { customer, company } = scene;
  const { totalMinor } = totalsOf(invoice.lines);
  const currency = customer.currency;
  invoice.status = 'open';
  invoice.number = `${customer.invoicePrefix}-${String(customer.nextInvoice).padStart(4, '0')}`;
  customer.nextInvoice += 1;
  invoice.finalizedAt = scene.now;
  invoice.startingBalanceMinor = customer.balanceMinor;
  const moved = totalMinor < 0 ? totalMinor : Math.min(totalMinor, Math.max(0, -customer.balanceMinor));
  invoice.endingBalanceMinor = roundMinor(currency, customer.balanceMinor + moved);
  record(scene, { kind: 'invoice_finalized', invoiceId: invoice.id, lines: factLines(invoice) });
  if (moved > 0) record(scene, { kind: 'credit_applied', invoiceId: invoice.id, amountMinor: moved });
  if (moved < 0) record(scene, { kind: 'credit_granted', invoiceId: invoice.id, amountMinor: -moved });
  emit(scene, 'invoice.finalized', invoiceShape(invoice, company.livemode));
  if (moved !== 0) setBalance(scene, invoice.endingBalanceMinor);
}

/** Nothing is left to pay (free, covered by credit, or below zero): it is paid at once, without a payment. */
export function settleIfNothingIsDue(scene: Scene, invoice: Invoice): boolean {
  if (dueOf(invoice) > 0) return false;
  invoice.status = 'paid';
  invoice.paidAt = scene.now;
  invoice.attempts = 1;
  emit(scene, 'invoice.paid', invoiceShape(invoice, scene.company.livemode));
  emit(scene, 'invoice.payment_succeeded', invoiceShape(invoice, scene.company.livemode));
  tick(scene);
  return true;
}

/** One of the two things sold beside the plans; the support runs for a year from now, the workshop is over. */
export function extraLine(scene: Scene, name: ExtraName): LineWish {
  const price = priceOf(scene.company, name, scene.customer.currency, null);
  const ahead = name === 'Premium support (12 months)';
  const periodEnd = ahead ? addMonths(scene.now, 12) : scene.now;
  return { description: name, price, quantity: 1, periodStart: scene.now, periodEnd, plan: false };
}

export const factLines = (invoice: Invoice): FactLine[] =>
  invoice.lines.map(line => ({
    netMinor: line.netMinor,
    taxMinor: line.taxMinor,
    servicePeriodEnd: line.periodEnd,
  }));

function lineOf(scene: Scene, wish: LineWish): InvoiceLine {
  const { customer, random, subscription } = scene;
  const amountMinor = wish.amountMinor ?? wish.price.unitAmountMinor * wish.quantity;
  return {
    id: `il_1${random.token(23)}`,
    description: wish.description,
    amountMinor,
    ...splitTax(customer.currency, amountMinor, customer.taxRate),
    quantity: wish.quantity,
    price: wish.price,
    periodStart: wish.periodStart,
    periodEnd: wish.periodEnd,
    subscriptionItemId: wish.plan || wish.proration === true ? (subscription?.item.id ?? null) : null,
    invoiceItemId: wish.plan ? null : `ii_1${random.token(23)}`,
    proration: wish.proration ?? false,
  };
}
