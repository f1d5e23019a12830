import type { FactContractItem } from '@keelson/contracts';
import { currencyCode, unitAmountOf } from './currency.ts';
import type { Fields } from './fields.ts';
import {
  idOf,
  objects,
  optionalInstant,
  optionalObject,
  optionalText,
  requiredId,
  violated,
} from './fields.ts';
import { quantityOf } from './invoice-line.ts';
import { intervalOf } from './recurring.ts';

/** An item with the price (or, before there were prices, plan) that it came with. */
export interface PricedItem {
  readonly item: FactContractItem;
  readonly price: Fields;
}

/** Periods sit on the items today; before, on the subscription. */
export const contractItems = (subscription: Fields): readonly PricedItem[] =>
  objects(subscription, 'items').map(item => pricedItem(subscription, item));

function pricedItem(subscription: Fields, item: Fields): PricedItem {
  const price = optionalObject(item, 'price') ?? optionalObject(item, 'plan');
  if (price === null) throw violated(item, 'price', 'an object');
  const product = idOf(price['product']);
  return {
    price,
    item: {
      item_id: requiredId(item),
      price_ref: idOf(price),
      product_ref: product,
      plan_name: optionalText(price, 'nickname') ?? optionalText(price, 'lookup_key') ?? product,
      quantity: quantityOf(item),
      unit_amount: unitAmountOf(price),
      currency: currencyCode(price),
      ...intervalOf(optionalObject(price, 'recurring') ?? price),
      period_start: periodOf(subscription, item, 'current_period_start'),
      period_end: periodOf(subscription, item, 'current_period_end'),
    },
  };
}

const periodOf = (subscription: Fields, item: Fields, key: string): number | null =>
  optionalInstant(item, key) ?? optionalInstant(subscription, key);

/** Billed by what was used: nothing of it recurs for certain. */
export const isMetered = (price: Fields): boolean =>
  (optionalObject(price, 'recurring') ?? price)['usage_type'] === 'metered';
