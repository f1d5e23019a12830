import type { Document, DocumentLink, Fact, FactBody, Money, SourceVersion } from '@keelson/contracts';

/** What one fact tells of the document that it belongs to. */
export interface Told {
  readonly kind: string;
  readonly status: string;
  readonly total: Money | null;
  readonly paid: Money | null;
  readonly dueAt: number | null;
  readonly links: readonly DocumentLink[];
  /** It does not move the document's own time. */
  readonly silent: boolean;
}

/**
 * Statuses of documents from facts that come in any order: the later one in this list stays. `paid` is not told, it
 * follows from the amounts.
 */
const ranks = [
  'unknown',
  'pending',
  'open',
  'settled',
  'succeeded',
  'failed',
  'uncollectible',
  'closed',
  'canceled',
  'void',
];
const rankOf = (status: string): number => ranks.indexOf(status);

const link = (kind: string, id: string | null): DocumentLink[] =>
  id === null ? [] : [{ kind, document_id: id }];

const nothing = { total: null, paid: null, dueAt: null, links: [], silent: false } as const;

/** The document's side of a fact; pure. */
export function tellDocument(type: string, body: FactBody): Told {
  switch (body.noun) {
    case 'Invoice': {
      const { value } = body;
      const status =
        type === 'billing.invoice_voided'
          ? 'void'
          : type === 'billing.invoice_uncollectible'
            ? 'uncollectible'
            : 'open';
      // Only the finalised invoice's amounts are the document's; later tellings carry the same and would count twice.
      const amounts =
        type === 'billing.invoice_finalized' ? { total: value.total, paid: value.credit_applied } : {};
      return { ...nothing, kind: 'invoice', status, dueAt: value.due_at, ...amounts };
    }
    case 'CreditNote': {
      const { total, invoice_id } = body.value;
      const status = type === 'billing.credit_note_voided' ? 'void' : 'open';
      return { ...nothing, kind: 'credit_note', status, total, links: link('invoice', invoice_id) };
    }
    case 'Payment': {
      const { amount, invoice_id, status } = body.value;
      return { ...nothing, kind: 'payment', status, total: amount, links: link('invoice', invoice_id) };
    }
    case 'Allocation': {
      // A fact of its invoice: it says nothing of the status, which follows from the amounts.
      const { amount, payment_id } = body.value;
      return {
        ...nothing,
        kind: 'invoice',
        status: 'unknown',
        paid: amount,
        links: link('payment', payment_id),
      };
    }
    case 'Refund': {
      const { amount, payment_id, status } = body.value;
      return { ...nothing, kind: 'refund', status, total: amount, links: link('payment', payment_id) };
    }
    case 'Dispute': {
      const { amount, payment_id } = body.value;
      const status = type === 'payment.dispute_closed' ? 'closed' : 'open';
      return { ...nothing, kind: 'dispute', status, total: amount, links: link('payment', payment_id) };
    }
    case 'Payout': {
      const status = type === 'payment.payout_failed' ? 'failed' : 'settled';
      return { ...nothing, kind: 'payout', status, total: body.value.amount };
    }
    case 'CustomerCredit': {
      const { amount, invoice_id } = body.value;
      // The invoice's own amounts tell what of it was credited: this would count it twice.
      if (invoice_id !== null) return { ...nothing, kind: 'invoice', status: 'unknown', silent: true };
      return { ...nothing, kind: 'customer_credit', status: 'settled', total: amount };
    }
    case 'BalanceMovement':
      return { ...nothing, kind: 'balance_movement', status: 'settled', total: body.value.net };
    case 'Product':
    case 'Price':
      return {
        ...nothing,
        kind: body.noun.toLowerCase(),
        status: body.value.deleted ? 'deleted' : 'current',
      };
    case 'SupportCase':
      return { ...nothing, kind: 'support_case', status: body.value.status };
    case 'EntitlementSet':
      return { ...nothing, kind: 'entitlement_set', status: 'current' };
    case 'Customer':
    case 'Contract':
      return { ...nothing, kind: body.noun.toLowerCase(), status: 'unknown' };
  }
}

/** A document of which no fact of its own has come yet; `updated_at` is the latest instant of those. */
export const documentStub = (documentId: string, kind: string, fact: Fact): Document => ({
  document_id: documentId,
  kind,
  customer_id: fact.customer_id,
  contract_id: null,
  version: 0,
  status: 'unknown',
  total: null,
  paid: null,
  due_at: null,
  links: [],
  facts: [],
  source_version: null,
  updated_at: 0,
});

/** document + fact → document. The same facts give the same document in any order, but for its version. */
export function tellFactDocument(document: Document, fact: Fact, told: Told): Document {
  return withPaidStatus({
    ...document,
    kind: told.kind,
    contract_id: fact.contract_id ?? document.contract_id,
    status: laterStatus(document.status, told.status),
    total: told.total ?? document.total,
    paid: addPaid(document.paid, told.paid),
    due_at: told.dueAt ?? document.due_at,
    links: mergeLinks(document.links, told.links),
    updated_at: told.silent ? document.updated_at : Math.max(document.updated_at, fact.occurred_at),
  });
}

/** state document + fact → document, for a telling that is newer than what is held. */
export const tellStateDocument = (
  document: Document,
  fact: Fact,
  told: Told,
  version: SourceVersion,
): Document => ({
  ...document,
  kind: told.kind,
  contract_id: fact.contract_id ?? document.contract_id,
  status: told.status,
  source_version: version,
  updated_at: Math.max(document.updated_at, fact.occurred_at),
});

/** Something else was used for this invoice, a credit note; a negative amount takes it back. No fact of the invoice's own. */
export const creditInvoice = (document: Document, amount: Money): Document =>
  withPaidStatus({ ...document, paid: addPaid(document.paid, amount) });

/** What is still to be paid, or null while the total isn't known. */
export function openAmount({ kind, status, total, paid }: Document): Money | null {
  if (kind !== 'invoice' || total === null) return null;
  const rest = status === 'open' ? total.amount_minor - (paid?.amount_minor ?? 0n) : 0n;
  return { ...total, amount_minor: rest > 0n ? rest : 0n };
}

function laterStatus(held: string, told: string): string {
  return rankOf(told) >= rankOf(held === 'paid' ? 'open' : held) ? told : held;
}

function withPaidStatus(document: Document): Document {
  const { kind, status, total, paid } = document;
  if (kind !== 'invoice' || total === null || (status !== 'open' && status !== 'uncollectible'))
    return document;
  return (paid?.amount_minor ?? 0n) >= total.amount_minor ? { ...document, status: 'paid' } : document;
}

/** Amounts of another currency are left out: they say nothing of what is open in this one. */
function addPaid(held: Money | null, more: Money | null): Money | null {
  if (held === null || more === null) return held ?? more;
  return held.currency === more.currency
    ? { ...held, amount_minor: held.amount_minor + more.amount_minor }
    : held;
}

function mergeLinks(held: readonly DocumentLink[], told: readonly DocumentLink[]): readonly DocumentLink[] {
  const fresh = told.filter(({ document_id }) => !held.some(each => each.document_id === document_id));
  return fresh.length === 0 ? held : [...held, ...fresh];
}
