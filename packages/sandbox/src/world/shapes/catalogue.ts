import type { Price, Product } from '../catalogue.ts';
import type { Json, Render } from '../company.ts';
import type { ApiEra } from '../model.ts';
import type { TaxRate } from '../money.ts';
import { currencyCode, decimal } from './common.ts';

export const productShape =
  (product: Product, livemode: boolean): Render =>
  era => ({
    id: product.id,
    object: 'product',
    active: true,
    ...(era === 'old' ? { attributes: [] } : { default_price: null, tax_code: null, tax_details: null }),
    created: product.created,
    description: product.description,
    images: [],
    livemode,
    marketing_features: [],
    metadata: {},
    name: product.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    type: 'service',
    unit_label: null,
    updated: product.created,
    url: null,
  });

export const priceShape =
  (price: Price, livemode: boolean): Render =>
  era => ({
    id: price.id,
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: price.created,
    currency: currencyCode(price.currency),
    ...(era === 'old' ? {} : { custom_unit_amount: null }),
    livemode,
    lookup_key: null,
    metadata: {},
    nickname: price.product.name,
    product: price.product.id,
    recurring: price.interval === null ? null : recurring(price, era),
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: price.interval === null ? 'one_time' : 'recurring',
    unit_amount: price.unitAmountMinor,
    unit_amount_decimal: decimal(price.unitAmountMinor),
  });

const recurring = (price: Price, era: ApiEra): Json => ({
  ...(era === 'old' ? { aggregate_usage: null } : { meter: null }),
  interval: price.interval,
  interval_count: 1,
  trial_period_days: null,
  usage_type: 'licensed',
});

/** The plan that a recurring price was before there were prices; still sent beside it. */
export const planShape = (price: Price, era: ApiEra, livemode: boolean): Json => ({
  id: price.id,
  object: 'plan',
  active: true,
  ...(era === 'old' ? { aggregate_usage: null } : { meter: null }),
  amount: price.unitAmountMinor,
  amount_decimal: decimal(price.unitAmountMinor),
  billing_scheme: 'per_unit',
  created: price.created,
  currency: currencyCode(price.currency),
  interval: price.interval,
  interval_count: 1,
  livemode,
  metadata: {},
  nickname: price.product.name,
  product: price.product.id,
  ...(era === 'old' ? { tiers: null } : {}),
  tiers_mode: null,
  transform_usage: null,
  trial_period_days: null,
  usage_type: 'licensed',
});

export const taxRateShape = (rate: TaxRate, era: ApiEra, livemode: boolean): Json => ({
  id: rate.id,
  object: 'tax_rate',
  active: true,
  country: rate.country,
  created: rate.created,
  description: null,
  display_name: rate.displayName,
  ...(era === 'old' ? {} : { effective_percentage: null, flat_amount: null }),
  inclusive: rate.inclusive,
  jurisdiction: rate.state ?? rate.country,
  ...(era === 'old' ? {} : { jurisdiction_level: null }),
  livemode,
  metadata: {},
  percentage: rate.milliPercent / 1000,
  ...(era === 'old' ? {} : { rate_type: 'percentage' }),
  state: rate.state,
  tax_type: rate.state === null ? 'vat' : 'sales_tax',
});
