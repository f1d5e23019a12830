import type { CustomerState } from '@keelson/contracts';
import type { LoadRecord } from '../client/load.ts';
import { externalIdOf } from './external-id.ts';

/** What this sink writes on a partner; everything else on it belongs to the people who work in Odoo. */
export interface PartnerValues {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly street: string;
  readonly street2: string;
  readonly city: string;
  readonly zip: string;
  readonly country: string;
  readonly vat: string;
  readonly isCompany: boolean;
  readonly active: boolean;
}

/** `ref` carries the canonical id: it is indexed, so that many partners are found in one call. */
export const partnerFields = [
  'id',
  'ref',
  'name',
  'email',
  'phone',
  'street',
  'street2',
  'city',
  'zip',
  'country_id/.id',
  'vat',
  'is_company',
] as const;

/** Fields of `search_read` that a comparison needs. */
export const partnerReadFields = [
  'ref',
  'name',
  'email',
  'phone',
  'street',
  'street2',
  'city',
  'zip',
  'country_id',
  'vat',
  'is_company',
  'active',
];

const vatTypes = /(^|_)(vat|gst|tin|rut|cuit|cnpj|abn)$/;

/** A customer as a partner. Without a name it is called by how its source names it: Odoo refuses one without. */
export function partnerValues(customer: CustomerState): PartnerValues {
  const address = customer.address;
  const alias = customer.aliases[0] ?? customer.customer_id;
  return {
    name: customer.legal_name?.trim() || customer.emails[0] || alias.slice(alias.lastIndexOf(':') + 1),
    email: customer.emails[0] ?? '',
    phone: customer.phone ?? '',
    street: address?.line1 ?? '',
    street2: address?.line2 ?? '',
    city: address?.city ?? '',
    zip: address?.postal_code ?? '',
    country: (customer.country ?? address?.country ?? '').toUpperCase(),
    vat: customer.tax_ids.find(({ type }) => vatTypes.test(type))?.value ?? '',
    isCompany: customer.is_company ?? customer.tax_ids.length > 0,
    active: !customer.deleted,
  };
}

/** A partner as `search_read` gives it. */
export interface PartnerRow {
  readonly id: number;
  readonly ref: string | false;
  readonly name: string | false;
  readonly email: string | false;
  readonly phone: string | false;
  readonly street: string | false;
  readonly street2: string | false;
  readonly city: string | false;
  readonly zip: string | false;
  readonly country_id: readonly [number, string] | false;
  readonly vat: string | false;
  readonly is_company: boolean;
  readonly active: boolean;
}

/** Whether Odoo has all of it already: then no call is made. */
export function partnerUnchanged(
  values: PartnerValues,
  row: PartnerRow,
  countryId: number | undefined,
): boolean {
  const same = (wanted: string, found: string | false): boolean => wanted === (found === false ? '' : found);
  return (
    same(values.name, row.name) &&
    same(values.email, row.email) &&
    same(values.phone, row.phone) &&
    same(values.street, row.street) &&
    same(values.street2, row.street2) &&
    same(values.city, row.city) &&
    same(values.zip, row.zip) &&
    same(values.vat, row.vat) &&
    (row.country_id === false ? undefined : row.country_id[0]) === countryId &&
    values.isCompany === row.is_company &&
    values.active === row.active
  );
}

/** The row for `load`; empty text clears a field. */
export function partnerRecord(
  module: string,
  customerId: string,
  values: PartnerValues,
  countryId: number | undefined,
): LoadRecord {
  const externalId = externalIdOf(module, 'customer', customerId);
  return {
    externalId,
    rows: [
      [
        externalId,
        customerId,
        values.name,
        values.email,
        values.phone,
        values.street,
        values.street2,
        values.city,
        values.zip,
        countryId === undefined ? '' : String(countryId),
        values.vat,
        values.isCompany ? '1' : '0',
      ],
    ],
  };
}
