import { aliasOf, documentIdOf, events, headers as names, isoOfMicros, unwrap } from '@keelson/contracts';
import type { EventHead, EventType, Fact } from '@keelson/contracts';
import type { OutputRecord } from '@keelson/stream';

export interface EventName {
  readonly eventId: string;
  readonly type: EventType;
  /** Counts up per customer, contract or document. */
  readonly subjectVersion: number;
}

/** The head of an event that a fact yields. */
export const headOf = (fact: Fact, { eventId, type, subjectVersion }: EventName): EventHead => ({
  event_id: eventId,
  type,
  legal_entity: fact.legal_entity,
  customer_id: fact.customer_id,
  contract_id: fact.contract_id,
  occurred_at: fact.occurred_at,
  received_at: fact.received_at,
  accounting_date: fact.accounting_date,
  fact_id: fact.fact_id,
  revision: fact.revision,
  corrects: fact.corrects,
  retracts: fact.retracts,
  source_refs: fact.source_refs,
  subject_version: subjectVersion,
  schema_version: 1,
  livemode: fact.livemode,
});

/** The public event: the noun's own value, of which only public fields are written. `partition` is the customer's. */
export function publicEvent(
  head: EventHead,
  fact: Fact,
  value: unknown,
  partition: number,
  internal: Readonly<Record<string, string>>,
): OutputRecord {
  const { record, topic, field } = events[head.type as EventType];
  return {
    topic,
    key: topic === 'catalog.events' ? productIdOf(fact) : fact.customer_id,
    partition,
    record,
    value: { head, [field]: value },
    timestampMs: Math.floor(fact.received_at / 1000),
    headers: {
      ...internal,
      [names.ceId]: head.event_id,
      [names.ceType]: head.type,
      [names.ceSource]: sourceOf(fact),
      [names.ceTime]: isoOfMicros(head.occurred_at),
      [names.ceSpecVersion]: '1.0',
      [names.position]: fact.position,
    },
  } as unknown as OutputRecord;
}

function sourceOf({ source_refs: [ref], source }: Fact): string {
  return ref === undefined ? `/${source}` : `/${ref.system}/${encodeURIComponent(ref.account)}`;
}

/** A product and its prices share a key, so that their order holds. */
function productIdOf(fact: Fact): string {
  const body = unwrap(fact.body);
  if (body.noun === 'Product') return body.value.product_id;
  const [ref] = fact.source_refs;
  if (body.noun !== 'Price' || body.value.product_ref === null || ref === undefined)
    return fact.document_id ?? fact.customer_id;
  return documentIdOf('product', aliasOf(ref.system, ref.account, body.value.product_ref));
}
