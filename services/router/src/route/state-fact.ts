import { unwrap, uuidV5 } from '@keelson/contracts';
import type {
  CustomerState,
  EventType,
  Fact,
  FactContract,
  FactCustomer,
  FactEntitlementSet,
} from '@keelson/contracts';
import { knownContract } from './consequences.ts';
import { contractEvents } from './contract-events.ts';
import { changeContract, isEnded, tellContract } from './contract-state.ts';
import {
  changeCustomer,
  changedCustomerFields,
  customerStub,
  tellCustomer,
  tellTaxIds,
} from './customer-state.ts';
import { documentStub, tellDocument, tellStateDocument } from './documents.ts';
import { judge, versionOf } from './order.ts';
import { publish } from './publish.ts';
import type { EventOfFact, FactContext, Published } from './publish.ts';
import { rules } from './route-table.ts';
import {
  heldContract,
  heldCustomer,
  heldDocument,
  knownCustomer,
  setContract,
  setCustomer,
  setDocument,
} from './unit.ts';
import type { Unit } from './unit.ts';

/** What became of a telling of state. */
export type StateOutcome =
  | { readonly outcome: 'published'; readonly published: Published }
  | { readonly outcome: 'duplicate' | 'superseded' }
  | { readonly outcome: 'filtered'; readonly rule: string };

/** Moves a state on and publishes what changed; never back in time. */
export function publishState(unit: Unit, fact: Fact, type: EventType, context: FactContext): StateOutcome {
  const body = unwrap(fact.body);
  switch (body.noun) {
    case 'Customer':
      return customerTold(unit, fact, body.value, context);
    case 'Contract':
      return contractTold(unit, fact, body.value, context);
    case 'EntitlementSet':
      return entitlementsTold(unit, fact, body.value, context);
    default:
      return documentTold(unit, fact, type, body.value, context);
  }
}

const notNewer = { same: { outcome: 'duplicate' }, older: { outcome: 'superseded' } } as const;

const published = (
  unit: Unit,
  fact: Fact,
  context: FactContext,
  events: readonly EventOfFact[],
): StateOutcome => ({
  outcome: 'published',
  published: publish(unit, fact, context, events),
});

function customerTold(unit: Unit, fact: Fact, customer: FactCustomer, context: FactContext): StateOutcome {
  const held = heldCustomer(unit, fact.customer_id);
  // Who asked to be forgotten does not come back by a late telling.
  if (held !== undefined && held.erased_at !== null) return { outcome: 'filtered', rule: rules.erased };
  // Who is gone stays so by itself; what is told of the time before is judged by how new it is.
  const verdict = judge(
    held && { version: held.source_version, terminal: held.deleted && customer.deleted },
    versionOf(fact),
    customer.deleted,
  );
  if (verdict === 'same') return notNewer.same;

  const before = held ?? customerStub(fact);
  const after =
    verdict === 'newer' ? tellCustomer(before, fact, customer) : tellTaxIds(before, fact, customer);
  if (after === before) return notNewer.older;
  const changed_fields = changedCustomerFields(before, after);
  const isKnown = held !== undefined && (held.source_version !== null || held.deleted);
  if (isKnown && changed_fields.length === 0) return unchangedCustomer(unit, fact, context, after);
  const { version } = setCustomer(unit, after);
  const type = customerEvent(before, after);
  return published(unit, fact, context, [
    {
      eventId: eventIdOf(fact, type),
      type,
      subjectVersion: version,
      value: publicCustomer(after, changed_fields),
    },
  ]);
}

/** The public event tells the customer as it is now, whichever telling brought which field. */
const publicCustomer = (state: CustomerState, changed_fields: readonly string[]): FactCustomer => ({
  legal_name: state.legal_name,
  emails: state.emails,
  phone: state.phone,
  address: state.address,
  tax_ids: state.tax_ids,
  tax_ids_told: true,
  country: state.country,
  language: state.language,
  currency: state.currency,
  tax_exempt: state.tax_exempt,
  is_company: state.is_company,
  delinquent: state.delinquent,
  deleted: state.deleted,
  merged_into: state.merged_into,
  changed_fields,
});

