import type { FactAddress, FactCustomer, FactTaxId } from '@keelson/contracts';
import type { Fields } from './fields.ts';
import {
  flag,
  isIncomplete,
  objects,
  optionalObject,
  optionalText,
  requiredId,
  requiredText,
} from './fields.ts';
import { snapshotFact } from './telling.ts';
import type { Telling } from './telling.ts';
import type { Yielded } from './yielded.ts';

/** customer.created and customer.updated tell a whole customer; customer.deleted, and a fetch of one who is gone, the end. */
export function mapCustomer(telling: Telling, customer: Fields): Yielded {
  const deleted = telling.eventType === 'customer.deleted' || flag(customer, 'deleted');
  const fact = snapshotFact(telling, {
    type: deleted ? 'customer.deleted' : 'customer.upserted',
    object: customer,
    rank: deleted ? 100 : telling.eventType === 'customer.created' ? 0 : 1,
    body: { 'keelson.fact.Customer': bodyOf(telling, customer, deleted) },
  });
  return { facts: [fact] };
}

/** A tax id changed: today's customer objects don't carry theirs, so the customer is fetched with them. */
export const mapTaxId = (_telling: Telling, taxId: Fields): Yielded => ({
  fetches: [{ objectType: 'customer', objectId: requiredId(taxId, 'customer'), reason: 'tax-id-changed' }],
});

function bodyOf(telling: Telling, customer: Fields, deleted: boolean): FactCustomer {
  const address = addressOf(optionalObject(customer, 'address'));
  const email = optionalText(customer, 'email');
  const taxIds = taxIdsOf(customer);
  return {
    legal_name: optionalText(customer, 'business_name') ?? optionalText(customer, 'name'),
    emails: email === null ? [] : [email],
    phone: optionalText(customer, 'phone'),
    address,
    tax_ids: taxIds ?? [],
    tax_ids_told: taxIds !== null,
    country: address?.country ?? shippingCountry(customer),
    language: languageOf(customer),
    currency: optionalText(customer, 'currency')?.toUpperCase() ?? null,
    tax_exempt: optionalText(customer, 'tax_exempt'),
    is_company: isCompany(customer, taxIds),
    delinquent: flag(customer, 'delinquent'),
    deleted,
    merged_into: null,
    changed_fields: changedFields(telling.changed),
  };
}

function addressOf(address: Fields | null): FactAddress | null {
  if (address === null) return null;
  const found = {
    line1: optionalText(address, 'line1'),
    line2: optionalText(address, 'line2'),
    city: optionalText(address, 'city'),
    postal_code: optionalText(address, 'postal_code'),
    state: optionalText(address, 'state'),
    country: optionalText(address, 'country'),
  };
  return Object.values(found).some(part => part !== null) ? found : null;
}

function shippingCountry(customer: Fields): string | null {
  const shipping = optionalObject(customer, 'shipping');
  const address = shipping === null ? null : optionalObject(shipping, 'address');
  return address === null ? null : optionalText(address, 'country');
}

/** Null where the object does not carry them: old versions do, today's only when asked for. */
function taxIdsOf(customer: Fields): readonly FactTaxId[] | null {
  if (customer['tax_ids'] === undefined || isIncomplete(customer, 'tax_ids')) return null;
  return objects(customer, 'tax_ids').map(taxId => ({
    type: requiredText(taxId, 'type'),
    value: requiredText(taxId, 'value'),
  }));
}

function languageOf(customer: Fields): string | null {
  const locales = customer['preferred_locales'];
  const first: unknown = Array.isArray(locales) ? locales[0] : null;
  return typeof first === 'string' ? first : null;
}

/** Only what the source says: a business name or a tax id makes a company, an individual's name a person. */
function isCompany(customer: Fields, taxIds: readonly FactTaxId[] | null): boolean | null {
  if (optionalText(customer, 'business_name') !== null || (taxIds?.length ?? 0) > 0) return true;
  return optionalText(customer, 'individual_name') !== null ? false : null;
}

const names = new Map([
  ['name', 'legal_name'],
  ['business_name', 'legal_name'],
  ['email', 'emails'],
  ['phone', 'phone'],
  ['address', 'address'],
  ['tax_ids', 'tax_ids'],
  ['preferred_locales', 'language'],
  ['currency', 'currency'],
  ['tax_exempt', 'tax_exempt'],
  ['delinquent', 'delinquent'],
]);

const changedFields = (changed: readonly string[]): readonly string[] => [
  ...new Set(changed.map(key => names.get(key)).filter(key => key !== undefined)),
];
