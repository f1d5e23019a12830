import { topics } from '@keelson/contracts';
import type { ContractState, CustomerState, Document, Fact } from '@keelson/contracts';
import type { OutputRecord, StateStore, StoreDefinition, TaskContext } from '@keelson/stream';
import { standingStore } from '../discards.ts';
import { customerStub } from './customer-state.ts';

export const routeStores = {
  customers: { topic: topics.customerState, record: 'keelson.state.CustomerState' },
  contracts: { topic: topics.contractState, record: 'keelson.state.ContractState' },
  documents: { topic: topics.documents, record: 'keelson.internal.Document' },
  parked: { topic: topics.parked('router'), record: 'keelson.internal.Parked' },
  standing: standingStore,
} as const satisfies Record<string, StoreDefinition>;

export interface RouteStores {
  readonly customers: StateStore<CustomerState>;
  readonly contracts: StateStore<ContractState>;
  readonly documents: StateStore<Document>;
}

/**
 * What one fact changes and says, collected while it is computed and applied as a whole: a fact that fails half-way has
 * changed nothing.
 */
export interface Unit {
  readonly stores: RouteStores;
  customer: CustomerState | undefined;
  readonly contracts: Map<string, ContractState>;
  readonly documents: Map<string, Document>;
  readonly outputs: OutputRecord[];
}

export const beginUnit = (stores: RouteStores): Unit => ({
  stores,
  customer: undefined,
  contracts: new Map(),
  documents: new Map(),
  outputs: [],
});

/** The fact's customer as this unit has it, or undefined when nobody has told of it. */
export const heldCustomer = (unit: Unit, customerId: string): CustomerState | undefined =>
  unit.customer ?? unit.stores.customers.get(customerId);

/** The fact's customer; one that nobody has told of becomes known by this fact, by its id alone. */
export const knownCustomer = (unit: Unit, fact: Fact): CustomerState =>
  heldCustomer(unit, fact.customer_id) ?? setCustomer(unit, customerStub(fact));

export const heldContract = (unit: Unit, contractId: string): ContractState | undefined =>
  unit.contracts.get(contractId) ?? unit.stores.contracts.get(contractId);

export const heldDocument = (unit: Unit, documentId: string): Document | undefined =>
  unit.documents.get(documentId) ?? unit.stores.documents.get(documentId);

/** Versions count up by one a unit, however often it changes the same thing. */
export function setCustomer(unit: Unit, customer: CustomerState): CustomerState {
  const version = (unit.stores.customers.get(customer.customer_id)?.version ?? 0) + 1;
  return (unit.customer = { ...customer, version });
}

export function setContract(unit: Unit, contract: ContractState): ContractState {
  const version = (unit.stores.contracts.get(contract.contract_id)?.version ?? 0) + 1;
  const next = { ...contract, version };
  unit.contracts.set(contract.contract_id, next);
  return next;
}

export function setDocument(unit: Unit, document: Document): Document {
  const version = (unit.stores.documents.get(document.document_id)?.version ?? 0) + 1;
  const next = { ...document, version };
  unit.documents.set(document.document_id, next);
  return next;
}

/** Writes what the unit has changed; states are their topics' records, with the headers of what caused them. */
export function applyUnit(
  unit: Unit,
  context: TaskContext,
  options: { readonly timestampMs: number; readonly headers?: Readonly<Record<string, string>> },
): void {
  const { stores, customer, contracts, documents, outputs } = unit;
  // First what cannot be taken back: should the event not fit its schema, nothing has happened.
  context.send(...outputs);
  if (customer !== undefined) stores.customers.put(customer.customer_id, customer, options);
  for (const [id, contract] of contracts) stores.contracts.put(id, contract, options);
  for (const [id, document] of documents) stores.documents.put(id, document, options);
}