/** Only how new it is has moved on: that must not be forgotten, but nobody else need hear of it. */
function unchangedCustomer(unit: Unit, fact: Fact, context: FactContext, after: CustomerState): StateOutcome {
  unit.customer = after;
  return published(unit, fact, context, []);
}

function customerEvent(before: CustomerState, after: CustomerState): EventType {
  if (after.deleted && !before.deleted) return 'customer.deleted';
  return after.merged_into !== before.merged_into ? 'customer.merged' : 'customer.upserted';
}

function contractTold(unit: Unit, fact: Fact, contract: FactContract, context: FactContext): StateOutcome {
  const held = heldContract(unit, contract.contract_id);
  const verdict = judge(
    held && { version: held.source_version, terminal: isEnded(held) },
    versionOf(fact),
    isEnded(contract),
  );
  if (verdict !== 'newer') return notNewer[verdict];

  const known = knownContract(unit, fact, contract.contract_id, contract.currency);
  const after = tellContract(known, fact, contract);
  const events = contractEvents(held === undefined || held.source_version === null ? undefined : held, after);
  if (events.length === 0) {
    unit.contracts.set(after.contract_id, after);
    return published(unit, fact, context, []);
  }
  const { version } = setContract(unit, after);
  return published(
    unit,
    fact,
    context,
    events.map(type => ({
      eventId: uuidV5('event', fact.event_id, type),
      type,
      subjectVersion: version,
      value: contract,
    })),
  );
}

/** A set names its contract, or holds for all of the customer's contracts that have none of their own. */
function entitlementsTold(
  unit: Unit,
  fact: Fact,
  set: FactEntitlementSet,
  context: FactContext,
): StateOutcome {
  const version = versionOf(fact);
  const { contract_id, entitlements } = set;
  const customer = knownCustomer(unit, fact);
  const held =
    contract_id === null
      ? customer.entitlements_version
      : (heldContract(unit, contract_id)?.entitlements_version ?? null);
  const verdict = judge({ version: held, terminal: false }, version, false);
  if (verdict !== 'newer') return notNewer[verdict];

  const type: EventType = 'contract.entitlement_changed';
  const event = (subjectVersion: number): EventOfFact[] => [
    { eventId: eventIdOf(fact, type), type, subjectVersion, value: set },
  ];
  if (contract_id !== null) {
    const contract = knownContract(unit, fact, contract_id, customer.currency ?? '');
    const changes = { entitlements, entitlements_version: version };
    const after = setContract(unit, changeContract(contract, fact.occurred_at, changes));
    return published(unit, fact, context, event(after.version));
  }
  const after = setCustomer(
    unit,
    changeCustomer(customer, fact.occurred_at, { entitlements, entitlements_version: version }),
  );
  for (const id of after.contract_ids) {
    const contract = heldContract(unit, id);
    if (contract?.entitlements_version === null)
      setContract(unit, changeContract(contract, fact.occurred_at, { entitlements }));
  }
  return published(unit, fact, context, event(after.version));
}

/** Catalogue and support cases: the document knows how new its last telling is, and nothing of its body. */
function documentTold(
  unit: Unit,
  fact: Fact,
  type: EventType,
  value: unknown,
  context: FactContext,
): StateOutcome {
  const documentId = fact.document_id ?? fact.event_id;
  const held = heldDocument(unit, documentId);
  const told = tellDocument(type, unwrap(fact.body));
  const version = versionOf(fact);
  const verdict = judge(
    held && { version: held.source_version, terminal: isClosed(held.status) },
    version,
    isClosed(told.status),
  );
  if (verdict !== 'newer') return notNewer[verdict];
  const stub = held ?? documentStub(documentId, told.kind, fact);
  const document = setDocument(unit, tellStateDocument(stub, fact, told, version));
  knownCustomer(unit, fact);
  return published(unit, fact, context, [
    { eventId: eventIdOf(fact, type), type, subjectVersion: document.version, value },
  ]);
}

const isClosed = (status: string): boolean => status === 'deleted';

const eventIdOf = (fact: Fact, type: EventType): string =>
  type === fact.type ? fact.event_id : uuidV5('event', fact.event_id, type);
