import { customerIdOf } from '@keelson/contracts';
import type { CustomerState, Fact, FactCustomer } from '@keelson/contracts';
import { compareVersions, versionOf } from './order.ts';

/** A customer of whom nothing is known yet but that a fact names it. */
export function customerStub(fact: Fact): CustomerState {
  // Only the alias that minted the id is known to be the customer's own; a charge's alias is not.
  const own = customerIdOf(fact.alias) === fact.customer_id;
  return {
    customer_id: fact.customer_id,
    version: 0,
    legal_entity: fact.legal_entity,
    livemode: fact.livemode,
    aliases: own || fact.house ? [fact.alias] : [],
    contract_ids: [],
    legal_name: null,
    emails: [],
    phone: null,
    address: null,
    tax_ids: [],
    tax_ids_version: null,
    country: null,
    language: null,
    currency: null,
    tax_exempt: null,
    is_company: null,
    delinquent: false,
    disputes_open: 0,
    entitlements: [],
    entitlements_version: null,
    deleted: false,
    merged_into: null,
    erased_at: null,
    house: fact.house,
    source_version: null,
    updated_at: fact.occurred_at,
  };
}

/** A changed customer; `updated_at` is the latest instant that any fact brought. */
export const changeCustomer = (
  state: CustomerState,
  at: number,
  changes: Partial<CustomerState>,
): CustomerState => ({
  ...state,
  ...changes,
  updated_at: Math.max(state.updated_at, at),
});

/** state + fact → state, for a telling that is newer than what is held. A deleted customer keeps what is known of it. */
export function tellCustomer(state: CustomerState, fact: Fact, customer: FactCustomer): CustomerState {
  const told = {
    livemode: fact.livemode,
    aliases: state.aliases.includes(fact.alias) ? state.aliases : [...state.aliases, fact.alias],
    source_version: versionOf(fact),
  };
  // A fetch of one who is gone tells nothing but that: what was known last stays, and what is told of it later, though it
  // happened earlier, is still news. So it does not count as the newest telling.
  if (customer.deleted && customer.legal_name === null) {
    const { source_version } = state;
    const gone = changeCustomer(state, fact.occurred_at, { ...told, source_version, deleted: true });
    return tellTaxIds(gone, fact, customer);
  }
  // Its tax ids and its list of changed fields are not the state's as they stand.
  const { legal_name, emails, phone, address, country, language, currency } = customer;
  const { tax_exempt, is_company, delinquent, deleted, merged_into } = customer;
  const next = changeCustomer(state, fact.occurred_at, {
    ...told,
    legal_name,
    emails,
    phone,
    address,
    country,
    language,
    currency,
    tax_exempt,
    is_company,
    delinquent,
    // Who is gone stays so, whatever is told of the time before.
    deleted: deleted || state.deleted,
    merged_into: merged_into ?? state.merged_into,
  });
  return tellTaxIds(next, fact, customer);
}

/** Tax ids are not in every telling, so an older one may still be the newest that carries them. */
export function tellTaxIds(
  state: CustomerState,
  fact: Fact,
  { tax_ids, tax_ids_told }: FactCustomer,
): CustomerState {
  const version = versionOf(fact);
  const newer = state.tax_ids_version === null || compareVersions(version, state.tax_ids_version) > 0;
  return tax_ids_told && newer ? { ...state, tax_ids, tax_ids_version: version } : state;
}

const toldFields = [
  'legal_name',
  'emails',
  'phone',
  'address',
  'tax_ids',
  'country',
  'language',
  'currency',
  'tax_exempt',
  'is_company',
  'delinquent',
  'deleted',
  'merged_into',
] as const;

/** Names of the fields that differ. */
export const changedCustomerFields = (from: CustomerState, to: CustomerState): string[] =>
  toldFields.filter(field => !sameValue(from[field], to[field]));

/** Whether two plain values of a record are equal, all the way down. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameValue(item, b[index]))
    );
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(key => sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}
