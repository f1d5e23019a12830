import { add, negate, subtract, sum, zero } from '@keelson/contracts';
import type { FactInvoice, FactInvoiceLine, FactInvoiceStatus, Money } from '@keelson/contracts';
import type { MappedFact } from '../mapping.ts';
import { allocationsOfInvoice } from './allocation.ts';
import { currencyCode, optionalMoney, requiredMoney } from './currency.ts';
import type { Fields } from './fields.ts';
import {
  idOf,
  isIncomplete,
  objects,
  optionalInstant,
  optionalObject,
  optionalText,
  requiredId,
} from './fields.ts';
import { invoiceLine } from './invoice-line.ts';
import { restOf } from './lines.ts';
import { knownRates, saidTaxes, taxSum } from './taxes.ts';
import { documentId, documentIdOrNull, immutableFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { claimOf, filtered, wholeFetch } from './yielded.ts';
import type { Yielded } from './yielded.ts';

const issued = new Set(['open', 'paid', 'void', 'uncollectible']);

/**
 * Any telling of an issued invoice carries the immutable facts that its state implies, the issuing first: `invoice.paid`
 * without `invoice.finalized` loses nothing. Facts do not depend on which event told them.
 */
export function mapInvoice(telling: Telling, invoice: Fields): Yielded {
  const status = optionalText(invoice, 'status');
  if (status === null || !issued.has(status)) return filtered('draft-invoice');
  const id = requiredId(invoice);
  const claims = [claimOf(telling, id, 'invoice-names-customer')];
  if (isIncomplete(invoice, 'lines')) {
    return { claims, fetches: wholeFetch(telling, 'invoice', id, 'more-lines') };
  }
  const body = bodyOf(telling, invoice);
  const facts = [
    finalized(telling, invoice, body),
    ...creditChanged(telling, invoice, body),
    ...overdue(telling, invoice, body),
    ...uncollectible(telling, invoice, body),
    ...voided(telling, invoice, body),
    ...creditReturned(telling, invoice, body),
    ...allocationsOfInvoice(telling, invoice),
  ];
  return { facts, claims };
}

function bodyOf(telling: Telling, invoice: Fields): FactInvoice {
  const id = requiredId(invoice);
  const currency = currencyCode(invoice);
  const sources = objects(invoice, 'lines');
  const rates = knownRates(invoice, sources);
  const said = sources.map(line => invoiceLine(invoice, line, rates));
  const total = requiredMoney(invoice, 'total');
  const rest = restOf(invoice, said, total, totalTaxOf(invoice));
  const lines = rest === null ? said : [...said, restLine(id, rest)];
  const tax = lines.reduce((all, line) => add(all, taxSum(invoice, line.taxes)), zero(currency));
  const creditApplied = creditAppliedTo(invoice);
  const due = subtract(total, creditApplied);
  return {
    invoice_id: documentId(telling, 'invoice', id),
    number: optionalText(invoice, 'number'),
    contract_id: documentIdOrNull(telling, 'contract', subscriptionOf(invoice)),
    status: 'open',
    billing_reason: optionalText(invoice, 'billing_reason'),
    finalized_at: finalizedAt(invoice),
    due_at: optionalInstant(invoice, 'due_date'),
    voided_at: null,
    lines,
    net: sum(
      currency,
      lines.map(line => line.net),
    ),
    tax,
    total,
    credit_applied: creditApplied,
    amount_due: due.amount_minor < 0n ? zero(currency) : due,
    amount_paid: zero(currency),
  };
}

/** The tax of the whole document, where it says one; else the lines' is all there is. */
function totalTaxOf(invoice: Fields): Money | null {
  const old = optionalMoney(invoice, 'tax');
  if (old !== null) return old;
  const taxes = saidTaxes(invoice, invoice);
  if (taxes.length > 0) return taxes.reduce((all, tax) => add(all, tax.amount), zero(currencyCode(invoice)));
  const without = optionalMoney(invoice, 'total_excluding_tax');
  return without === null ? null : subtract(requiredMoney(invoice, 'total'), without);
}

const restLine = (id: string, rest: Pick<FactInvoiceLine, 'net' | 'taxes'>): FactInvoiceLine => ({
  line_id: `${id}:rest`,
  description: null,
  product_ref: null,
  price_ref: null,
  quantity: '1',
  period_start: null,
  period_end: null,
  proration: false,
  ...rest,
});

/** Stripe's customer balance is below zero when the customer has credit: what it rose by was used up. */
function creditAppliedTo(invoice: Fields): Money {
  const before = optionalMoney(invoice, 'starting_balance');
  const after = optionalMoney(invoice, 'ending_balance');
  return before === null || after === null ? zero(currencyCode(invoice)) : subtract(after, before);
}

/** `subscription` before, `parent.subscription_details` today. */
function subscriptionOf(invoice: Fields): string | null {
  const parent = optionalObject(invoice, 'parent');
  const details = parent === null ? null : optionalObject(parent, 'subscription_details');
  return idOf(invoice['subscription']) ?? idOf(details?.['subscription']);
}

function transitionAt(invoice: Fields, key: string): number | null {
  const transitions = optionalObject(invoice, 'status_transitions');
  return transitions === null ? null : optionalInstant(transitions, key);
}

const finalizedAt = (invoice: Fields): number | null =>
  transitionAt(invoice, 'finalized_at') ??
  optionalInstant(invoice, 'effective_at') ??
  optionalInstant(invoice, 'created');

/** What no later telling of an issued invoice may change. */
const contentOf = (body: FactInvoice): unknown => ({
  invoice: body.invoice_id,
  number: body.number,
  currency: body.total.currency,
  total: body.total.amount_minor,
  tax: body.tax.amount_minor,
  credit: body.credit_applied.amount_minor,
  lines: body.lines
    .map(line => [line.line_id, line.net.amount_minor, line.period_start, line.period_end].join(' '))
    .sort(),
});

function invoiceFact(
  telling: Telling,
  invoice: Fields,
  type: 'invoice_finalized' | 'invoice_voided' | 'invoice_uncollectible' | 'invoice_overdue',
  occurredAt: number,
  body: FactInvoice,
): MappedFact {
  return immutableFact(telling, {
    type: `billing.${type}`,
    object: invoice,
    occurredAt,
    documentId: body.invoice_id,
    contractId: body.contract_id,
    content: contentOf(body),
    body: { 'keelson.fact.Invoice': body },
  });
}

const finalized = (telling: Telling, invoice: Fields, body: FactInvoice): MappedFact =>
  invoiceFact(telling, invoice, 'invoice_finalized', body.finalized_at ?? telling.at, body);

/** When the invoice ended like this; null where it did not. */
function endedAt(telling: Telling, invoice: Fields, status: 'void' | 'uncollectible'): number | null {
  const at = transitionAt(invoice, status === 'void' ? 'voided_at' : 'marked_uncollectible_at');
  return at ?? (invoice['status'] === status ? telling.at : null);
}

function ended(
  telling: Telling,
  invoice: Fields,
  body: FactInvoice,
  status: FactInvoiceStatus & ('void' | 'uncollectible'),
): MappedFact[] {
  const occurredAt = endedAt(telling, invoice, status);
  if (occurredAt === null) return [];
  const type = status === 'void' ? 'invoice_voided' : 'invoice_uncollectible';
  const voidedAt = status === 'void' ? occurredAt : null;
  return [invoiceFact(telling, invoice, type, occurredAt, { ...body, status, voided_at: voidedAt })];
}

const voided = (telling: Telling, invoice: Fields, body: FactInvoice): MappedFact[] =>
  ended(telling, invoice, body, 'void');

const uncollectible = (telling: Telling, invoice: Fields, body: FactInvoice): MappedFact[] =>
  ended(telling, invoice, body, 'uncollectible');

function overdue(telling: Telling, invoice: Fields, body: FactInvoice): MappedFact[] {
  if (telling.eventType !== 'invoice.overdue') return [];
  return [invoiceFact(telling, invoice, 'invoice_overdue', body.due_at ?? telling.at, body)];
}

/** The customer's credit with us: smaller by what the invoice used, greater by what a negative invoice gave. */
function creditChanged(telling: Telling, invoice: Fields, body: FactInvoice): MappedFact[] {
  const amount = negate(body.credit_applied);
  if (amount.amount_minor === 0n) return [];
  const reason = amount.amount_minor < 0n ? 'applied_to_invoice' : 'credited_by_invoice';
  return [creditFact(telling, invoice, body, { amount, reason, at: body.finalized_at ?? telling.at })];
}

/** Stripe gives back with the void what the invoice had used. */
function creditReturned(telling: Telling, invoice: Fields, body: FactInvoice): MappedFact[] {
  const amount = body.credit_applied;
  const at = endedAt(telling, invoice, 'void');
  if (at === null || amount.amount_minor === 0n) return [];
  return [creditFact(telling, invoice, body, { amount, reason: 'returned_by_void', at, subId: 'voided' })];
}

interface CreditMovement {
  readonly amount: Money;
  readonly reason: string;
  readonly at: number;
  readonly subId?: string;
}

function creditFact(
  telling: Telling,
  invoice: Fields,
  body: FactInvoice,
  { amount, reason, at, subId }: CreditMovement,
): MappedFact {
  const movement = [requiredId(invoice), ...(subId === undefined ? [] : [subId])].join(':');
  return immutableFact(telling, {
    type: 'billing.customer_credit_changed',
    object: invoice,
    ...(subId === undefined ? {} : { subId }),
    occurredAt: at,
    documentId: body.invoice_id,
    contractId: body.contract_id,
    content: { invoice: body.invoice_id, currency: amount.currency, amount: amount.amount_minor },
    body: {
      'keelson.fact.CustomerCredit': {
        movement_id: documentId(telling, 'customer_credit', movement),
        amount,
        invoice_id: body.invoice_id,
        reason,
      },
    },
  });
}
