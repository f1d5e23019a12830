import { conflict, negate, unwrap } from '@keelson/contracts';
import type { Document, EventType, Fact, FactBody, Money, PublishedFact } from '@keelson/contracts';
import { followDispute, followInvoice } from './consequences.ts';
import { creditInvoice, documentStub, tellDocument, tellFactDocument } from './documents.ts';
import { publish } from './publish.ts';
import type { FactContext, Published } from './publish.ts';
import { heldDocument, knownCustomer, setDocument } from './unit.ts';
import type { Unit } from './unit.ts';

/**
 * Publishes and routes an immutable fact, whenever it comes, once: its document remembers it. Returns undefined for one
 * that was published before. Throws `conflict` when the same fact comes with other content from the same mapping.
 */
export function publishImmutable(
  unit: Unit,
  fact: Fact,
  type: EventType,
  context: FactContext,
): Published | undefined {
  const body = unwrap(fact.body);
  const documentId = invoiceOf(body) ?? fact.document_id ?? factIdOf(fact);
  const held = heldDocument(unit, documentId);
  if (held !== undefined && wasPublished(held, fact)) return undefined;

  const told = tellDocument(type, body);
  const stub = held ?? documentStub(documentId, told.kind, fact);
  const document = setDocument(unit, {
    ...tellFactDocument(stub, fact, told),
    facts: [...stub.facts, publishedFact(fact)],
  });
  knownCustomer(unit, fact);
  switch (body.noun) {
    case 'Invoice':
    case 'Allocation':
      followInvoice(unit, fact, held, document);
      break;
    case 'CreditNote':
      if (type === 'billing.credit_note_issued')
        credit(unit, fact, body.value.invoice_id, body.value.to_receivable);
      if (type === 'billing.credit_note_voided')
        credit(unit, fact, body.value.invoice_id, negate(body.value.to_receivable));
      break;
    case 'Dispute':
      followDispute(unit, fact, held, document);
      break;
    default:
  }
  return publish(unit, fact, context, [
    { eventId: fact.event_id, type, subjectVersion: document.version, value: body.value },
  ]);
}

/** Allocations and customer credit are facts of their invoice. */
const invoiceOf = (body: FactBody): string | null =>
  body.noun === 'Allocation' || body.noun === 'CustomerCredit' ? body.value.invoice_id : null;

function credit(unit: Unit, fact: Fact, invoiceId: string, amount: Money): void {
  const held = heldDocument(unit, invoiceId);
  const stub = held ?? documentStub(invoiceId, 'invoice', fact);
  followInvoice(unit, fact, held, setDocument(unit, creditInvoice(stub, amount)));
}

const factIdOf = (fact: Fact): string => fact.fact_id ?? fact.event_id;

const publishedFact = (fact: Fact): PublishedFact => ({
  fact_id: factIdOf(fact),
  event_id: fact.event_id,
  type: fact.type,
  content_hash: fact.content_hash ?? '',
  mapping_version: fact.mapping_version,
  position: fact.position,
});

/** A correction is a fact of its own, known by its event's id; otherwise the fact's id decides, whatever told of it. */
function wasPublished(document: Document, fact: Fact): boolean {
  const factId = factIdOf(fact);
  const held =
    fact.revision > 0
      ? document.facts.find(each => each.event_id === fact.event_id)
      : document.facts.find(each => each.fact_id === factId);
  if (held === undefined) return false;
  if (held.content_hash !== (fact.content_hash ?? '') && held.mapping_version === fact.mapping_version) {
    throw conflict(
      'fact_conflict',
      `fact ${factId} was published with content ${held.content_hash} (${held.position}) and comes with ` +
        `${fact.content_hash ?? 'none'} (${fact.position}), both by mapping ${fact.mapping_version}`,
    );
  }
  return true;
}
