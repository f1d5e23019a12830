import type { Money } from './generated/records.ts';

/** Minor digits by ISO 4217 where they are not two. */
const exponents: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
};

const twoDigits = new Set(
  (
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK ' +
    'DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK ' +
    'LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON ' +
    'RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST ' +
    'XCD XCG YER ZAR ZMW ZWG'
  ).split(' '),
);

/** Minor digits of an ISO 4217 currency (upper case), or undefined for one that does not exist. */
export function currencyExponent(currency: string): number | undefined {
  return exponents[currency] ?? (twoDigits.has(currency) ? 2 : undefined);
}

/** Minor units of an ISO 4217 currency. Throws RangeError on an unknown one. */
export function money(amountMinor: bigint, currency: string): Money {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) throw new RangeError(`unknown currency ${currency}`);
  return { amount_minor: amountMinor, currency, exponent };
}

export const zero = (currency: string): Money => money(0n, currency);

/** Throws RangeError when the currencies differ: amounts of two currencies have no sum. */
export function add(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new RangeError(`${a.currency} and ${b.currency} have no sum`);
  return { ...a, amount_minor: a.amount_minor + b.amount_minor };
}

export const negate = (a: Money): Money => ({ ...a, amount_minor: -a.amount_minor });
export const subtract = (a: Money, b: Money): Money => add(a, negate(b));
export const sum = (currency: string, amounts: readonly Money[]): Money =>
  amounts.reduce(add, zero(currency));

/** Decimal text in major units, for example 12.50, −3 or 0.005. */
export function toDecimal({ amount_minor, exponent }: Money): string {
  const digits = (amount_minor < 0n ? -amount_minor : amount_minor).toString().padStart(exponent + 1, '0');
  const sign = amount_minor < 0n ? '-' : '';
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
