import { accountingDateOf, documentIdOf, eventIdOfFact, eventIdOfState, factIdOf } from '@keelson/contracts';
import type { EventType, Fact, SourceRef } from '@keelson/contracts';
import { contentHash } from '../content-hash.ts';
import type { MapContext, MappedFact } from '../mapping.ts';
import { accountAlias, stripeAlias, system } from './alias.ts';
import type { Fields } from './fields.ts';
import { requiredId, requiredText } from './fields.ts';

/** Raise it when a mapping changes what it yields: a difference under one version is a conflict. */
export const mappingVersion = 1;

/** One delivery that tells of one object: an event, or the answer to a fetch. */
export interface Telling {
  readonly source: string;
  readonly account: string;
  readonly alias: string;
  readonly context: MapContext;
  /** Null for what was fetched. */
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly apiVersion: string | null;
  /** When the state was like this, in microseconds: the event's creation, or when the fetch was answered. */
  readonly at: number;
  readonly livemode: boolean;
  /** Names of the object's fields that changed, where the event says. */
  readonly changed: readonly string[];
}

export const documentId = (telling: Telling, kind: string, id: string): string =>
  documentIdOf(kind, stripeAlias(telling.account, id));

/** Canonical id of a document that an object may or may not name. */
export const documentIdOrNull = (telling: Telling, kind: string, id: string | null): string | null =>
  id === null ? null : documentId(telling, kind, id);

interface Common {
  readonly type: EventType;
  readonly object: Fields;
  readonly body: Fact['body'];
  readonly documentId?: string | null;
  readonly contractId?: string | null;
}

export interface ImmutableFact extends Common {
  /** What the fact is about, where that is not the object that tells of it. */
  readonly factObjectId?: string;
  readonly subId?: string;
  /** Taken from the object wherever it says so, so that all tellings agree. */
  readonly occurredAt: number;
  /** What may not differ between two tellings. */
  readonly content: unknown;
}

/** A fact that happens once: its id says what happened to which object, whoever tells of it. */
export function immutableFact(telling: Telling, fact: ImmutableFact): MappedFact {
  const factId = factIdOf({
    system,
    account: telling.account,
    objectId: fact.factObjectId ?? requiredId(fact.object),
    factKind: fact.type.slice(fact.type.indexOf('.') + 1),
    ...(fact.subId === undefined ? {} : { subId: fact.subId }),
  });
  return {
    ...base(telling, fact, fact.occurredAt),
    event_id: eventIdOfFact(factId),
    kind: 'immutable',
    source_version: null,
    fact_id: factId,
    content_hash: contentHash(fact.content),
  };
}

export interface SnapshotFact extends Common {
  /** Place in the status lattice: decides between two tellings of one instant. */
  readonly rank: number;
}

/** The object's whole state as this delivery saw it. */
export function snapshotFact(telling: Telling, fact: SnapshotFact): MappedFact {
  const versionId = telling.eventId ?? `fetch:${telling.at}`;
  const objectId = requiredId(fact.object);
  return {
    ...base(telling, fact, telling.at),
    event_id: eventIdOfState(system, telling.account, versionId, fact.type, objectId),
    kind: 'snapshot',
    source_version: { at: telling.at, rank: fact.rank, id: versionId },
    fact_id: null,
    content_hash: null,
  };
}

type Base = Omit<MappedFact, 'event_id' | 'kind' | 'source_version' | 'fact_id' | 'content_hash'>;

function base(telling: Telling, fact: Common, occurredAt: number): Base {
  return {
    type: fact.type,
    source: telling.source,
    alias: telling.alias,
    house: telling.alias === accountAlias(telling.account),
    legal_entity: telling.context.legalEntity,
    contract_id: fact.contractId ?? null,
    document_id: fact.documentId ?? null,
    mapping_version: mappingVersion,
    occurred_at: occurredAt,
    accounting_date: accountingDateOf(occurredAt, telling.context.timeZone),
    livemode: telling.livemode,
    revision: 0,
    corrects: null,
    retracts: null,
    source_refs: [sourceRef(telling, fact.object)],
    body: fact.body,
  };
}

const sourceRef = (telling: Telling, object: Fields): SourceRef => ({
  system,
  account: telling.account,
  object_type: requiredText(object, 'object'),
  object_id: requiredId(object),
  event_id: telling.eventId,
  api_version: telling.apiVersion,
});
