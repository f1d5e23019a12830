import { money } from '@keelson/contracts';
import type { FactContractStatus, Money } from '@keelson/contracts';
import type { PricedItem } from './contract-items.ts';

/**
 * Rule 1: monthly recurring revenue is the list price of all licensed items, unit price × quantity (in blocks where the
 * price sells blocks), brought to one month: a year is 12 months, a week 7/365 and a day 1/365 of a year. One rounding
 * at the end, half away from zero. Discounts, taxes and metered usage don't count. Only a contract that is active or
 * past due brings any: a trial, an unpaid start, a paused service and an ended contract bring nothing. Unknown (null)
 * where an item has no one unit price (tiers) or another currency.
 */
export const mrrRule = 1;

/** Months of an interval as a fraction. */
const months = new Map<string, readonly [bigint, bigint]>([
  ['month', [1n, 1n]],
  ['year', [12n, 1n]],
  ['week', [7n * 12n, 365n]],
  ['day', [12n, 365n]],
]);

export function mrrOf(
  status: FactContractStatus,
  currency: string,
  items: readonly PricedItem[],
): Money | null {
  if (status !== 'active' && status !== 'past_due') return money(0n, currency);
  let numerator = 0n;
  let denominator = 1n;
  for (const priced of items) {
    const monthly = monthlyOf(priced, currency);
    if (monthly === null) return null;
    numerator = numerator * monthly[1] + monthly[0] * denominator;
    denominator *= monthly[1];
  }
  return money(rounded(numerator, denominator), currency);
}

type Fraction = readonly [numerator: bigint, denominator: bigint];

function monthlyOf({ item, price }: PricedItem, currency: string): Fraction | null {
  const length = months.get(item.interval ?? '');
  if (item.unit_amount === null || item.currency !== currency || length === undefined) return null;
  if (item.interval_count < 1) return null;
  const [amount, scale] = fractionOf(item.unit_amount);
  const [quantity, quantityScale] = blocksOf(fractionOf(item.quantity), price['transform_quantity']);
  return [amount * quantity * length[1], scale * quantityScale * length[0] * BigInt(item.interval_count)];
}

function fractionOf(decimal: string): Fraction {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return [BigInt(whole + fraction), 10n ** BigInt(fraction.length)];
}

/** `transform_quantity`: sold in blocks of `divide_by`, begun ones counted or not. */
function blocksOf([quantity, scale]: Fraction, transform: unknown): Fraction {
  const { divide_by: size, round } = (transform ?? {}) as { divide_by?: unknown; round?: unknown };
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1) return [quantity, scale];
  const divisor = BigInt(size) * scale;
  const begun = round === 'up' && quantity % divisor !== 0n ? 1n : 0n;
  return [quantity / divisor + begun, 1n];
}

function rounded(numerator: bigint, denominator: bigint): bigint {
  const absolute = numerator < 0n ? -numerator : numerator;
  const result = (2n * absolute + denominator) / (2n * denominator);
  return numerator < 0n ? -result : result;
}
