import type { Json } from '../company.ts';

export const currencyCode = (currency: string): string => currency.toLowerCase();

/** A list inside an object. Old versions count it. */
export const list = (url: string, data: readonly Json[], counted: boolean): Json => ({
  object: 'list',
  data,
  has_more: false,
  ...(counted ? { total_count: data.length } : {}),
  url,
});

export const address = (
  street: string,
  place: { city: string; country: string; postalCode: string; state: string | null },
): Json => ({
  city: place.city,
  country: place.country,
  line1: street,
  line2: null,
  postal_code: place.postalCode,
  state: place.state,
});

/** A decimal as the provider writes it: text. */
export const decimal = (amount: number): string => String(amount);
