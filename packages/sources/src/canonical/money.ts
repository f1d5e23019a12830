import { currencyExponent } from '@keelson/contracts';
import type { Fault } from './envelope.ts';

/** What a schema cannot say: which currencies there are, and how many digits each has. */
export function moneyFaults(value: unknown, path: string): readonly Fault[] {
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Readonly<Record<string, unknown>>;
  const inner = Object.entries(fields).flatMap(([key, field]) => moneyFaults(field, `${path}/${key}`));
  const { currency, exponent } = fields;
  if (!('amount_minor' in fields) || typeof currency !== 'string') return inner;
  const digits = currencyExponent(currency);
  if (digits === undefined)
    return [...inner, { path: `${path}/currency`, message: 'not a currency of ISO 4217' }];
  return digits === exponent ? inner : [...inner, { path: `${path}/exponent`, message: `not ${digits}` }];
}
