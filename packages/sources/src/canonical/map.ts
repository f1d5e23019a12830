import {
  accountingDateOf,
  aliasOf,
  events,
  eventIdOfFact,
  eventIdOfState,
  factIdOf,
  customerIdOf,
} from '@keelson/contracts';
import type { Fact, Ingress } from '@keelson/contracts';
import { contentHash } from '../content-hash.ts';
import type { Mapper, MapContext, MappedFact } from '../mapping.ts';
import { canonicalId, isAlias } from './ids.ts';
import { readEnvelope } from './envelope.ts';
import type { Envelope } from './envelope.ts';

export const canonicalMappingVersion = 1;

/** Events that speak our own words already: checked against the schema, ids made canonical, one fact each. */
export const mapCanonical: Mapper = (ingress, context) => {
  const envelope = readEnvelope(ingress.payload);
  return {
    outcome: 'facts',
    facts: [factOf(ingress, context, envelope)],
    claims: [],
    fetches: [],
    contentHash: contentHash({ type: envelope.type, data: envelope.data }),
    mappingVersion: canonicalMappingVersion,
  };
};

/** Which kind of thing each id field of a noun names. */
const kinds: Readonly<Record<string, string>> = {
  contract_id: 'contract',
  invoice_id: 'invoice',
  credit_note_id: 'credit_note',
  movement_id: 'customer_credit',
  payment_id: 'payment',
  allocation_id: 'allocation',
  refund_id: 'refund',
  dispute_id: 'dispute',
  payout_id: 'payout',
  product_id: 'product',
  price_id: 'price',
};

/** The field that names what a noun is about; a customer is its subject. */
const ownId: Readonly<Record<string, string>> = {
  Contract: 'contract_id',
  Invoice: 'invoice_id',
  CreditNote: 'credit_note_id',
  CustomerCredit: 'movement_id',
  Payment: 'payment_id',
  Allocation: 'allocation_id',
  Refund: 'refund_id',
  Dispute: 'dispute_id',
  Payout: 'payout_id',
  BalanceMovement: 'balance_transaction_ref',
  Product: 'product_id',
  Price: 'price_id',
  SupportCase: 'case_id',
};

/** Documents that facts are kept under; credit and allocations belong to their invoice. */
const documentField: Readonly<Record<string, string>> = {
  ...ownId,
  Contract: '',
  SupportCase: '',
  BalanceMovement: '',
  CustomerCredit: 'invoice_id',
  Allocation: 'invoice_id',
};

function factOf(ingress: Ingress, context: MapContext, envelope: Envelope): MappedFact {
  const system = context.source.kind;
  const { account } = ingress;
  const { noun } = events[envelope.type];
  const body = withCanonicalIds(system, account, envelope.noun);
  const own = envelope.noun[ownId[noun] ?? ''];
  const objectId = typeof own === 'string' ? own : envelope.subject;
  const document = body[documentField[noun] ?? ''];
  const contract = body['contract_id'];
  return {
    type: envelope.type,
    source: ingress.source,
    alias: ingress.alias,
    house: ingress.alias === aliasOf(system, account, account),
    legal_entity: context.legalEntity,
    contract_id: typeof contract === 'string' ? contract : null,
    document_id:
      noun === 'BalanceMovement'
        ? canonicalId(system, account, 'balance_movement', objectId)
        : typeof document === 'string'
          ? document
          : null,
    mapping_version: canonicalMappingVersion,
    occurred_at: envelope.timestamp,
    accounting_date: accountingDateOf(envelope.timestamp, context.timeZone),
    livemode: envelope.livemode,
    revision: 0,
    corrects: null,
    retracts: null,
    source_refs: [
      {
        system,
        account,
        object_type: noun,
        object_id: objectId,
        event_id: envelope.id,
        api_version: null,
      },
    ],
    body: { [`keelson.fact.${noun}`]: body } as unknown as Fact['body'],
    ...identityOf(system, account, envelope, objectId, body),
  };
}

type Identity = Pick<MappedFact, 'event_id' | 'kind' | 'source_version' | 'fact_id' | 'content_hash'>;

/** Money is told once for each object; everything else is a state, versioned by its time and the event's id. */
function identityOf(
  system: string,
  account: string,
  { id, type, timestamp }: Envelope,
  objectId: string,
  body: Readonly<Record<string, unknown>>,
): Identity {
  const [family = '', verb = ''] = type.split('.', 2);
  if (family !== 'billing' && family !== 'payment') {
    return {
      kind: 'snapshot',
      event_id: eventIdOfState(system, account, id, type, objectId),
      source_version: { at: timestamp, rank: 0, id },
      fact_id: null,
      content_hash: null,
    };
  }
  const factId = factIdOf({ system, account, objectId, factKind: verb });
  return {
    kind: 'immutable',
    event_id: eventIdOfFact(factId),
    source_version: null,
    fact_id: factId,
    content_hash: contentHash(body),
  };
}

const withCanonicalIds = (
  system: string,
  account: string,
  noun: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(noun).map(([field, value]) => {
      const kind = kinds[field];
      if (typeof value !== 'string') return [field, value];
      if (field === 'merged_into' && isAlias(value)) return [field, customerIdOf(value)];
      return [field, kind === undefined ? value : canonicalId(system, account, kind, value)];
    }),
  );
