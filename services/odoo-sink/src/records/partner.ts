import type { CustomerState } from '@keelson/contracts';
import type { LoadRecord } from '../client/load.ts';
import { externalIdOf } from './external-id.ts';
import { stampText } from './stamp.ts';

/** What a partner needs of the Odoo it goes to. */
export interface PartnerLookups {
  countryId(code: string): number | undefined;
  /** Odoo's code of an active language. */
  languageCode(language: string): string | undefined;
}

/** Columns of `load` that this sink writes on a partner; everything else on it belongs to the people in Odoo. */
export type PartnerColumn =
  | 'name'
  | 'email'
  | 'phone'
  | 'street'
  | 'street2'
  | 'city'
  | 'zip'
  | 'country_id/.id'
  | 'vat'
  | 'is_company'
  | 'lang'
  | 'active';

/** A column that is left out stays as Odoo has it; an empty one clears the field. */
export type PartnerCells = Readonly<Partial<Record<PartnerColumn, string>>>;

const vatTypes = /(^|_)(vat|gst|tin|rut|cuit|cnpj|abn)$/;

/**
 * A customer as a partner. Without a name it is called by how its source names it: Odoo refuses one without. The
 * language only if it is active in Odoo. A deleted customer is archived; nobody is ever taken out of the archive, for
 * people archive partners, too.
 */
export function partnerCells(customer: CustomerState, lookups: PartnerLookups): PartnerCells {
  const { address, emails, tax_ids: taxIds } = customer;
  const countryId = lookups.countryId((customer.country ?? address?.country ?? '').toUpperCase());
  const language = customer.language === null ? undefined : lookups.languageCode(customer.language);
  return {
    name: nameOf(customer),
    email: emails[0] ?? '',
    phone: customer.phone ?? '',
    street: address?.line1 ?? '',
    street2: address?.line2 ?? '',
    city: address?.city ?? '',
    zip: address?.postal_code ?? '',
    'country_id/.id': countryId === undefined ? '' : String(countryId),
    vat: taxIds.find(({ type }) => vatTypes.test(type))?.value ?? '',
    is_company: (customer.is_company ?? taxIds.length > 0) ? '1' : '0',
    ...(language === undefined ? {} : { lang: language }),
    ...(customer.deleted ? { active: '0' } : {}),
  };
}

function nameOf({ legal_name: name, emails, aliases, customer_id: id }: CustomerState): string {
  const alias = aliases[0] ?? id;
  return name?.trim() || emails[0] || alias.slice(alias.lastIndexOf(':') + 1);
}

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
  'lang',
  'active',
];

type Text = string | false;

/** A partner as `search_read` gives it. */
export interface PartnerRow {
  readonly id: number;
  readonly ref: Text;
  readonly name: Text;
  readonly email: Text;
  readonly phone: Text;
  readonly street: Text;
  readonly street2: Text;
  readonly city: Text;
  readonly zip: Text;
  readonly country_id: readonly [number, string] | false;
  readonly vat: Text;
  readonly is_company: boolean;
  readonly lang: Text;
  readonly active: boolean;
}

const cellsOf = (row: PartnerRow): Required<PartnerCells> => ({
  name: row.name || '',
  email: row.email || '',
  phone: row.phone || '',
  street: row.street || '',
  street2: row.street2 || '',
  city: row.city || '',
  zip: row.zip || '',
  'country_id/.id': row.country_id === false ? '' : String(row.country_id[0]),
  vat: row.vat || '',
  is_company: row.is_company ? '1' : '0',
  lang: row.lang || '',
  active: row.active ? '1' : '0',
});

/** Whether Odoo has all of it already: then no call is made. */
export function partnerHolds(row: PartnerRow, wanted: PartnerCells): boolean {
  const held = cellsOf(row);
  return (Object.keys(wanted) as PartnerColumn[]).every(column => wanted[column] === held[column]);
}

/** The row for `load`. */
export function partnerRecord(module: string, customer: CustomerState, cells: PartnerCells): LoadRecord {
  const { customer_id: customerId, version } = customer;
  const own = [externalIdOf(module, 'customer', customerId), stampText({ customerId, version })];
  return { columns: ['id', 'ref', ...Object.keys(cells)], rows: [[...own, ...Object.values(cells)]] };
}
