/** Amounts are whole minor units of their currency (safe integers), as on the provider's wire. */
export const CURRENCIES = ['USD', 'EUR', 'JPY', 'KWD', 'GBP'] as const;
export type Currency = (typeof CURRENCIES)[number];

const EXPONENTS: Record<Currency, number> = { USD: 2, EUR: 2, JPY: 0, KWD: 3, GBP: 2 };
/** The provider wants three-decimal amounts to end in 0. */
const STEPS: Record<Currency, number> = { USD: 1, EUR: 1, JPY: 1, KWD: 10, GBP: 1 };
/** What the provider keeps of a payment: parts per thousand, and a fixed part in minor units. */
const FEES: Record<Currency, { perMille: number; fixedMinor: number }> = {
  USD: { perMille: 29, fixedMinor: 30 },
  EUR: { perMille: 15, fixedMinor: 25 },
  JPY: { perMille: 36, fixedMinor: 0 },
  KWD: { perMille: 25, fixedMinor: 150 },
  GBP: { perMille: 15, fixedMinor: 20 },
};
const DISPUTE_FEES: Record<Currency, number> = { USD: 1500, EUR: 2000, JPY: 1500, KWD: 5000, GBP: 2000 };

export const exponentOf = (currency: Currency): number => EXPONENTS[currency];

/** Rounds half away from zero to what the currency allows, so that a credit mirrors its charge. */
export function roundMinor(currency: Currency, amount: number): number {
  const step = STEPS[currency];
  const rounded = Math.round(Math.abs(amount) / step) * step;
  return amount < 0 && rounded !== 0 ? -rounded : rounded;
}

export const feeOf = (currency: Currency, amountMinor: number): number =>
  roundMinor(currency, (amountMinor * FEES[currency].perMille) / 1000) + FEES[currency].fixedMinor;

export const disputeFeeOf = (currency: Currency): number => DISPUTE_FEES[currency];

/** Seldom is a country's rate a whole number: kept in thousandths of a percent. */
export type TaxRate = {
  id: string;
  created: number;
  country: string;
  state: string | null;
  displayName: string;
  milliPercent: number;
  inclusive: boolean;
};

/** What of a line's listed amount is the seller's, and what is tax. */
export function splitTax(
  currency: Currency,
  amountMinor: number,
  rate: TaxRate | null,
): { netMinor: number; taxMinor: number } {
  if (rate === null) return { netMinor: amountMinor, taxMinor: 0 };
  if (rate.inclusive) {
    const taxMinor = roundMinor(currency, (amountMinor * rate.milliPercent) / (100_000 + rate.milliPercent));
    return { netMinor: amountMinor - taxMinor, taxMinor };
  }
  return {
    netMinor: amountMinor,
    taxMinor: roundMinor(currency, (amountMinor * rate.milliPercent) / 100_000),
  };
}
