import { currencyCode, unitAmountOf } from './currency.ts';
import type { Fields } from './fields.ts';
import { flag, idOf, optionalObject, optionalText, requiredId } from './fields.ts';
import { intervalOf } from './recurring.ts';
import { documentId, snapshotFact } from './telling.ts';
import type { Telling } from './telling.ts';
import { filtered } from './yielded.ts';
import type { Yielded } from './yielded.ts';

const isDeleted = (telling: Telling, object: Fields): boolean =>
  telling.eventType?.endsWith('.deleted') === true || flag(object, 'deleted');

const rankOf = (telling: Telling, deleted: boolean): number =>
  deleted ? 100 : telling.eventType?.endsWith('.created') === true ? 0 : 1;

export function mapProduct(telling: Telling, product: Fields): Yielded {
  const id = requiredId(product);
  const deleted = isDeleted(telling, product);
  const fact = snapshotFact(telling, {
    type: 'catalog.product_upserted',
    object: product,
    rank: rankOf(telling, deleted),
    documentId: documentId(telling, 'product', id),
    body: {
      'keelson.fact.Product': {
        product_id: documentId(telling, 'product', id),
        product_ref: id,
        name: optionalText(product, 'name') ?? id,
        active: !deleted && flag(product, 'active'),
        deleted,
      },
    },
  });
  return { facts: [fact] };
}

export function mapPrice(telling: Telling, price: Fields): Yielded {
  const id = requiredId(price);
  const deleted = isDeleted(telling, price);
  // The answer to a fetch of a price that is gone names nothing but its id.
  if (deleted && price['currency'] === undefined) return filtered('not-found-at-source');
  const recurring = optionalObject(price, 'recurring');
  const fact = snapshotFact(telling, {
    type: 'catalog.price_upserted',
    object: price,
    rank: rankOf(telling, deleted),
    documentId: documentId(telling, 'price', id),
    body: {
      'keelson.fact.Price': {
        price_id: documentId(telling, 'price', id),
        price_ref: id,
        product_ref: idOf(price['product']),
        nickname: optionalText(price, 'nickname'),
        active: !deleted && flag(price, 'active'),
        currency: currencyCode(price),
        unit_amount: unitAmountOf(price),
        ...intervalOf(recurring ?? {}),
        deleted,
      },
    },
  });
  return { facts: [fact] };
}
