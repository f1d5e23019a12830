import type { Currency } from './money.ts';

export type Interval = 'month' | 'year';
export type PlanName = 'Free' | 'Starter' | 'Team' | 'Business' | 'Enterprise';
/** Sold beside the plans: two one-off things, and usage that is billed in arrears. */
export type ExtraName = 'Onboarding workshop' | 'Premium support (12 months)' | 'Metered API calls';

export const PLANS: readonly PlanName[] = ['Free', 'Starter', 'Team', 'Business', 'Enterprise'];
export const EXTRAS: readonly ExtraName[] = [
  'Onboarding workshop',
  'Premium support (12 months)',
  'Metered API calls',
];

/** Monthly list price a seat, in minor units. A year costs ten months. */
const MONTHLY: Record<Currency, Record<PlanName, number>> = {
  USD: { Free: 0, Starter: 1900, Team: 7900, Business: 29_000, Enterprise: 125_000 },
  EUR: { Free: 0, Starter: 1800, Team: 7500, Business: 27_000, Enterprise: 115_000 },
  GBP: { Free: 0, Starter: 1700, Team: 6900, Business: 24_900, Enterprise: 109_000 },
  JPY: { Free: 0, Starter: 2900, Team: 11_800, Business: 43_000, Enterprise: 185_000 },
  KWD: { Free: 0, Starter: 6000, Team: 24_500, Business: 89_000, Enterprise: 380_000 },
};

const EXTRA_PRICES: Record<Currency, Record<ExtraName, number>> = {
  USD: { 'Onboarding workshop': 49_900, 'Premium support (12 months)': 120_000, 'Metered API calls': 12 },
  EUR: { 'Onboarding workshop': 45_000, 'Premium support (12 months)': 108_000, 'Metered API calls': 11 },
  GBP: { 'Onboarding workshop': 39_900, 'Premium support (12 months)': 96_000, 'Metered API calls': 9 },
  JPY: { 'Onboarding workshop': 75_000, 'Premium support (12 months)': 180_000, 'Metered API calls': 18 },
  KWD: { 'Onboarding workshop': 150_000, 'Premium support (12 months)': 360_000, 'Metered API calls': 40 },
};

export type Product = { id: string; created: number; name: string; description: string };

export type Price = {
  id: string;
  created: number;
  product: Product;
  currency: Currency;
  unitAmountMinor: number;
  /** Null for what is sold once. */
  interval: Interval | null;
};

export function listPriceMinor(
  name: PlanName | ExtraName,
  currency: Currency,
  interval: Interval | null,
): number {
  if (isPlan(name)) return MONTHLY[currency][name] * (interval === 'year' ? 10 : 1);
  return EXTRA_PRICES[currency][name];
}

export const isPlan = (name: PlanName | ExtraName): name is PlanName =>
  (PLANS as readonly string[]).includes(name);

/** What a price brings in per month, in minor units; not rounded. */
export const monthlyMinor = (price: Price, quantity: number): number =>
  price.interval === null ? 0 : (price.unitAmountMinor * quantity) / (price.interval === 'year' ? 12 : 1);
