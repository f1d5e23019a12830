import { describe, expect, test } from '@jest/globals';
import { toDecimal } from '@keelson/contracts';
import { requiredMoney, unitAmountOf } from './currency.ts';

describe('Stripe’s minor units', () => {
  test.each([
    ['usd', 1234, '12.34'],
    ['jpy', 1234, '1234'],
    ['krw', 500, '500'],
    ['isk', 50_000, '500'],
    ['ugx', 123_400, '1234'],
    ['kwd', 1230, '1.230'],
    ['clp', 990, '990'],
    ['huf', 12_300, '123.00'],
    ['mga', 5, '5.00'],
    ['usd', -5, '-0.05'],
  ])('%s %d is %s', (currency, amount, decimal) => {
    expect(toDecimal(requiredMoney({ amount, currency }, 'amount'))).toBe(decimal);
  });

  test('what ISO 4217 cannot hold is refused', () => {
    expect(() => requiredMoney({ amount: 50_001, currency: 'isk' }, 'amount')).toThrow('no fractions');
    expect(() => requiredMoney({ amount: 1, currency: 'xxx' }, 'amount')).toThrow('unknown currency');
  });

  test.each([
    ['eur', '0.005', '0.005'],
    ['eur', '4900', '4900'],
    ['isk', '50000', '500'],
    ['isk', '12345.5', '123.455'],
    ['isk', '5', '0.05'],
    ['mga', '5.25', '525'],
    ['eur', '-12.50', '-12.5'],
  ])('unit price %s %s is %s minor units', (currency, decimal, expected) => {
    expect(unitAmountOf({ currency, unit_amount_decimal: decimal })).toBe(expected);
  });

  test('a price without one unit price (tiers) has none', () => {
    expect(unitAmountOf({ currency: 'eur', unit_amount: null, unit_amount_decimal: null })).toBeNull();
  });
});
