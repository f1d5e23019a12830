import type { ExtraName, Interval, PlanName, Price, Product } from '../catalogue.ts';
import { EXTRAS, PLANS, listPriceMinor } from '../catalogue.ts';
import type { Company } from '../company.ts';
import { emitFor, priceKey } from '../company.ts';
import type { Market } from '../markets.ts';
import type { ApiEra } from '../model.ts';
import type { Currency, TaxRate } from '../money.ts';
import { priceShape, productShape } from '../shapes/catalogue.ts';
import { OPENING_S } from '../time.ts';

/** The price that a thing is sold at; told to the world when it is first needed. */
export function priceOf(
  company: Company,
  name: PlanName | ExtraName,
  currency: Currency,
  interval: Interval | null,
): Price {
  const key = priceKey(name, currency, interval);
  const known = company.prices.get(key);
  if (known !== undefined) return known;
  const product = productOf(company, name);
  const created = OPENING_S + 60 + company.prices.size;
  const random = company.random.fork(`price/${key}`);
  const price: Price = {
    id: `price_1${random.token(23)}`,
    created,
    product,
    currency,
    unitAmountMinor: listPriceMinor(name, currency, interval),
    interval,
  };
  company.prices.set(key, price);
  const era: ApiEra = random.chance(0.5) ? 'old' : 'current';
  emitFor(
    company,
    random,
    era,
    created,
    'catalogue_published',
    'price.created',
    priceShape(price, company.livemode),
    {
      needs: [product.id],
    },
  );
  return price;
}

function productOf(company: Company, name: PlanName | ExtraName): Product {
  const known = company.products.get(name);
  if (known !== undefined) return known;
  const created = OPENING_S + [...PLANS, ...EXTRAS].indexOf(name);
  const random = company.random.fork(`product/${name}`);
  const product: Product = { id: `prod_${random.token(14)}`, created, name, description: `Lantern ${name}` };
  company.products.set(name, product);
  company.actions.set('catalogue_published', (company.actions.get('catalogue_published') ?? 0) + 1);
  const era: ApiEra = random.chance(0.5) ? 'old' : 'current';
  emitFor(
    company,
    random,
    era,
    created,
    'catalogue_published',
    'product.created',
    productShape(product, company.livemode),
  );
  return product;
}

/** A rate a market and way of showing prices. At 0 % the reason says why. */
export function taxRateOf(company: Company, market: Market, inclusive: boolean, reverse: boolean): TaxRate {
  const key = `${market.country}/${inclusive ? 'inclusive' : 'exclusive'}/${reverse ? 'reverse' : 'due'}`;
  const known = company.taxRates.get(key);
  if (known !== undefined) return known;
  const rate: TaxRate = {
    id: `txr_1${company.random.fork(`tax/${key}`).token(23)}`,
    created: OPENING_S,
    country: market.country,
    state: market.state,
    displayName: market.taxName,
    milliPercent: reverse ? 0 : market.milliPercent,
    inclusive,
  };
  company.taxRates.set(key, rate);
  return rate;
}
