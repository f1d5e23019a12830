import { currencyExponent, invalidEvent, money } from '@keelson/contracts';
import type { Money } from '@keelson/contracts';
import type { Fields } from './fields.ts';
import { optionalInteger, requiredInteger, violated } from './fields.ts';

/**
 * Minor digits in which Stripe counts a currency, where they differ from ISO 4217's: ISK and UGX have none but are sent
 * as hundredths with `00`; MGA has two but is sent whole.
 */
const sentDigits: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

interface Currency {
  readonly code: string;
  /** Power of ten from Stripe's minor unit to ISO 4217's. */
  readonly shift: number;
}

/** By what the source calls them; only those that exist. */
const currencies = new Map<string, Currency>();

function currencyOf(fields: Fields, key: string): Currency {
  const value = fields[key];
  if (typeof value !== 'string') throw violated(fields, key, 'a currency');
  const known = currencies.get(value);
  if (known !== undefined) return known;
  const code = value.toUpperCase();
  const digits = /^[A-Z]{3}$/.test(code) ? currencyExponent(code) : undefined;
  if (digits === undefined) throw invalidEvent('unknown_currency', `unknown currency ${value.slice(0, 8)}`);
  const currency = { code, shift: digits - (sentDigits[code] ?? digits) };
  currencies.set(value, currency);
  return currency;
}

/** ISO 4217 code of the object's currency. Throws invalidEvent on an unknown one. */
export const currencyCode = (fields: Fields, key = 'currency'): string => currencyOf(fields, key).code;

/** An amount of Stripe's in ISO 4217 minor units; `holder` names the currency. */
export function moneyOf(holder: Fields, amount: bigint): Money {
  const { code, shift } = currencyOf(holder, 'currency');
  if (shift >= 0) return money(amount * 10n ** BigInt(shift), code);
  const divisor = 10n ** BigInt(-shift);
  if (amount % divisor !== 0n) {
    throw invalidEvent('amount_not_representable', `${code} has no fractions, but the amount has`);
  }
  return money(amount / divisor, code);
}

export const requiredMoney = (fields: Fields, key: string, holder: Fields = fields): Money =>
  moneyOf(holder, requiredInteger(fields, key));

export function optionalMoney(fields: Fields, key: string, holder: Fields = fields): Money | null {
  const amount = optionalInteger(fields, key);
  return amount === null ? null : moneyOf(holder, amount);
}

/** A unit price as a decimal in ISO 4217 minor units; may be fractional. Null where the source has none (tiers). */
export function unitAmountOf(price: Fields): string | null {
  const { shift } = currencyOf(price, 'currency');
  const decimal = price['unit_amount_decimal'] ?? price['amount_decimal'];
  const whole = price['unit_amount'] ?? price['amount'];
  const text = typeof decimal === 'string' ? decimal : typeof whole === 'number' ? String(whole) : null;
  if (text === null) return null;
  if (!/^-?\d{1,18}(\.\d{1,12})?$/.test(text)) throw violated(price, 'unit_amount_decimal', 'a decimal');
  return shiftDecimal(text, shift);
}

/** Multiplies decimal text by a power of ten. */
function shiftDecimal(text: string, power: number): string {
  const sign = text.startsWith('-') ? '-' : '';
  const [whole = '0', fraction = ''] = text.slice(sign.length).split('.');
  const digits = whole + fraction.padEnd(Math.max(power, 0), '0');
  const point = whole.length + power;
  const padded = digits.padStart(digits.length + Math.max(0, 1 - point), '0');
  const at = Math.max(point, 1);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  return sign + left + (right === '' ? '' : `.${right}`);
}
