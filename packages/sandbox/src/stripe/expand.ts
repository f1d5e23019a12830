import type { Json } from '../world/company.ts';
import type { ApiEra } from '../world/model.ts';
import type { ObjectStore } from './object-store.ts';

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** `expand[]=x`: an id becomes its object; a list that is left out by default is put in. What is not known stays. */
export function expanded(object: Json, query: Query, store: ObjectStore, era: ApiEra): Json {
  const names = Object.entries(query)
    .filter(([key]) => /^expand\[\d*\]$/.test(key))
    .flatMap(([, value]) => value ?? []);
  return names.reduce((all, name) => ({ ...all, ...expansion(all, name, store, era) }), object);
}

function expansion(object: Json, name: string, store: ObjectStore, era: ApiEra): Json {
  const id = String(object.id);
  const list = (url: string, data: readonly Json[]): Json => ({
    [name]: { object: 'list', data, has_more: false, url },
  });
  switch (`${String(object.object)}.${name}`) {
    case 'customer.tax_ids':
      return list(`/v1/customers/${id}/tax_ids`, store.childrenOf(id, 'tax_id', era));
    case 'charge.refunds':
      return list(`/v1/charges/${id}/refunds`, store.childrenOf(id, 'refund', era).toSorted(latestFirst));
    case 'invoice.payments':
      return list('/v1/invoice_payments', store.invoicePaymentsOf({ invoice: id }));
    default: {
      const value = object[name];
      const found = typeof value === 'string' ? store.find(value, era) : null;
      return found === null ? {} : { [name]: found };
    }
  }
}

const latestFirst = (a: Json, b: Json): number => Number(b.created) - Number(a.created);
