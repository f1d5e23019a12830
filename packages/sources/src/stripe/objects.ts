import { mapInvoicePayment } from './allocation.ts';
import type { Fields } from './fields.ts';
import { mapCustomer, mapTaxId } from './map-customer.ts';
import { mapInvoice } from './map-invoice.ts';
import type { Telling } from './telling.ts';
import { filtered } from './yielded.ts';
import type { Yielded } from './yielded.ts';

type ObjectMapper = (telling: Telling, object: Fields) => Yielded;

/** By the object's own type: whichever event tells of it, its state is what counts. */
const mappers = new Map<string, ObjectMapper>([
  ['customer', mapCustomer],
  ['tax_id', mapTaxId],
  ['invoice', mapInvoice],
  ['invoice_payment', mapInvoicePayment],
]);

/** Events of known objects that nobody needs, by the beginning of their type; the first that fits. */
const filters: readonly (readonly [prefix: string, rule: string])[] = [
  ['invoice.upcoming', 'no-document-yet'],
  ['invoice.deleted', 'draft-invoice'],
];

/** Total: what no mapping knows is filtered as `unsupported-type`. */
export function mapperOf(eventType: string | null, objectType: string): ObjectMapper {
  const filter = eventType === null ? undefined : filters.find(([prefix]) => eventType.startsWith(prefix));
  if (filter !== undefined) return () => filtered(filter[1]);
  return mappers.get(objectType) ?? (() => filtered('unsupported-type'));
}
