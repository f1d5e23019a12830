/**
 * What must stand in the ledger once these events of Stripe's have been told, worked out from their JSON and the posting
 * rules of a finance book alone: this folder imports nothing of ours. It knows no order and no repetition, because
 * the ledger may not depend on them.
 *
 * Only what webhooks carry is here. A fee is told by the balance transaction, which a webhook only names: the Stripe
 * stand-in has none of these, answers that it knows no such object, and no fee is posted.
 */
import { creditNoteBooks } from './credit-note.ts';
import type { Books } from './entry.ts';
import { merged, nothing } from './entry.ts';
import { deferredByLine, invoiceBooks, invoicePaymentBooks } from './invoice.ts';
import type { Json } from './json.ts';
import { object } from './json.ts';
import { chargeBooks, disputeBooks, payoutBooks, refundBooks } from './money.ts';

/** All that the events must leave behind: each entry and each fact without one, once, by name. */
export function booksOf(events: readonly Json[]): Books {
  const shown = events.map(event => ({
    type: String(event['type']),
    of: object(object(event, 'data'), 'object'),
  }));
  const invoices = shown.filter(({ of }) => of['object'] === 'invoice' && of['status'] !== 'draft');
  const deferred = new Map(invoices.flatMap(({ of }) => [...deferredByLine(of)]));
  const { entries, unposted } = merged(shown.map(({ type, of }) => booksOfObject(type, of, deferred)));
  return {
    entries: once(entries, ({ rule, kind, id }) => `${rule} ${kind} ${id}`),
    unposted: once(unposted, ({ type, id }) => `${type} ${id}`),
  };
}

function booksOfObject(event: string, of: Json, deferred: ReadonlyMap<string, bigint>): Books {
  switch (of['object']) {
    case 'invoice':
      return invoiceBooks(of);
    case 'invoice_payment':
      return invoicePaymentBooks(of);
    case 'credit_note':
      return creditNoteBooks(of, deferred);
    case 'charge':
      return chargeBooks(of);
    case 'refund':
      return refundBooks(of);
    case 'payout':
      return payoutBooks(of, event);
    case 'dispute':
      return disputeBooks(of, event);
    default:
      return nothing;
  }
}

/** A fact that is told twice is told alike, or these events are no story of one company. */
function once<T>(all: readonly T[], nameOf: (one: T) => string): readonly T[] {
  const held = new Map<string, T>();
  for (const one of all) {
    const name = nameOf(one);
    const before = held.get(name);
    if (before !== undefined && said(before) !== said(one)) throw new Error(`${name} is told in two ways`);
    held.set(name, one);
  }
  return [...held.keys()].sort().map(name => held.get(name) as T);
}

const said = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
